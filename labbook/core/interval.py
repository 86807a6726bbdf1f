"""Half-open stretches of time in UTC: [start, end)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` up to, not including, `end`; both aware, kept in UTC.

    Raises ValueError for naive instants and when the end is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        if self.start.tzinfo is not UTC:
            object.__setattr__(self, "start", self.start.astimezone(UTC))
        if self.end.tzinfo is not UTC:
            object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        """The time that really passes, whatever the clocks on the wall do."""
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Intervals that merely touch do not overlap."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Interval) -> bool:
        """True when all of `other` lies within this interval."""
        return self.start <= other.start and other.end <= self.end

    def clipped(self, window: Interval) -> Interval | None:
        """The part within `window`, or None."""
        start, end = max(self.start, window.start), min(self.end, window.end)
        return Interval(start, end) if start < end else None


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as fewer intervals, sorted: those that overlap or touch become one."""
    return _joined(intervals, lambda one, before: one.start <= before.end)


def overlaid(intervals: Iterable[Interval]) -> list[Interval]:
    """The same where only those that overlap become one; what touches stays apart."""
    return _joined(intervals, lambda one, before: one.start < before.end)


def _joined(intervals: Iterable[Interval], belongs: Callable[[Interval, Interval], bool]) -> list[Interval]:
    result: list[Interval] = []
    for one in sorted(intervals):
        if result and belongs(one, result[-1]):
            result[-1] = Interval(result[-1].start, max(result[-1].end, one.end))
        else:
            result.append(one)
    return result


def gaps(window: Interval, taken: Iterable[Interval]) -> Iterator[Interval]:
    """What of `window` is left between the `taken` intervals, in order."""
    at = window.start
    for one in merged(taken):
        if one.end <= window.start or one.start >= window.end:
            continue
        if one.start > at:
            yield Interval(at, one.start)
        at = max(at, one.end)
    if at < window.end:
        yield Interval(at, window.end)


def local_day(on: date, zone: ZoneInfo) -> Interval:
    """The local day `on` from midnight to midnight: 23, 24 or 25 hours long."""
    start = datetime.combine(on, clock(), zone)
    end = datetime.combine(on + timedelta(days=1), clock(), zone)
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


def local_days(first: date, last: date, zone: ZoneInfo) -> Interval:
    """The local days from `first` through `last`, both included."""
    return Interval(local_day(first, zone).start, local_day(last, zone).end)
