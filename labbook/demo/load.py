"""Makes the demo lab, and brings it up to the day."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from ..bookings.service import tick
from ..db import db, transactional
from ..models import Booking, Event, Partner, Person, Resource, Site, Unit
from ..models.audit import happened
from .breakdowns import break_down
from .catalogue import write_groups, write_resources, write_sites, write_trainings
from .closures import write_closures
from .contracts import write_conditions
from .conversations import converse
from .customs import meetings_in, residencies_in, rivals_in
from .desk import work_at_desk, write_reasons
from .feeds import follow
from .joining import write_deciders, write_joining
from .lab import Lab, lab_of
from .life import LIVED, Life, Step, steps_of
from .people import write_partners, write_people
from .rules import write_rules
from .schooling import write_schooling
from .stars import star
from .waiting import wait
from .wishes import Wish, wishes_on

FURNISHED = "demo-furnished"  # the code of the event which says that this database holds the demo lab

SHOWN = timedelta(days=35)  # how far back the bookings go
_SETTLED = timedelta(days=120)  # how far back the oldest residencies begin
_REMEMBERED = timedelta(days=80)  # nothing that was asked longer ago is still to be decided or cancelled
_CHUNK = 160  # steps in one transaction


class NotADemoError(Exception):
    """The database holds something else than the demo lab; nothing was written."""


@dataclass(frozen=True)
class Summary:
    """What the demo lab holds, and what this run added to it."""

    sites: int
    resources: int
    units: int
    partners: int
    people: int
    bookings: int
    added: int
    states: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.sites} sites, {self.resources} resources ({self.units} units), {self.partners} partners, "
            f"{self.people} people, {self.bookings} bookings ({self.added} new) in {self.seconds:.1f} s"
        )


def load(now: datetime) -> Summary:
    """Make the demo lab in a migrated database, or let it live on until the UTC day of `now`.

    Run again on the same day it writes nothing; on a later day it adds what was asked and decided since.
    Raises NotADemoError when the database holds anything else.
    """
    began = clock.perf_counter()
    before = db.session.scalar(select(func.count(Booking.id))) or 0
    if _event_at(FURNISHED) is None:
        _furnish(now)
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    lived_until = _event_at(LIVED)
    if lived_until is None or lived_until < today:
        _live_on(lived_until, today)
        tick(now=now)
        converse(now)
        break_down(now)
        wait(now)
        work_at_desk(now)
        follow(now)
        star()
    summary = _summary(before, clock.perf_counter() - began)
    db.session.remove()
    return summary


@transactional
def _furnish(now: datetime) -> None:
    """Everything that is there before anybody books."""
    if db.session.scalar(select(func.count(Site.id))) or db.session.scalar(select(func.count(Person.id))):
        raise NotADemoError("this database holds something else than the demo lab")
    today = now.astimezone(UTC).date()
    places = write_sites()
    trainings = write_trainings(places)
    partners = write_partners(places, today)
    people = write_people(places, partners, trainings, now)
    write_resources(places, trainings, partners, people)
    write_groups()
    write_rules(now)
    write_conditions(places, people, today)
    write_joining(places, partners, people, now)
    write_schooling(places, partners, people, trainings, now)
    write_deciders(places, people, now)
    write_reasons(places)
    db.session.add(happened(FURNISHED, at=now, actor_id=None, subject="demo"))


def _live_on(since: datetime | None, until: datetime) -> None:
    first_on = _made_on()
    _close(until.date())
    lab = lab_of(first_on)
    begin = since or until - _SETTLED - timedelta(days=90)
    steps = steps_of(_wishes(lab, first_on, begin, until), begin, until)
    life = Life()
    for chunk in _chunks(steps):
        life.live(chunk, chunk[-1].at + timedelta(seconds=1))
    life.live([], until)


@transactional
def _close(today: date) -> None:
    write_closures(today)


def _chunks(steps: list[Step]) -> Iterator[list[Step]]:
    """Parts of about equal length, cut between two instants: what is lived until an instant excludes it."""
    start = 0
    while start < len(steps):
        end = min(start + _CHUNK, len(steps))
        while end < len(steps) and steps[end].at == steps[end - 1].at:
            end += 1
        yield steps[start:end]
        start = end


def _wishes(lab: Lab, first_on: date, since: datetime, until: datetime) -> Iterator[Wish]:
    """Everything that was asked for early enough to matter, and whose time is still shown."""
    shown_from = until - SHOWN
    day = max(since - _REMEMBERED, until - SHOWN - timedelta(days=45)).date()
    month = _month_of(first_on - _SETTLED)
    for number in range(24 + (until.date() - first_on).days // 28):
        yield from residencies_in(lab, month + relativedelta(months=number), is_first=number == 0)
    while day <= until.date() + timedelta(days=1):
        if day.weekday() == 0:
            yield from _shown(meetings_in(lab, day), shown_from)
            yield from _shown(rivals_in(lab, day), shown_from)
        for site in ("tsukuba", "cambridge"):
            yield from _shown(wishes_on(lab, site, day), shown_from)
        day += timedelta(days=1)


def _shown(wishes: Iterator[Wish], since: datetime) -> Iterator[Wish]:
    return (one for one in wishes if one.times[0].end > since)


def _month_of(on: date) -> date:
    return on.replace(day=1)


def _event_at(code: str) -> datetime | None:
    return db.session.scalar(select(func.max(Event.at)).where(Event.code == code))


def _made_on() -> date:
    made_at = _event_at(FURNISHED)
    if made_at is None:
        raise NotADemoError("this database has no demo lab")
    return made_at.date()


def _summary(before: int, seconds: float) -> Summary:
    states = {row[0]: row[1] for row in db.session.execute(select(Booking.state, func.count()).group_by(Booking.state))}
    counts = {model: db.session.scalar(select(func.count(model.id))) or 0 for model in _COUNTED}
    total = sum(states.values())
    return Summary(
        sites=counts[Site],
        resources=counts[Resource],
        units=counts[Unit],
        partners=counts[Partner],
        people=counts[Person],
        bookings=total,
        added=total - before,
        states={str(state): count for state, count in sorted(states.items())},
        seconds=seconds,
    )


_COUNTED = (Site, Resource, Unit, Partner, Person)
