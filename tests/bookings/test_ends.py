"""Another end for a booking: later as far as nothing stands in the way, or earlier; of one that runs as well."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.core.lifecycle import State
from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.db import db
from labbook.models import Booking, Event
from tests.bookings.ruling import rule
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


def booking() -> Booking:
    """The first there is."""
    db.session.remove()
    return db.session.scalars(select(Booking).order_by(Booking.id)).first() or pytest.fail("no booking")


def end_at(visitor: Visitor, clock: str, **changes: str) -> int:
    """By the form; the status of the answer."""
    form = visitor.get(f"/bookings/{booking().key}/end")
    return visitor.submit(form, "/end", end_at=clock, **changes).status_code


def running(app: Flask, clock: Clock) -> Visitor:
    """alan's booking runs since an hour, until 14:00."""
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T14:00")
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    return alan


@pytest.mark.parametrize(("at", "code"), [("12:00", "booking-extend"), ("10:30", "booking-shorten")])
def test_a_later_or_an_earlier_end(app: Flask, lab: Cast, at: str, code: str) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    assert end_at(alan, at) == 303
    assert (booking().wall_start, booking().wall_end, booking().sequence) == (WANTED[0], f"2026-11-24T{at}", 1)
    assert db.session.scalars(select(Event.code).order_by(Event.id.desc())).first() == code


@on_sqlite
def test_the_nearest_possible_ends_are_offered(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T12:30", "2026-11-24T13:00")
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    key = db.session.scalars(select(Booking.key).order_by(Booking.id.desc())).first()
    shown = alan.get(f"/bookings/{key}/end").text
    offered = [clock for clock in ("10:30", "11:30", "12:00", "12:30") if f"to=2026-11-24T{clock}" in shown]
    assert offered == ["10:30", "11:30", "12:00"]  # then the buffers of both touch
    assert "11:00" in shown
    filled = alan.get(f"/bookings/{key}/end?to=2026-11-24T11:30").text
    assert 'value="11:30"' in filled
    assert 'data-outcome="approved"' in filled


@on_sqlite
def test_an_end_that_somebody_else_has_is_refused(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T12:30", "2026-11-24T13:00")
    assert end_at(alan, "12:30") == 409
    assert end_at(alan, "10:00") == 422  # before it begins
    assert end_at(alan, "") == 422
    assert booking().wall_end == WANTED[1]


@on_sqlite
def test_whatever_is_sent_it_starts_as_it_did(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    assert end_at(alan, "12:00", start_on="2026-11-20", start_at="09:00") == 303
    assert booking().wall_start == WANTED[0]


def test_what_runs_is_extended_or_shortened_to_what_is_still_to_come(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = running(app, clock)
    assert end_at(alan, "15:00") == 303
    assert (booking().state, booking().wall_end) == (State.RUNNING, "2026-11-23T15:00")
    assert end_at(alan, "11:00") == 409  # that is now
    assert end_at(alan, "12:00") == 303
    assert (booking().state, booking().wall_end) == (State.RUNNING, "2026-11-23T12:00")
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T12:30", "2026-11-23T13:00").status_code == 303
    assert alan.get(f"/bookings/{booking().key}/move").status_code == 409  # only its end can still change


@on_sqlite
def test_staff_decide_on_more_time_for_what_runs(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    page = alan.book("tsukuba-asked", "2026-11-23T10:00", "2026-11-23T14:00").headers["Location"]
    sora.submit(sora.get(page), "/approve")
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    assert "if staff agree" in alan.get(f"/bookings/{booking().key}/end").text
    assert end_at(alan, "15:00") == 303
    assert booking().wall_end == "2026-11-23T14:00"
    assert sora.submit(sora.get(page), "/change/approve").status_code == 303
    assert (booking().state, booking().wall_end) == (State.RUNNING, "2026-11-23T15:00")


@on_sqlite
def test_more_time_that_nobody_granted_ends_with_the_booking(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    page = alan.book("tsukuba-asked", "2026-11-23T10:00", "2026-11-23T14:00").headers["Location"]
    sora.submit(sora.get(page), "/approve")
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    end_at(alan, "15:00")
    clock.now = NOW + timedelta(hours=5)
    service.tick(now=clock.now)
    assert (booking().state, booking().wall_end) == (State.FINISHED, "2026-11-23T14:00")
    assert Visitor(app, "ben").book("tsukuba-asked", "2026-11-23T14:30", "2026-11-23T15:00").status_code == 303


@on_sqlite
def test_after_the_deadline_time_is_given_back_and_none_is_taken(app: Flask, lab: Cast) -> None:
    rule("tsukuba-plain", Deadline(step=Step.CHANGE, hours=48, then=Consequence.REFUSED))
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    assert end_at(alan, "12:00") == 409
    assert end_at(alan, "10:30") == 303


@on_sqlite
def test_sent_twice_it_ends_once(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", *WANTED)
    form = alan.get(f"/bookings/{booking().key}/end")
    assert [alan.submit(form, "/end", end_at="12:00").status_code for _ in range(3)] == [303] * 3
    assert len(db.session.scalars(select(Event).where(Event.code == "booking-extend")).all()) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("hana", 403), ("cora", 200), ("sora", 200), ("sam", 404), ("ben", 404), ("dora", 404), ("ada", 403), (None, 303)],
)
def test_who_may_choose_another_end(app: Flask, lab: Cast, name: str | None, status: int) -> None:
    Visitor(app, "alan").book("tsukuba-plain", *WANTED)
    visitor, path = Visitor(app, name), f"/bookings/{booking().key}/end"
    assert visitor.get(path).status_code == status
    if status in (403, 404):
        assert visitor.post(path, version="1").status_code == status
        assert visitor.post(f"{path}/findings").status_code == status


@on_sqlite
def test_by_the_day_last_days_are_offered(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-bench", "2026-11-24T00:00", "2026-11-25T00:00").status_code == 303
    shown = alan.get(f"/bookings/{booking().key}/end").text
    offered = re.findall(r"to=2026-11-(\d\d)T00:00", shown)  # each is the midnight after a last day
    assert offered == ["25", "27", "28", "29", "30"]
    linked = alan.get(f"/bookings/{booking().key}/end?to=2026-11-30T00:00")
    assert alan.submit(linked, "/end").status_code == 303
    assert booking().wall_end == "2026-11-30T00:00"
