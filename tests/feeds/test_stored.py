"""Texts are made once for each change, stored, and never shown when what they say is not so any more."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.core.feeds import Scope
from labbook.core.interval import Interval
from labbook.core.recurrence import Every, Repeat
from labbook.db import db
from labbook.feeds.service import answering, texts
from labbook.models import Booking
from tests.browsing import Visitor
from tests.cast import NOW, Cast, fresh_key
from tests.conftest import Clock
from tests.feeds.reading import fetched
from tests.feeds.test_following import fresh, subscribed, uids_of_series
from tests.statements import counted, unlike

START = datetime(2027, 2, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def booked(lab: Cast, number: int = 0, count: int = 1) -> None:
    """Hana's microscope, on one day or on several in a row."""
    start = START + number * DAY
    repeat = Repeat(Every.DAY, count=count) if count > 1 else None
    ask = Ask("cambridge-scope", start, start + timedelta(hours=1), lab.partners["aoba"], "Cells", repeat=repeat)
    service.request(lab.actor("hana"), ask, key=fresh_key(), now=NOW)
    db.session.remove()


def moved(lab: Cast, number: int, at: datetime, by: timedelta = timedelta(hours=2)) -> None:
    """One of them goes to a later hour."""
    db.session.remove()
    one = db.session.scalars(select(Booking).order_by(Booking.starts_at)).all()[number]
    wanted = Interval(one.starts_at + by, one.ends_at + by)
    service.move(lab.actor("hana", at), one.key, wanted, unit="", version=one.version, now=at)
    db.session.remove()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What texts are made meanwhile: of a booking or of a series."""
    found: list[str] = []
    for name in ("booking_text", "series_text"):
        make: Callable[..., Any] = getattr(texts, name)

        def noted(*args: Any, name: str = name, make: Callable[..., Any] = make) -> Any:
            found.append(name)
            return make(*args)

        monkeypatch.setattr(texts, name, noted)
    return found


@pytest.mark.parametrize("scope", [Scope.MINE, Scope.PARTNER])
def test_many_entries_take_as_many_statements_as_one(app: Flask, lab: Cast, clock: Clock, scope: Scope) -> None:
    one = subscribed(lab, "hana", scope, partner_id=lab.partners["aoba"], expands=True)
    calendar = Visitor(app)
    booked(lab)
    fetched(calendar, one.path)
    with counted() as few:
        assert fetched(calendar, one.path).text.count("BEGIN:VEVENT") == 1
    booked(lab, 1, count=60)
    fetched(calendar, one.path)
    with counted() as many:
        assert fetched(calendar, one.path).text.count("BEGIN:VEVENT") == 61
    assert len(many) == len(few), unlike(few, many)


def test_a_change_of_one_makes_one_text_anew(app: Flask, lab: Cast, clock: Clock, made: list[str]) -> None:
    booked(lab)
    booked(lab, 1, count=9)
    booked(lab, 20, count=9)
    calendar = Visitor(app)
    apart, together = (subscribed(lab, "hana", Scope.MINE, expands=expands) for expands in (True, False))
    for one in (apart, together):
        one.poll(calendar, clock.now, uids_of_series())
    assert made == ["booking_text"] * 19 + ["series_text"] * 2  # the one by itself is in both
    for number, expected in ((0, ["booking_text"]), (3, ["booking_text", "series_text"])):
        made.clear()
        clock.now += timedelta(minutes=1)
        moved(lab, number, clock.now)
        for one in (apart, together):
            one.poll(calendar, clock.now, uids_of_series())
        assert made == expected
        assert [one.poll(calendar, clock.now, uids_of_series()) for one in (apart, together)] == [False, False]
        assert made == expected


@pytest.mark.parametrize(
    ("where", "when", "at_once"),
    [
        (texts, "rows_by_id", 2),
        (texts, "booking_rows", 2),
        (texts, "places", 1),
        (answering, "remember", 2),
    ],
)
def test_what_changes_while_texts_are_made_is_not_missed(
    app: Flask, lab: Cast, clock: Clock, where: ModuleType, when: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two steps of the reader somebody moves what is read: a text is never newer than it says."""
    booked(lab)
    booked(lab, 1, count=5)
    calendar = Visitor(app)
    several = [
        subscribed(lab, "hana", Scope.MINE),
        subscribed(lab, "alan", Scope.PARTNER, partner_id=lab.partners["aoba"]),
    ]
    go_on: Callable[..., Any] = getattr(where, when)
    left = [0, 2]

    def meanwhile(*args: Any, **more: Any) -> Any:
        for _ in range(min(at_once, len(left))):
            beside(app, partial(moved, lab, left.pop(), clock.now))
        return go_on(*args, **more)

    for one in several:
        clock.now += timedelta(minutes=1)
        left[:] = [0, 2]
        with monkeypatch.context() as patch:
            patch.setattr(where, when, meanwhile)
            one.poll(calendar, clock.now, uids_of_series())
        assert not left
        one.poll(calendar, clock.now, uids_of_series())
        assert one.body == fresh(app, one.path, clock.now, monkeypatch)


def beside(app: Flask, do: Callable[[], None]) -> None:
    """Do something in a session of its own, in the midst of another."""

    def run() -> None:
        with app.app_context():
            do()

    Context().run(run)
