"""Where a booking of some length has room on one unit, by cheap looks alone; what has room is judged afterwards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from .amount import Amount, Measure
from .facts import Facts
from .grid import starts_in
from .hours import Cover, Opening, covered, open_intervals
from .interval import Interval, gaps, local_days
from .linked import rooms as rooms_of_linked
from .terms import Terms
from .weekly import Stretch

T = TypeVar("T")
EVERY_DAY = frozenset(range(7))
_MINUTES = {Measure.MINUTE: 1, Measure.HALF_DAY: 720, Measure.DAY: 1440}


@dataclass(frozen=True)
class Frame:
    """When it should be: beginning on these days, of these weekdays (Monday is 0), and within hours of the day.

    The hours bind what is booked by the clock, as a whole; nothing is offered outside of `known`, for which the facts
    were read. All of it is meant in the time of each resource's own site. What was worked out is kept.
    """

    first: date
    last: date
    known: Interval
    weekdays: frozenset[int] = EVERY_DAY
    hours: tuple[int, int] | None = None  # minutes of the wall clock, over midnight where the second is not later
    _kept: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)

    def for_more(self, after: timedelta) -> Frame:
        """The same for what begins so long after the first: its day is bound to that alone."""
        later = self.last + timedelta(days=after.days + 1)
        return replace(self, last=later, weekdays=EVERY_DAY, _kept={})

    def grid(self, slot: Amount, zone: ZoneInfo) -> list[datetime]:
        """The starts on its days, in order."""

        def work_out() -> list[datetime]:
            starts = starts_in(local_days(self.first, self.last, zone), slot, zone)
            return [one for one in starts if one.astimezone(zone).weekday() in self.weekdays]

        return self._once(("grid", slot, zone), work_out)

    def within_hours(self, zone: ZoneInfo) -> list[Interval]:
        """The hours that are wished for; from one weekday into the next where that is wished for, too."""
        if self.hours is None:
            return [self.known]
        table = Stretch(self.weekdays, *self.hours).openings()
        return self.open(table, zone)

    def open(self, openings: tuple[Opening, ...], zone: ZoneInfo) -> list[Interval]:
        """When it is open by weekly hours."""
        return self._once(("open", openings, zone), lambda: open_intervals(openings, self.known, zone))

    def samples(self, facts: Facts, length: Amount, count: int) -> list[datetime]:
        """A few starts all over it, whether or not they will do."""
        at_any_time = replace(facts, taken=(), shut=(), openings=(), own=(), linked=())
        starts = Room.of(at_any_time, self, length, ever=True).starts
        if not starts:
            return self.grid(facts.terms.slot, facts.zone)[:1]
        return list(starts[:: max(len(starts) // count, 1)][:count])

    def _once(self, about: Hashable, work_out: Callable[[], T]) -> T:
        if about not in self._kept:
            self._kept[about] = work_out()
        return cast(T, self._kept[about])


@dataclass(frozen=True, slots=True)
class Room:
    """The starts at which a unit is free and open for long enough, in order."""

    starts: Sequence[datetime]

    @classmethod
    def of(cls, facts: Facts, frame: Frame, length: Amount, *, ever: bool = False) -> Room:
        """The starts on one unit; those that are past or too far ahead only when `ever`."""
        terms, zone = facts.terms, facts.zone
        grid: Sequence[datetime] = frame.grid(terms.slot, zone)
        if not ever:
            grid = grid[bisect_left(grid, _earliest(facts)) : bisect_left(grid, _latest(facts))]
        wholes = [_free(facts, frame.known), list(gaps(frame.known, (one.time for one in facts.shut)))]
        if not terms.slot.is_by_calendar:
            wholes.append(frame.within_hours(zone))
        if terms.cover is Cover.ALL:
            wholes.append(frame.open(facts.openings, zone))
        wholes.extend(rooms_of_linked(facts.linked, zone))
        rooms = wholes[0]
        for one in wholes[1:]:
            rooms = list(common(rooms, one))
        starts = _fitting(grid, rooms, length, terms, zone)
        if terms.cover is Cover.ENDS and facts.openings:
            open_ = frame.open(facts.openings, zone)
            starts = [s for s in starts if covered(open_, Interval(s, end_of(s, length, terms, zone)), Cover.ENDS)]
        return cls(starts)

    def has(self, start: datetime) -> bool:
        """Whether it may begin then."""
        at = bisect_left(self.starts, start)
        return at < len(self.starts) and self.starts[at] == start


def end_of(start: datetime, length: Amount, terms: Terms, zone: ZoneInfo) -> datetime:
    """When a booking of about this length ends: on the grid, and never shorter than the resource allows.

    Nothing is stretched to whole months: who needs something for hours or days does not want it for a month.
    """
    fitted = _fitted(length, terms.slot)
    end = fitted.after(start, zone)
    if terms.slot.measure is Measure.MONTH and fitted.measure is not Measure.MONTH:
        return end
    return max(end, terms.shortest.after(start, zone))


def common(some: Sequence[Interval], others: Sequence[Interval]) -> Iterator[Interval]:
    """What lies in both; each is sorted and its parts are apart."""
    one = other = 0
    while one < len(some) and other < len(others):
        part = some[one].clipped(others[other])
        if part is not None:
            yield part
        if some[one].end < others[other].end:
            one += 1
        else:
            other += 1


def _fitted(length: Amount, slot: Amount) -> Amount:
    """The length in whole steps of the grid, where both are counted alike or the grid is the coarser one."""
    if slot.measure is length.measure:
        return Amount(_up(length.count, slot.count), slot.measure)
    if slot.measure in (Measure.HALF_DAY, Measure.DAY) and length.measure is not Measure.MONTH:
        steps = _up(length.count * _MINUTES[length.measure], _MINUTES[slot.measure]) // _MINUTES[slot.measure]
        return Amount(_up(steps, slot.count), slot.measure)
    return length


def _up(count: int, step: int) -> int:
    return max(-(-count // step), 1) * step


def _earliest(facts: Facts) -> datetime:
    """No start before this one can be legal."""
    terms, zone, now = facts.terms, facts.zone, facts.now
    if terms.notice:
        return terms.notice.after(now, zone)
    return now - timedelta(days=1) if terms.slot.is_by_calendar else terms.slot.before(now, zone)


def _latest(facts: Facts) -> datetime:
    """No start from this one on can be legal."""
    last_on = facts.terms.horizon.after(facts.now, facts.zone).astimezone(facts.zone).date()
    return local_days(last_on, last_on, facts.zone).end


def _free(facts: Facts, known: Interval) -> list[Interval]:
    """Between what is taken, without the buffers; where those are shared with the person's own bookings, with them."""
    free = gaps(known, facts.taken)
    terms, zone = facts.terms, facts.zone
    if facts.own or not (terms.before or terms.after):
        return list(free)
    edges = ((terms.before.after(one.start, zone), terms.after.before(one.end, zone)) for one in free)
    return [Interval(start, end) for start, end in edges if start < end]


def _fitting(
    grid: Sequence[datetime], rooms: Sequence[Interval], length: Amount, terms: Terms, zone: ZoneInfo
) -> list[datetime]:
    """The starts of the grid from which a booking ends within the same room."""
    is_plain = not (length.is_by_calendar or terms.slot.is_by_calendar or terms.shortest.is_by_calendar)
    found: list[datetime] = []
    for room in rooms:
        at = bisect_left(grid, room.start)
        if is_plain and grid:
            real = end_of(grid[0], length, terms, zone) - grid[0]
            found.extend(grid[at : bisect_left(grid, room.end - real + _TICK)])
            continue
        while at < len(grid) and grid[at] < room.end and end_of(grid[at], length, terms, zone) <= room.end:
            found.append(grid[at])
            at += 1
    return found


_TICK = timedelta(microseconds=1)
