"""Another try for dates of a series that were skipped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...catalogue.queries import units_of
from ...core.interval import Interval
from ...core.permissions import Actor, Do, ForbiddenError, NotFoundError
from ...core.recurrence import occurrences, wall_of
from ...db import OverlapError, db, transactional
from ...models import Booking, Resource, SkippedDate, Unit
from ..dates import Date
from ..facts import Whose, facts_for, window_around
from ..planning import Place, Plan, Planned
from ..series import Day, is_to_come
from ..wanted import Ask, Part
from .ask import tell
from .errors import OtherwiseError
from .series import Opened, locked_series
from .writing import Writing, said_of_skipped, state_of


def skipped_days(opened: Opened, now: datetime) -> list[Day]:
    """The dates of a series that were skipped and can still be tried."""
    days = opened.repeated.days
    return [one for one in days if one.skipped and is_to_come(one, opened.number, opened.site.zoneinfo, now)]


def may_retry(actor: Actor, opened: Opened) -> bool:
    """Whether somebody may try skipped dates again."""
    return opened.may(actor, Do.MOVE_BOOKING)


def are_tried(opened: Opened, names: Collection[str]) -> bool:
    """Whether these dates have bookings already."""
    days = [one for one in opened.repeated.days if one.names[opened.number] in names]
    return bool(days) and all(one.made for one in days)


def retry(actor: Actor, key: str, names: Collection[str], *, version: int, now: datetime) -> tuple[int, int]:
    """Ask again for these dates. Returns how many have a booking now, and how many are still refused, and why kept.

    A date that was tried already is no step. Raises NotFoundError, ForbiddenError, StaleError, BusyError,
    UnknownOutcomeError; OtherwiseError after two lost races.
    """
    for _ in range(2):
        try:
            return _retry(actor, key, names, version=version, now=now)
        except OverlapError:
            continue
    raise OtherwiseError


@transactional
def _retry(actor: Actor, key: str, names: Collection[str], *, version: int, now: datetime) -> tuple[int, int]:
    opened = locked_series(actor, key, version)
    if not may_retry(actor, opened):
        raise ForbiddenError
    days = [one for one in skipped_days(opened, now) if one.names[opened.number] in names]
    if not days:
        raise NotFoundError
    asking = _Asking(actor, opened, now)
    planned = asking.planned(days)
    bookings = asking.written(planned)
    opened.request.version += 1
    tell(actor, bookings, now)
    made = sum(one.is_possible for one in planned)
    return made, len(planned) - made


class _Asking:
    """An ask for some dates of what goes together, within the request that it belongs to."""

    def __init__(self, actor: Actor, opened: Opened, now: datetime) -> None:
        self.actor, self.opened, self.now = actor, opened, now
        self.rows, self.site = opened.repeated.rows, opened.site
        self.resources = [db.session.get_one(Resource, row.resource_id) for row in self.rows]

    def planned(self, days: Sequence[Day]) -> list[Planned]:
        """What would become of each, the facts of each series read once for all."""
        columns = [
            occurrences([wall_of(day.names[number]) for day in days], self.opened.repeated.length(number), self.zone)
            for number in range(len(self.rows))
        ]
        dates = []
        for several in zip(*columns, strict=True):
            times = tuple(one.time for one in several if one.time is not None)
            names = tuple(one.recurrence_on for one in several)
            dates.append(Date(names, times if len(times) == len(several) else ()))
        with_time = [one for one in dates if one.times]
        if not with_time:
            return [Planned(one, ()) for one in dates]
        places = [self._place(number, [one.times[number] for one in with_time]) for number in range(len(self.rows))]
        return Plan(places, moves=self.rows[0].moves).of(dates)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the site."""
        return self.site.zoneinfo

    def _place(self, number: int, times: Sequence[Interval]) -> Place:
        row, resource = self.rows[number], self.resources[number]
        found = self.opened.request
        units = [one for one in units_of(resource.id) if row.unit_id in (None, one.id)]
        if not units:
            raise NotFoundError
        ends = [window_around(time, resource.terms, self.zone) for time in times]
        around = facts_for(
            resource,
            self.site,
            times[0],
            whose=Whose(
                found.person_id,
                found.partner_id,
                asks_anew=True,
                project_id=found.project_id,
                mode=row.mode,
                biosafety=row.biosafety,
                options=tuple(row.options or ()),
            ),
            units=[one.id for one in units],
            now=self.now,
            window=Interval(min(one.start for one in ends), max(one.end for one in ends)),
        )
        return Place(self._part(number, times[0], units), resource, units, around)

    def _part(self, number: int, time: Interval, units: Sequence[Unit]) -> Part:
        row, resource = self.rows[number], self.resources[number]
        slugs = db.session.scalars(select(Resource.slug).where(Resource.id.in_(row.options or [0])))
        unit = units[0].key if row.unit_id else ""
        return Part(resource.slug, time.start, time.end, unit, 1, row.mode, row.biosafety, tuple(sorted(slugs)))

    def written(self, planned: Sequence[Planned]) -> list[Booking]:
        """The bookings of what is possible; what is still refused is kept with its reasons of now."""
        found, bookings = self.opened.request, []
        for date in planned:
            if not date.is_possible:
                self._keep_skipped(date)
                continue
            writing = Writing(self.actor, self._ask([one.part for one in date.pieces]), self.site, self.now, found)
            state = state_of(date)
            for row, name, piece in zip(self.rows, date.date.names, date.pieces, strict=True):
                bookings.append(writing.booking(piece, state, date, row))
                db.session.delete(db.session.get_one(SkippedDate, (row.id, name)))
        db.session.flush()
        return bookings

    def _ask(self, parts: Sequence[Part]) -> Ask:
        found, first = self.opened.request, parts[0]
        return Ask(
            first.resource,
            first.start,
            first.end,
            found.partner_id,
            found.title,
            unit=first.unit,
            mode=first.mode,
            biosafety=first.biosafety,
            options=first.options,
            also=tuple(parts[1:]),
        )

    def _keep_skipped(self, date: Planned) -> None:
        for row, name in zip(self.rows, date.date.names, strict=True):
            kept = db.session.get_one(SkippedDate, (row.id, name))
            kept.findings = said_of_skipped(date)
