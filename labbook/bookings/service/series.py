"""Another time or unit for a series from one of its dates on; neither for the past nor for what was changed singly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select

from ...catalogue.queries import units_of
from ...core.facts import Verdict
from ...core.ical import series_sequence
from ...core.lifecycle import Action, NotPossibleError, request_state
from ...core.permissions import Actor, Do, ForbiddenError, may
from ...core.recurrence import named, wall_of
from ...db import OverlapError, db, transactional
from ...models import Request, Resource, Series, Site, SkippedDate
from ...models.audit import happened
from .. import findings
from ..allocation import let_go_all
from ..history import Step, settle
from ..series import Repeated, is_to_come, repeated, series_by_key
from . import deadlines
from .awaiting import asked_anew
from .changing import ask_change
from .errors import OtherwiseError, StaleError
from .fates import DayFate, Going, Reshaped, Shift
from .matters import locked, matter_of_booking, units_for, who_decides
from .moving import placed
from .reshaping import reshaped


@dataclass(frozen=True, slots=True)
class Opened:
    """A series as somebody looks at it: with its request, its site, and what goes together with it."""

    series: Series
    request: Request
    site: Site
    repeated: Repeated

    @property
    def number(self) -> int:
        """Which it is of those that go together."""
        return self.repeated.rows.index(self.series)

    def may(self, actor: Actor, do: Do) -> bool:
        """Whether somebody may do this with any of its bookings."""
        return any(may(actor, do, matter_of_booking(one)) for one in self.repeated.bookings)

    def first_to_come(self, name: str, now: datetime) -> int:
        """The index of the first date from this one on (empty: of all) that can still be changed.

        Raises NotFoundError; NotPossibleError when all are over.
        """
        since = self.repeated.since(name, self.number) if name else 0
        for index, day in enumerate(self.repeated.days[since:], since):
            if is_to_come(day, self.number, self.site.zoneinfo, now):
                return index
        raise NotPossibleError(request_state(one.state for one in self.request.bookings), Action.MOVE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the dates from one on are to go: when that one starts and ends on the wall, and on which unit."""

    since: str  # its name; empty: all that are to come, as the first of them
    start: datetime
    end: datetime
    unit: str = ""


def open_series(actor: Actor, key: str) -> Opened:
    """A series through the viewer's scope. Raises NotFoundError."""
    series, found = series_by_key(actor, key)
    return Opened(series, found, db.session.get_one(Site, found.site_id), repeated(series))


class Related(NamedTuple):
    """The keys of the series that one continues, and of those that continue it."""

    before: str
    after: list[str]


def related(opened: Opened) -> Related:
    """What was split from a series, and what it was split from."""
    rows = list(db.session.scalars(select(Series).where(Series.request_id == opened.request.id).order_by(Series.id)))
    before = next((one.key for one in rows if one.id == opened.series.continues_id), "")
    return Related(before, [one.key for one in rows if one.continues_id == opened.series.id])


def begun_at(opened: Opened, start: str) -> str | None:
    """The key of the series itself, or of one that continues it, whose first date is that one."""
    mine = or_(Series.id == opened.series.id, Series.continues_id == opened.series.id)
    return db.session.scalar(select(Series.key).where(mine, Series.wall_start == start).order_by(Series.id.desc()))


def look_at_series(actor: Actor, key: str, wanted: Wanted, *, now: datetime) -> Reshaped:
    """What would become of each date, without locks.

    Raises NotFoundError, ForbiddenError, NotPossibleError, WrongRepeatError.
    """
    return _planned(actor, open_series(actor, key), wanted, now)


def change_series(actor: Actor, key: str, wanted: Wanted, *, version: int, seen: str, now: datetime) -> str:
    """Change the dates from one on, as the page has shown it (`seen`). Returns the key of the series that they are in.

    Those whose new time is refused stay where they are, with the rest of the series. Raises as `look_at_series` does;
    StaleError, OtherwiseError, BusyError, UnknownOutcomeError.
    """
    try:
        return _change(actor, key, wanted, version=version, seen=seen, now=now)
    except OverlapError:
        raise OtherwiseError from None


@transactional
def _change(actor: Actor, key: str, wanted: Wanted, *, version: int, seen: str, now: datetime) -> str:
    opened = locked_series(actor, key, version)
    plan = _planned(actor, opened, wanted, now)
    if plan.seen != seen or not plan.moving:
        raise OtherwiseError
    unit = units_for(db.session.get_one(Resource, opened.series.resource_id), wanted.unit)[0] if wanted.unit else None
    rows = _written(opened, plan, unit.id if unit else None, now)
    _rename(plan, rows)
    opened.request.version += 1
    _note(actor, opened, plan, rows, now)
    _move(actor, plan, now)
    for one in [two.booking for fate in plan.moving for two in fate.going if unit and two.unit == unit]:
        one.unit_is_fixed = True
    return rows[opened.number].key


