"""Checking in, and bookings that nobody comes for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.core.arriving import check_in
from labbook.core.facts import Effect
from labbook.core.interval import Interval
from labbook.core.lifecycle import NotPossibleError
from labbook.core.limits.experience import Experience
from labbook.core.limits.limit import Who
from labbook.core.limits.no_show import NoShow
from labbook.db import db
from labbook.models import Booking, Event, Hold, Letter
from tests.bookings.ruling import rule
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

START = NOW + timedelta(hours=1)  # 10:00 in Tsukuba
TIME = Interval(START, START + timedelta(hours=4))


def booking() -> Booking:
    """The one booking there is."""
    db.session.remove()
    return db.session.scalars(select(Booking)).one()


def book(app: Flask) -> Visitor:
    """Alan books from ten to two."""
    alan = Visitor(app, "alan")
    assert alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T14:00").status_code == 303
    return alan


def minutes(count: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("limits", "opens", "closes", "counts"),
    [
        ([NoShow()], -15, 30, True),
        ([NoShow(grace=15, early=60, counts=False)], -60, 15, False),
        ([NoShow(early=0)], 0, 30, True),
        ([NoShow(grace=45, early=5, counts=False), NoShow(grace=20, early=30)], -5, 20, True),
        ([NoShow(grace=240)], -15, 240, True),
        ([NoShow(grace=600)], -15, 240, True),  # it ends before
    ],
)
def test_of_several_check_ins_the_strictest_counts(limits: list[NoShow], opens: int, closes: int, counts: bool) -> None:
    found = check_in(limits, TIME)
    assert found is not None
    assert (found.opens, found.closes, found.counts) == (minutes(opens), minutes(closes), counts)


def test_without_a_rule_nobody_checks_in() -> None:
    assert check_in([], TIME) is None


@on_sqlite
@pytest.mark.parametrize(
    ("at", "status", "said"),
    [
        (-16, 409, "Check-in opens at Mon 23 Nov 2026, 09:45 JST."),
        (-15, 303, ""),
        (0, 303, ""),
        (29, 303, ""),
        (30, 409, "Check-in closed at Mon 23 Nov 2026, 10:30 JST."),
    ],
)
def test_one_checks_in_from_before_the_start_until_the_grace_is_over(
    app: Flask, lab: Cast, clock: Clock, at: int, status: int, said: str
) -> None:
    rule("tsukuba-plain", NoShow())
    alan = book(app)
    clock.now = minutes(at)
    answer = alan.post(f"/bookings/{booking().key}/check-in", version="1")
    assert answer.status_code == status
    assert said in answer.text
    assert booking().checked_in_at == (clock.now if status == 303 else None)


@on_sqlite
def test_checking_in_twice_is_once_and_keeps_the_time(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", NoShow())
    alan = book(app)
    assert "Check in from Mon 23 Nov 2026, 09:45 JST until 10:30 JST" in alan.get("/bookings").text
    clock.now = minutes(-5)
    page = alan.get("/bookings")
    clock.now = minutes(5)
    service.tick(now=clock.now)  # it has begun meanwhile, which makes the page no older
    assert [alan.submit(page, "/check-in").status_code for _ in range(3)] == [303, 303, 303]
    db.session.remove()
    assert len(db.session.scalars(select(Event).where(Event.code == "booking-checked-in")).all()) == 1
    service.tick(now=minutes(31))
    assert str(booking().state) == "running"
    assert "Checked in at Mon 23 Nov 2026, 10:05 JST." in alan.get("/bookings").text


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("hana", 403), ("cora", 303), ("sora", 303), ("sam", 404), ("ben", 404), ("ada", 403), (None, 303)],
)
def test_who_may_check_in(app: Flask, lab: Cast, clock: Clock, name: str | None, status: int) -> None:
    rule("tsukuba-plain", NoShow())
    book(app)
    clock.now, key = minutes(0), booking().key
    visitor = Visitor(app, name)
    assert visitor.post(f"/bookings/{key}/check-in", version="1").status_code == status
    assert (booking().checked_in_at is not None) is (status == 303 and name is not None)
    assert visitor.get(f"/bookings/{key}/check-in").status_code == 405


@on_sqlite
def test_without_a_rule_there_is_nothing_to_check_in_for(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = book(app)
    clock.now = minutes(1)
    answer = alan.post(f"/bookings/{booking().key}/check-in", version="1")
    assert answer.status_code == 409
    assert "This booking needs no check-in." in answer.text
    service.tick(now=minutes(60))
    assert str(booking().state) == "running"


@pytest.mark.parametrize("counts", [True, False])
def test_what_nobody_comes_for_is_freed(app: Flask, lab: Cast, clock: Clock, counts: bool) -> None:
    rule("tsukuba-plain", NoShow(counts=counts))
    alan = book(app)
    service.tick(now=minutes(29))
    assert str(booking().state) == "running"
    service.tick(now=minutes(30))
    found = booking()
    assert (str(found.state), found.used_until, found.counts_anyway) == ("released", minutes(30), counts)
    assert db.session.scalar(select(Hold.ends_at)) == minutes(45)  # with its clean-down
    clock.now = minutes(40)
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T11:00", "2026-11-23T12:00").status_code == 303
    letters = db.session.scalars(select(Letter).where(Letter.kind == "no-show")).all()
    assert [one.address for one in letters] == ["alan@lab.example"]
    page = alan.get(f"/requests/{letters[0].values['path'].rpartition('/')[2]}").text
    assert "Not used: the rest of the time was freed" in page
    assert ("but all of it counts as used" in page) is counts
    assert ("All of its time counts as used." in page) is counts
    assert ("It counts as used until" in page) is not counts
    service.tick(now=minutes(60))
    assert db.session.scalar(select(func.count(Event.id)).where(Event.code == "booking-no-show")) == 1


@on_sqlite
def test_after_an_hour_without_a_worker_it_is_right_again(app: Flask, lab: Cast) -> None:
    rule("tsukuba-plain", NoShow())
    book(app)
    service.tick(now=minutes(60))
    assert (str(booking().state), booking().used_until) == ("released", minutes(60))


@on_sqlite
def test_what_has_ended_meanwhile_has_ended(app: Flask, lab: Cast) -> None:
    rule("tsukuba-plain", NoShow())
    book(app)
    service.tick(now=minutes(240))
    assert str(booking().state) == "finished"


@on_sqlite
@pytest.mark.parametrize(("made", "state"), [(0, "released"), (1, "running")])
def test_what_had_begun_before_the_rule_is_left_alone(app: Flask, lab: Cast, made: int, state: str) -> None:
    book(app)
    rule("tsukuba-plain", NoShow(), made_at=minutes(made))
    service.tick(now=minutes(90))
    assert str(booking().state) == state


@on_sqlite
@pytest.mark.parametrize(("who", "state"), [(Who.SCIENTISTS, "released"), (Who.COORDINATORS, "running")])
def test_a_rule_for_others_frees_nothing(app: Flask, lab: Cast, who: Who, state: str) -> None:
    rule("tsukuba-plain", NoShow(who=who))
    book(app)
    service.tick(now=minutes(90))
    assert str(booking().state) == state


@on_sqlite
def test_in_the_week_of_the_clock_change_cambridge_counts_real_minutes(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("cambridge-scope", NoShow(grace=30, early=60))
    alan = Visitor(app, "alan")
    assert alan.book("cambridge-scope", "2027-03-14T03:00", "2027-03-14T09:00").status_code == 303
    start = datetime(2027, 3, 14, 7, 0, tzinfo=UTC)
    clock.now = start - timedelta(minutes=30)
    said = "Check in from Sun 14 Mar 2027, 01:00 EST until Sun 14 Mar 2027, 03:30 EDT"
    assert said in Visitor(app, "alan").get("/bookings").text
    service.tick(now=start + timedelta(minutes=29))
    assert str(booking().state) == "running"
    service.tick(now=start + timedelta(minutes=30))
    assert str(booking().state) == "released"


def test_of_checking_in_and_being_freed_at_one_moment_exactly_one_happens(app: Flask, lab: Cast) -> None:
    rule("tsukuba-plain", NoShow())
    book(app)
    service.tick(now=minutes(29))
    found, won, both = booking(), [], Barrier(2)
    actor = lab.actor("alan")
    db.session.remove()

    def arrive() -> None:
        with app.app_context():
            both.wait()
            try:
                service.check_in(actor, found.key, version=found.version, now=minutes(29.9))
                won.append("arrived")
            except NotPossibleError:
                pass
            db.session.remove()

    def free() -> None:
        with app.app_context():
            both.wait()
            if service.tick(now=minutes(30)):
                won.append("freed")
            db.session.remove()

    threads = [Thread(target=arrive), Thread(target=free)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1
    assert str(booking().state) == ("running" if won == ["arrived"] else "released")
    assert (booking().checked_in_at is not None) is (won == ["arrived"])


@pytest.mark.parametrize("comes", [True, False])
def test_only_what_somebody_came_for_is_experience(app: Flask, lab: Cast, clock: Clock, comes: bool) -> None:
    rule("tsukuba-plain", NoShow())
    alan = book(app)
    clock.now = minutes(0)
    service.tick(now=minutes(0))
    if comes:
        assert alan.submit(alan.get("/bookings"), "/check-in").status_code == 303
    service.tick(now=minutes(30))
    service.tick(now=minutes(240))
    assert str(booking().state) == ("finished" if comes else "released")
    rule("tsukuba-plain", Experience(least=20, effect=Effect.REFUSE))
    clock.now = minutes(300)
    answer = Visitor(app, "alan").book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T11:00")
    assert answer.status_code == (303 if comes else 409)
