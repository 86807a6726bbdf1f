"""A year of bookings, dealt out to the resources with a fixed seed; nothing is written here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from ..core.interval import Interval, local_day
from ..core.lifecycle import KEEPS_HOLD, OVER, State
from .lab import DAYS, Bookable, Lab

SEED = 20261123
SLOTS = (8 * 60, 11 * 60 + 30, 15 * 60)  # minutes of the wall clock; a booking and its buffer fit in between
BUFFER = timedelta(minutes=15)
ASKED_BEFORE = timedelta(days=14)
ASKED_MINUTES_AGO = (2 * 24 * 60, 90 * 24 * 60)  # whatever lies further ahead
FEED_REACHES_BACK = timedelta(days=20)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SERIES_AT, SERIES_WEEKS = clock(6), 50  # before everybody else; the last week lies within the year


@dataclass(slots=True)
class Repeating:
    """A series to be written: once a week, as long as the year is."""

    id: int
    until: date
    request_id: int = 0  # that of its first booking

    @property
    def rule(self) -> str:
        """As it is stored."""
        return f"FREQ=WEEKLY;BYDAY={_DAYS[self.until.weekday()]};UNTIL={self.until:%Y%m%d}"


@dataclass(slots=True)
class Dealt:
    """One booking to be written."""

    resource: Bookable
    unit_id: int
    time: Interval
    state: State
    person_id: int
    partner_id: int
    asked_at: datetime
    series: Repeating | None = None
    key: str = ""  # once it is written
    version: int = 0

    @property
    def held(self) -> Interval | None:
        """What it keeps, buffer included."""
        if self.state not in KEEPS_HOLD:
            return None
        return self.time if self.resource.by_day else Interval(self.time.start, self.time.end + BUFFER)


def deal(lab: Lab, *, bookings: int, entries: int, large: int) -> list[Dealt]:
    """`bookings` over the lab's year; each subscriber has `entries` of them in the window of a feed.

    The follower has `large` of them, the regular about as many again as dates of series. Raises ValueError when there
    are more than the resources have room for.
    """
    dice = random.Random(SEED)
    repeating = list(_repeating(lab, large, dice))
    share, rest = divmod(bookings - len(repeating), len(lab.resources))
    dealt = [
        one
        for number, resource in enumerate(lab.resources)
        for one in _of_resource(lab, resource, share + (number < rest), dice)
    ]
    shown = [one for one in dealt if one.state not in OVER or one.state is State.FINISHED]
    soon = [one for one in shown if one.time.start > lab.now - FEED_REACHES_BACK]
    chosen = iter(dice.sample(soon, entries * len(lab.subscribers)))
    for whose in lab.subscribers:
        for _ in range(entries):
            one = next(chosen)
            one.person_id, one.partner_id = whose
    others = [one for one in shown if (one.person_id, one.partner_id) not in lab.subscribers]
    for one in dice.sample(others, large):
        one.person_id, one.partner_id = lab.follower
    return [*dealt, *repeating]


def _repeating(lab: Lab, count: int, dice: random.Random) -> Iterator[Dealt]:
    """Series with `count` dates together, all of the regular."""
    usual = [one for one in lab.resources if not one.by_day]
    for number in range(max(1, count // SERIES_WEEKS)):
        resource = usual[number % len(usual)]
        first = lab.first_on + timedelta(days=number // len(usual))
        series = Repeating(number + 1, first + timedelta(weeks=SERIES_WEEKS - 1))
        for week in range(SERIES_WEEKS):
            local = datetime.combine(first + timedelta(weeks=week), SERIES_AT, resource.zone)
            time = Interval(local.astimezone(UTC), local.astimezone(UTC) + timedelta(hours=1))
            state, asked_at = _state(lab.now, time, resource, dice), lab.now - timedelta(days=DAYS)
            yield Dealt(resource, resource.units[0][0], time, state, *lab.regular, asked_at, series)


def _of_resource(lab: Lab, resource: Bookable, count: int, dice: random.Random) -> Iterator[Dealt]:
    room = [(unit_id, time) for unit_id, _ in resource.units for time in _times(lab, resource, dice)]
    for unit_id, time in dice.sample(room, count):
        person_id, partner_id = dice.choice(lab.people)
        asked_at = min(time.start - ASKED_BEFORE, lab.now - timedelta(minutes=dice.randrange(*ASKED_MINUTES_AGO)))
        yield Dealt(resource, unit_id, time, _state(lab.now, time, resource, dice), person_id, partner_id, asked_at)


def _times(lab: Lab, resource: Bookable, dice: random.Random) -> Iterator[Interval]:
    """Times that do not touch each other's buffers: whole days, or up to three a day."""
    for on in (lab.first_on + timedelta(days=n) for n in range(DAYS)):
        if resource.weekdays_only and on.weekday() > 4:
            continue
        if resource.by_day:
            yield local_day(on, resource.zone)
            continue
        for slot in SLOTS:
            first = slot + 30 * dice.randrange(3)
            local = datetime.combine(on, clock(first // 60, first % 60), resource.zone)
            start = local.astimezone(UTC)
            yield Interval(start, start + timedelta(minutes=30 * dice.randint(1, 4)))


def _state(now: datetime, time: Interval, resource: Bookable, dice: random.Random) -> State:
    luck = dice.random()
    if luck < 0.04:
        return State.DECLINED if resource.asks and luck < 0.01 else State.CANCELLED
    if time.end <= now:
        return State.FINISHED
    if time.start <= now:
        return State.RUNNING
    return State.WAITING if resource.asks and luck > 0.95 else State.APPROVED
