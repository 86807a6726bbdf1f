"""A site's days, weeks and months, and the hours of them in which a limit counts; in minutes since the epoch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from .hours import days_of, open_intervals
from .interval import Interval, gaps, local_day, local_days
from .usage import Minutes, minute_of, minutes_of
from .weekly import When

T = TypeVar("T")


class Span(StrEnum):
    """Over which time something adds up. Stored; never rename."""

    DAY = "day"
    WEEK = "week"  # from the site's first weekday
    MONTH = "month"
    DAYS = "days"  # any so many days in a row
    AHEAD = "ahead"  # from now on
    SOON = "soon"  # the next so many hours


@dataclass(frozen=True)
class Calendar:
    """A site's zone, its first weekday (Monday is 0) and its public holidays. What was worked out is kept."""

    zone: ZoneInfo
    first_weekday: int = 0
    holidays: Collection[date] = frozenset()
    _known: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)

    def counting(self, when: When, stretch: Interval) -> list[Minutes]:
        """When, within `stretch`, it counts: sorted, apart from each other."""
        return self._once((when, stretch), lambda: [minutes_of(one) for one in self.hours(when, stretch)])

    def hours(self, when: When, stretch: Interval) -> list[Interval]:
        """The same as intervals."""
        if not when:
            return [stretch]
        days = tuple(days_of(stretch, self.zone))
        return [
            part for one in self._once((when, days), lambda: self._hours(when, days)) if (part := one.clipped(stretch))
        ]

    def _hours(self, when: When, days: tuple[date, ...]) -> list[Interval]:
        """For whole days: what lies within the same days is asked for again and again."""
        stretch = local_days(days[0], days[-1], self.zone)
        inside = open_intervals(when.openings, stretch, self.zone)
        off = [] if when.on_holidays else [local_day(on, self.zone) for on in days if on in self.holidays]
        if off:
            inside = [part for one in inside for part in gaps(one, off)]
        return list(gaps(stretch, inside)) if when.is_outside else inside

    def interval(self, start: int, end: int) -> Interval:
        """From one minute to another."""
        return Interval(datetime.fromtimestamp(start * 60, UTC), datetime.fromtimestamp(end * 60, UTC))

    def days(self, stretch: Interval) -> list[Interval]:
        """The local days that `stretch` touches, as a whole."""
        return [local_day(on, self.zone) for on in days_of(stretch, self.zone)]

    def days_in_minutes(self, stretch: Interval) -> list[Minutes]:
        """The same in minutes since the epoch; worked out once."""
        return self._once(("days", stretch), lambda: [minutes_of(one) for one in self.days(stretch)])

    def midnights(self, stretch: Interval) -> list[int]:
        """When its local days begin."""
        return [minute_of(one.start) for one in self.days(stretch)]

    def midnight_before(self, minute: int) -> int:
        """When the local day of this minute begins."""
        on = datetime.fromtimestamp(minute * 60, self.zone).date()
        return minute_of(local_day(on, self.zone).start)

    def stretches(self, span: Span, count: int, wanted: Interval) -> list[Interval]:
        """The stretches of days in which `wanted` lies and over which something adds up.

        For AHEAD and SOON they depend on the present, and the limit says them itself.
        """
        days = tuple(days_of(wanted, self.zone))
        return self._once((span, count, days), lambda: list(self._stretches(span, count, days)))

    def _stretches(self, span: Span, count: int, days: tuple[date, ...]) -> Iterator[Interval]:
        first, last = days[0], days[-1]
        if span is Span.DAY:
            yield from (local_day(on, self.zone) for on in days)
        elif span is Span.WEEK:
            begins = {on - timedelta(days=(on.weekday() - self.first_weekday) % 7) for on in days}
            yield from (local_days(on, on + timedelta(days=6), self.zone) for on in sorted(begins))
        elif span is Span.MONTH:
            months = {on.replace(day=1) for on in days}
            yield from (local_days(on, on + relativedelta(months=1, days=-1), self.zone) for on in sorted(months))
        else:
            earliest = first - timedelta(days=count - 1)
            for number in range((last - earliest).days + 1):
                on = earliest + timedelta(days=number)
                yield local_days(on, on + timedelta(days=count - 1), self.zone)

    def _once(self, about: Hashable, work_out: Callable[[], T]) -> T:
        if about not in self._known:
            self._known[about] = work_out()
        return cast(T, self._known[about])