def locked_series(actor: Actor, key: str, version: int) -> Opened:
    """Take the locks of a series and of all units that it may be on, then read it again.

    Raises NotFoundError; StaleError for an old page.
    """
    before = open_series(actor, key)
    units = [unit.id for row in before.repeated.rows for unit in units_of(row.resource_id)]
    locked(actor, before.request, units)
    opened = open_series(actor, key)
    if opened.request.version != version:
        raise StaleError
    return opened


def _planned(actor: Actor, opened: Opened, wanted: Wanted, now: datetime) -> Reshaped:
    if not opened.may(actor, Do.MOVE_BOOKING):
        raise ForbiddenError
    found, number = opened.repeated, opened.number
    at = opened.first_to_come(wanted.since, now)
    since = wall_of(wanted.since or found.days[at].names[number])
    shift = Shift(wanted.start - since, wanted.end - since - found.length(number), wanted.unit, number)
    return reshaped(actor, found, at, shift, opened.site, now)


def _written(opened: Opened, plan: Reshaped, unit_id: int | None, now: datetime) -> list[Series]:
    """The rows that the dates are in from now on: others that continue them, or, where all dates go along, the same."""
    rows = []
    for number, old in enumerate(plan.repeated.rows):
        before, rule = plan.rules[number]
        row = _continued(old) if plan.at else old
        old.rule, old.changed_at = before.rule, now
        old.sequence, old.revision = old.sequence + 1, old.revision + 1
        row.rule, row.wall_start = rule.rule, named(plan.begins[number])
        row.wall_end = named(plan.begins[number] + plan.lengths[number])
        if number == opened.number and unit_id is not None:
            row.unit_id = unit_id
        rows.append(row)
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _continued(row: Series) -> Series:
    """A series of its own for the dates that go elsewhere: calendars know no other way (RFC 5545 section 3.8.4.4)."""
    return Series(
        request_id=row.request_id,
        continues_id=row.id,
        zone=row.zone,
        resource_id=row.resource_id,
        unit_id=row.unit_id,
        moves=row.moves,
        mode=row.mode,
        biosafety=row.biosafety,
        options=row.options,
    )


def _rename(plan: Reshaped, rows: Sequence[Series]) -> None:
    """Name the dates by the new rules, those too that do not go along: all names are given up before any is taken."""
    for fate in plan.fates:
        for one in fate.day.made:
            one.recurrence_on = None
    old = {row.id for row in plan.repeated.rows}
    names = {name for fate in plan.fates for name in fate.day.names if fate.day.skipped}
    db.session.flush()
    db.session.execute(delete(SkippedDate).where(SkippedDate.series_id.in_(old), SkippedDate.recurrence_on.in_(names)))
    for fate in plan.fates:
        for number, (old_row, row, name) in enumerate(zip(plan.repeated.rows, rows, fate.names, strict=True)):
            booking = fate.day.bookings[number]
            if booking is not None:
                if old_row is not row:
                    old_row.sequence += series_sequence([booking.sequence])
                booking.series_id, booking.recurrence_on = row.id, name
            else:
                db.session.add(_skipped(row, name, fate))
    db.session.flush()


def _skipped(row: Series, name: str, fate: DayFate) -> SkippedDate:
    return SkippedDate(series_id=row.id, recurrence_on=name, findings=findings.stored(Verdict(fate.said)))


def _move(actor: Actor, plan: Reshaped, now: datetime) -> None:
    """Move what goes along: all of it gives up its time before any of it takes another."""
    going = [one for fate in plan.moving for one in fate.going if one.changes]
    for row in plan.repeated.rows:
        resource = db.session.get_one(Resource, row.resource_id)
        leaving = [one.booking for one in going if not one.asks and one.booking.resource_id == resource.id]
        let_go_all(leaving, resource.terms, db.session.get_one(Site, resource.site_id))
    steps: list[Step] = []
    deciding = {one.booking.resource_id: one.booking for one in going if one.asks}
    hear = {person for one in deciding.values() for person in who_decides(one, now)}
    due: list[Going] = []
    for one in going:
        booking = one.booking
        if one.asks:
            steps += ask_change(actor, booking, one.unit, one.time, one.verdict, now=now)
            continue
        binds = not deadlines.is_by_staff(actor, matter_of_booking(booking))
        steps += placed(
            actor, booking, one.unit, one.time, one.verdict, now=now, by="" if binds or one.told.is_free else "staff"
        )
        due += [one] if binds else []
    hear |= asked_anew([one.booking for one in going if not one.asks], now)
    settle(steps, actor_id=actor.person_id, deciders=hear, now=now)
    for one in due:
        deadlines.write(actor, one.booking, one.told, now)


def _note(actor: Actor, opened: Opened, plan: Reshaped, rows: Sequence[Series], now: datetime) -> None:
    """That a rule has changed, from which date on; each booking says for itself where it went."""
    number = opened.number
    body = {"since": plan.fates[0].day.names[number], "rule": rows[number].rule, "starts": rows[number].wall_start}
    found = opened.request
    db.session.add(
        happened(
            "series-changed",
            at=now,
            actor_id=actor.person_id,
            subject="series",
            subject_id=rows[number].id,
            body=body,
            site_id=found.site_id,
            partner_id=found.partner_id,
            request_id=found.id,
        )
    )
