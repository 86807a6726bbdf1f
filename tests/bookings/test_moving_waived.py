"""A waiver stands for the time that it was given for: what is moved out of it is judged anew."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.core.facts import Waives
from labbook.core.lifecycle import State
from labbook.core.limits.length import Length
from labbook.db import db
from labbook.models import Booking, Event, Waiver
from tests.bookings.ruling import rule
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import Cast

WANTED = ("2026-11-24T10:00", "2026-11-24T14:00")


def booking() -> Booking:
    """The only one."""
    db.session.remove()
    return db.session.scalars(select(Booking)).one()


def ask(app: Flask) -> Visitor:
    """alan asks for four hours where two are allowed."""
    rule("tsukuba-plain", Length(longest=120))
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-plain", *WANTED, purpose="It cannot wait.", as_request="1").status_code == 303
    return alan


def approve(app: Flask, reason: str = "") -> int:
    """sora approves it, against rules with a reason."""
    request = booking().request
    return (
        Visitor(app, "sora").post(f"/requests/{request.key}/approve", version=request.version, waiver=reason)
    ).status_code


def waived(app: Flask) -> Visitor:
    """The same, and staff have waived the rule."""
    alan = ask(app)
    assert approve(app, "For the revision.") == 303
    return alan


def move(visitor: Visitor, start: str, end: str) -> TestResponse:
    """Move it on the 24th."""
    form = visitor.get(f"/bookings/{booking().key}/move")
    return visitor.submit(form, "/move", **times(f"2026-11-24T{start}", f"2026-11-24T{end}"))


def waivers() -> int:
    """How many are in force."""
    return db.session.scalar(select(func.count()).select_from(Waiver)) or 0


def test_out_of_its_time_a_waiver_counts_no_more(app: Flask, lab: Cast) -> None:
    alan = waived(app)
    before = booking()
    answer = move(alan, "14:00", "18:00")
    assert answer.status_code == 409
    assert "At most 2 h; this booking has 4 h of it." in answer.text
    after = booking()
    assert (after.state, after.starts_at, after.version) == (State.APPROVED, before.starts_at, before.version)
    assert waivers() == 1  # nothing was moved, so nothing is lost


def test_moved_to_what_the_rules_allow_it_needs_no_waiver(app: Flask, lab: Cast) -> None:
    alan = waived(app)
    assert move(alan, "15:00", "17:00").status_code == 303
    assert booking().state is State.APPROVED
    assert waivers() == 0
    assert "Waived: Length of a booking" in alan.get(f"/requests/{booking().request.key}").text  # history keeps it
    assert move(alan, "10:00", "14:00").status_code == 409  # back where it was, it would have to be asked for anew


@on_sqlite
def test_a_shorter_part_of_its_time_is_judged_by_the_length_alone(app: Flask, lab: Cast) -> None:
    alan = waived(app)
    assert move(alan, "10:00", "13:00").status_code == 409  # that it may last four hours is not that it may last three
    assert move(alan, "10:00", "12:00").status_code == 303
    assert waivers() == 0


def test_what_waits_as_an_exception_is_moved_as_one(app: Flask, lab: Cast) -> None:
    alan = ask(app)
    page = alan.get(f"/bookings/{booking().key}/move").text
    assert "Possible: staff will decide" in page
    assert move(alan, "13:00", "18:00").status_code == 303
    made = booking()
    assert made.state is State.WISHED
    assert [one["values"]["length"] for one in made.findings if one["effect"] == "refuse"] == [{"amount": "300 minute"}]
    assert approve(app) == 422  # without a reason
    assert approve(app, "For the revision.") == 303
    assert (booking().state, waivers()) == (State.APPROVED, 1)


@on_sqlite
def test_an_exception_is_not_moved_to_where_nobody_waives(app: Flask, lab: Cast) -> None:
    alan = ask(app)
    rule("tsukuba-plain", Length(longest=270, waives=Waives.NOBODY))
    assert move(alan, "13:00", "18:00").status_code == 409
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T15:00", "2026-11-24T16:00").status_code == 303
    found = db.session.scalars(select(Booking).where(Booking.state == State.WISHED)).one()
    form = alan.get(f"/bookings/{found.key}/move")
    taken = alan.submit(form, "/move", **times("2026-11-24T14:00", "2026-11-24T18:00"))
    assert taken.status_code == 409


@on_sqlite
def test_an_exception_moved_within_the_rules_waits_as_an_ordinary_wish(app: Flask, lab: Cast) -> None:
    alan = ask(app)
    assert move(alan, "15:00", "17:00").status_code == 303
    assert booking().state is State.WISHED
    assert "Exception" not in alan.get(f"/requests/{booking().request.key}").text
    assert move(alan, "10:00", "14:00").status_code == 409  # no exception any more
    assert approve(app) == 303
    assert db.session.scalar(select(func.count()).where(Event.code == "rule-waived")) == 0


def test_within_its_time_a_waiver_stays_and_elsewhere_it_does_not(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")  # it is booked for 8 h at most
    long = {"purpose": "It cannot wait.", "as_request": "1"}
    assert alan.book("tsukuba-plain", "2026-11-24T08:00", "2026-11-24T18:00", **long).status_code == 303
    assert approve(app, "For the revision.") == 303
    assert move(alan, "08:00", "17:00").status_code == 303  # nine hours of the ten that were allowed
    assert waivers() == 1
    assert move(alan, "09:00", "18:00").status_code == 409  # an hour that is not its own
    assert (booking().wall_end, waivers()) == ("2026-11-24T17:00", 1)
