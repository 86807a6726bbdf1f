"""Where the dates of a series would go by another time: each judged beside the others; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...core.consequences import Due, follows_move
from ...core.facts import Effect, Facts, Finding, Said, Verdict
from ...core.interval import Interval
from ...core.language import N_
from ...core.permissions import Actor, Do, may
from ...core.recurrence import MOST_YEARS, NO_SUCH_TIME, TOO_FAR, Occurrence, named, occurrences, read, wall_of
from ...db import db
from ...models import Booking, Resource, Site, Unit
from ..allocation import choose
from ..facts import Around, Whose, facts_for, window_around
from ..pending import changes_of
from ..planning import Place, Plan
from ..series import Day, Repeated, is_ahead
from ..wanted import Part
from .deadlines import dues_of, is_by_staff
from .errors import WrongRepeatError
from .fates import DayFate, Fate, Going, Reshaped, Shift
from .matters import matter_of_booking, units_for
from .moving import decides
from .waiving import allowed_at, what_is_left

_FURTHEST = timedelta(days=366 * MOST_YEARS)
Dues = Mapping[str, tuple[Due, ...]]


def reshaped(actor: Actor, found: Repeated, at: int, shift: Shift, site: Site, now: datetime) -> Reshaped:
    """What would become of the dates from the one with index `at` on.

    Raises WrongRepeatError; NotFoundError for an unknown unit.
    """
    if abs(shift.starts) > _FURTHEST:
        raise WrongRepeatError(TOO_FAR)
    days, count = found.days[at:], len(found.days) - at
    rules, begins, lengths, columns = [], [], [], []
    for number, row in enumerate(found.rows):
        first, cut = wall_of(row.wall_start), wall_of(days[0].names[number])
        before, after = read(row.rule).split(first, cut)
        rule = after.moved(cut, cut + shift.starts, count)
        length = found.length(number) + shift.ends - shift.starts
        if (wrong := rule.wrong(cut + shift.starts, cut + shift.starts + length, count)) is not None:
            raise WrongRepeatError(wrong)
        dates = rule.dates(cut + shift.starts, count)
        rules.append((before, rule))
        begins.append(cut + shift.starts)
        lengths.append(length)
        columns.append(occurrences(dates, length, site.zoneinfo))
    plan = _Reshaping(actor, found, site, now)
    fates = plan.fates(days, list(zip(*columns, strict=True)), shift)
    return Reshaped(found, at, tuple(rules), tuple(begins), tuple(lengths), tuple(fates))


class _Reshaping(Plan):
    """Goes through the dates so that none stands in the way of another: the one that goes first makes room."""

    def __init__(self, actor: Actor, found: Repeated, site: Site, now: datetime) -> None:
        self.actor, self.found, self.site, self.now = actor, found, site, now
        self.changes = changes_of(one.id for one in found.bookings)
        self.resources = {row.id: db.session.get_one(Resource, row.resource_id) for row in found.rows}
        self.decided: dict[int, bool] = {}
        super().__init__([])

    def fates(self, days: Sequence[Day], times: Sequence[tuple[Occurrence, ...]], shift: Shift) -> list[DayFate]:
        """What becomes of each date, in their order."""
        movable = {day.names: self._movable(day) for day in days}
        going = [one for several in movable.values() for _, one in several]
        if going:  # what was handed over to somebody else is theirs
            movable = {
                name: [one for one in few if one[1].person_id == going[0].person_id] for name, few in movable.items()
            }
            going = [one for several in movable.values() for _, one in several]
        if going:
            self._read(going, times, shift)
        dues = dues_of(going, self.now)
        fates: dict[tuple[str, ...], DayFate] = {}
        later = shift.starts > timedelta() or (not shift.starts and shift.ends > timedelta())
        order = list(zip(days, times, strict=True))
        for day, row in reversed(order) if later else order:
            fates[day.names] = self._fate(day, movable[day.names], row, dues, shift)
        return [fates[day.names] for day in days]

    def _movable(self, day: Day) -> list[tuple[int, Booking]]:
        """Of a date what goes along: what stands by the rule, is to come, and is this person's to move."""
        return [
            (number, one)
            for number, one in enumerate(day.bookings)
            if one is not None
            and is_ahead(one, self.now)
            and not self.is_own(one, number)
            and may(self.actor, Do.MOVE_BOOKING, matter_of_booking(one))
        ]

    def is_own(self, booking: Booking, number: int) -> bool:
        """Whether a date was changed by itself: it stands, or is asked for, at another time than the rule says."""
        length, zone = self.found.length(number), self.site.zoneinfo
        change = self.changes.get(booking.id)
        place = booking if change is None or change.is_proposal else change
        start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (place.starts_at, place.ends_at))
        return named(start) != booking.recurrence_on or end - start != length

    def _read(self, going: Sequence[Booking], times: Sequence[tuple[Occurrence, ...]], shift: Shift) -> None:
        """The facts of each series, as if nothing of it that goes along were there."""
        for number, row in enumerate(self.found.rows):
            resource = self.resources[row.id]
            mine = [one for one in going if one.series_id == row.id]
            spans = [one.time for one in mine] + [time for one in times if (time := one[number].time) is not None]
            units = units_for(resource, shift.unit if number == shift.number else "")
            there = {one.id for one in units} | {one.unit_id for one in mine}
            ends = [window_around(one, resource.terms, self.site.zoneinfo) for one in spans]
            example = mine[0] if mine else going[0]
            around = facts_for(
                resource,
                self.site,
                example.time,
                whose=Whose(
                    example.person_id,
                    example.partner_id,
                    project_id=example.project_id,
                    mode=row.mode,
                    biosafety=row.biosafety,
                    asked_at=example.created_at,
                    but_bookings=frozenset(one.id for one in going),
                    options=tuple(row.options or ()),
                ),
                units=sorted(there),
                now=self.now,
                but_claims=[one.claim_id for one in going],
                window=Interval(min(one.start for one in ends), max(one.end for one in ends)),
            )
            part = Part(resource.slug, example.starts_at, example.ends_at)
            self.places.append(Place(part, resource, units, around))

    def _fate(
        self,
        day: Day,
        movable: Sequence[tuple[int, Booking]],
        row: tuple[Occurrence, ...],
        dues: Dues,
        shift: Shift,
    ) -> DayFate:
        names, times = tuple(one.recurrence_on for one in row), tuple(one.time for one in row)
        if not movable:
            return self._unmoved(day, names, times)
        before = self.places
        going = [] if None in times else list(self._each(movable, row, dues, shift))
        said = self._in_the_way(going) if going else (NO_SUCH_TIME,)
        if said or not going:
            self.places = before
            for number, one in movable:
                self._stands(number, one)
            return DayFate(day, names, Fate.STAYS, times, said=said)
        for (number, booking), goes in zip(movable, going, strict=True):
            if goes.asks:
                self._stands(number, booking)  # until staff have decided
        if not any(one.changes for one in going):
            return DayFate(day, names, Fate.SAME, times)
        fate = Fate.ASKS if any(one.asks for one in going) else Fate.MOVES
        return DayFate(day, names, fate, times, tuple(going), _said(going))

    def _unmoved(self, day: Day, names: tuple[str, ...], times: tuple[Interval | None, ...]) -> DayFate:
        """A date that does not go along. What was skipped stays so, with what stands in the way at its new time."""
        if not day.skipped:
            return DayFate(day, names, Fate.OWN if day.is_ahead(self.now) else Fate.OVER, times)
        said: list[Finding] = []
        for time, place in zip(times, self.places, strict=False):
            if time is not None:
                around = replace(place.around, facts=replace(place.around.facts, wanted=time))
                said += choose(place.units, around)[2].refusals
        return DayFate(day, names, Fate.SKIPPED, times, said=_once([NO_SUCH_TIME] if None in times else said))

    def _each(
        self, movable: Sequence[tuple[int, Booking]], row: tuple[Occurrence, ...], dues: Dues, shift: Shift
    ) -> Iterator[Going]:
        """What each booking of a date would become; what is possible stands in the way of the ones after it."""
        for number, booking in movable:
            time, place = row[number].time, self.places[number]
            if time is None:
                continue
            around = replace(place.around, facts=replace(place.around.facts, wanted=time))
            is_fixed = (booking.unit_is_fixed or bool(self.found.rows[number].unit_id)) and not shift.unit
            unit, facts, verdict, left = self._chosen_for(booking, place, around, is_fixed=is_fixed)
            if not left.is_refused and booking.holds_time:
                self._take(unit, time, facts)
            told = follows_move(
                dues.get(booking.key, ()), booking.time, time, self.now, same_unit=unit.id == booking.unit_id
            )
            yield Going(booking, unit, time, verdict, left, told, self._decides(booking))

    def _chosen_for(
        self, booking: Booking, place: Place, around: Around, *, is_fixed: bool
    ) -> tuple[Unit, Facts, Verdict, Verdict]:
        """Its own unit where that will do, else any that will."""
        own = [db.session.get_one(Unit, booking.unit_id)]
        same = [one for one in place.units if one.id == booking.unit_id] or (own if is_fixed else [])
        others = [] if is_fixed else [one for one in place.units if one.id != booking.unit_id]
        tried = [
            (*chosen, self._left(booking, *chosen))
            for units in (same, others)
            if units and (chosen := choose(units, around))
        ]
        return next((one for one in tried if not one[3].is_refused), tried[0])

    def _left(self, booking: Booking, unit: Unit, facts: Facts, verdict: Verdict) -> Verdict:
        return what_is_left(verdict, allowed_at(booking, unit.id, facts.wanted))

    def _decides(self, booking: Booking) -> bool:
        """Whether moving it is a decision already; the same for all dates of one resource."""
        if booking.resource_id not in self.decided:
            self.decided[booking.resource_id] = decides(self.actor, booking, self.now)
        return self.decided[booking.resource_id]

    def _in_the_way(self, going: Sequence[Going]) -> tuple[Finding, ...]:
        """What refuses a date: the rules, or a deadline that has passed."""
        refused = [finding for one in going for finding in one.left.refusals]
        late = [one for one in going if one.told.is_refused and not self._by_staff(one.booking)]
        return (*_once(refused), *([TOO_LATE] if late else []))

    def _by_staff(self, booking: Booking) -> bool:
        return is_by_staff(self.actor, matter_of_booking(booking))

    def _stands(self, number: int, booking: Booking) -> None:
        """Let a booking stay where it is, and stand in the way of others there."""
        if not booking.holds_time:
            return
        around = self.places[number].around
        at_its_time = replace(around, facts=replace(around.facts, wanted=booking.time))
        unit = db.session.get_one(Unit, booking.unit_id)
        self._take(unit, booking.time, at_its_time.on(unit.id))


TOO_LATE = Finding("too-late", Effect.REFUSE, Said(N_("The deadline for moving it has passed.")))


def _said(going: Sequence[Going]) -> tuple[Finding, ...]:
    return _once([finding for one in going for finding in one.left.findings])


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(one.code, one.limit_key): one for one in found}.values())
