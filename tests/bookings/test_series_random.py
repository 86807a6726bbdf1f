"""Whatever is done to a series, its dates lie on its rules; what is past, or was changed singly, stays as it is."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import Ask, OtherwiseError, RefusedError, WrongRepeatError
from labbook.bookings.service.retrying import retry
from labbook.bookings.service.series import Wanted, change_series, look_at_series
from labbook.bookings.service.series_ends import end_dates, look_at_ends, seen_of
from labbook.core.interval import Interval
from labbook.core.lifecycle import KEEPS_HOLD, NotPossibleError
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.core.recurrence import Every, Repeat, named, read, wall_of
from labbook.db import db
from labbook.models import Booking, Hold, Request, Series, SkippedDate
from tests.cast import NOW, Cast, fresh_key

BOSTON = ZoneInfo("America/New_York")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCOPE = "cambridge-scope"
FIRST = datetime(2027, 2, 2, 10, 0, tzinfo=BOSTON)
RULES = [
    Repeat(Every.WEEK, count=10),
    Repeat(Every.WEEK, 2, (1, 4), count=9),
    Repeat(Every.DAY, count=12),
    Repeat(Every.WEEKDAY, count=8),
    Repeat(Every.DATE, until=(FIRST + 200 * DAY).date()),
]
NOT_DONE = (OtherwiseError, WrongRepeatError, NotPossibleError, RefusedError, ForbiddenError, NotFoundError)

Stands = dict[int, tuple[str, str, str, int]]


class Person:
    """Somebody who changes their mind about a series."""

    def __init__(self, lab: Cast, seed: int) -> None:
        self.lab, self.dice, self.now = lab, random.Random(seed), NOW
        self.done: Counter[str] = Counter()
        self.key = service.request(
            lab.actor("hana"),
            Ask(SCOPE, FIRST, FIRST + HOUR, lab.partners["aoba"], "Series", repeat=self.dice.choice(RULES)),
            key=fresh_key(),
            now=NOW,
        )

    @property
    def request(self) -> Request:
        return db.session.scalars(select(Request).where(Request.key == self.key)).one()

    def some_series(self) -> Series:
        rows = list(db.session.scalars(select(Series).where(Series.request_id == self.request.id).order_by(Series.id)))
        return self.dice.choice(rows)

    def some_booking(self) -> Booking:
        return self.dice.choice(self.request.bookings)

    def step(self) -> None:
        """One step, or one that is refused."""
        steps = [self.shift, self.shift, self.shift, self.move, self.cancel, self.retry, self.end, self.wait]
        try:
            (step := self.dice.choice(steps))()
            self.done[step.__name__] += 1
        except NOT_DONE:
            db.session.rollback()

    def shift(self) -> None:
        series = self.some_series()
        names = [one.recurrence_on or "" for one in self.request.bookings if one.series_id == series.id]
        since = self.dice.choice([*names, ""])
        start = wall_of(since or series.wall_start) + self.dice.choice([HOUR, -HOUR, DAY, -DAY, 2 * DAY, timedelta()])
        length = self.dice.choice([HOUR, HOUR, 2 * HOUR, 26 * HOUR])
        wanted = Wanted(since, start, start + length)
        own = {one.id: one.wall_start for one in self.request.bookings if one.wall_start != one.recurrence_on}
        plan = look_at_series(self.lab.actor("hana"), series.key, wanted, now=self.now)
        change_series(
            self.lab.actor("hana"), series.key, wanted, version=self.request.version, seen=plan.seen, now=self.now
        )
        after = {one.id: one.wall_start for one in self.request.bookings}
        assert {number: after[number] for number in own} == own, "what was changed singly went along"

    def move(self) -> None:
        one = self.some_booking()
        by = self.dice.choice([-5, 5, 30]) * HOUR
        wanted = Interval(one.starts_at + by, one.ends_at + by)
        service.move(self.lab.actor("hana"), one.key, wanted, unit="", version=one.version, now=self.now)

    def cancel(self) -> None:
        one = self.some_booking()
        service.cancel(self.lab.actor("hana"), one.key, reason="", version=one.version, now=self.now)

    def retry(self) -> None:
        series = self.some_series()
        found = select(SkippedDate.recurrence_on).where(SkippedDate.series_id == series.id)
        names = list(db.session.scalars(found))
        retry(self.lab.actor("hana"), series.key, names, version=self.request.version, now=self.now)

    def end(self) -> None:
        series = self.some_series()
        shown = look_at_ends(self.lab.actor("hana"), series.key, "", now=self.now)
        number = 0
        names = self.dice.sample([one.day.names[number] for one in shown], k=min(2, len(shown)))
        version, seen = self.request.version, seen_of(shown)
        end_dates(self.lab.actor("hana"), series.key, "", names, reason="", version=version, seen=seen, now=self.now)

    def wait(self) -> None:
        self.now += 9 * DAY
        service.tick(now=self.now)


def stands(key: str) -> Stands:
    """Where each booking stands: its time, its state and its SEQUENCE."""
    db.session.remove()
    rows = db.session.scalars(select(Booking).join(Request).where(Request.key == key))
    return {one.id: (one.wall_start, one.wall_end, str(one.state), one.sequence) for one in rows}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done_to_a_series_its_books_agree(app: Flask, lab: Cast, seed: int) -> None:
    rivals = random.Random(seed)
    for day in rivals.sample(range(1, 60), 8):
        start = FIRST + day * DAY
        wanted = Ask(SCOPE, start, start + HOUR, lab.partners["birch"], "Rival")
        service.request(lab.actor("ben"), wanted, key=fresh_key(), now=NOW)
    person = Person(lab, seed)
    for _ in range(14):
        before = stands(person.key)
        person.step()
        after = stands(person.key)
        wall_now = named(person.now.astimezone(BOSTON).replace(tzinfo=None))
        past = {number for number, one in before.items() if one[0] <= wall_now}
        moved = {number for number in past if before[number][:2] != after[number][:2]}
        assert moved == set(), "the past was touched"
        assert set(before) <= set(after)
        holds_for_names(person.key)
        holds_for_holds()
    assert person.done["shift"] > 1, person.done


def holds_for_names(key: str) -> None:
    """The dates of each series, with a booking or skipped, are those of its rule; what it continues ends before."""
    rows = list(db.session.scalars(select(Series).join(Request).where(Request.key == key)))
    for row in rows:
        made = list(db.session.scalars(select(Booking.recurrence_on).where(Booking.series_id == row.id)))
        skipped = list(db.session.scalars(select(SkippedDate.recurrence_on).where(SkippedDate.series_id == row.id)))
        ruled = [named(one) for one in read(row.rule).dates(wall_of(row.wall_start), 99)]
        assert sorted([*map(str, made), *skipped]) == ruled, row.rule


def holds_for_holds() -> None:
    """A booking in a state that holds time has its hold, any other has none."""
    rows = select(Booking, Hold.unit_id, Hold.starts_at, Hold.ends_at)
    for booking, *hold in db.session.execute(rows.outerjoin(Hold, Hold.claim_id == Booking.claim_id)):
        time = [booking.unit_id, booking.starts_at, booking.used_until or booking.ends_at]
        assert hold == (time if booking.state in KEEPS_HOLD else [None] * 3)
