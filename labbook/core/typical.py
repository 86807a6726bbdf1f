"""Weekly hours laid over two weeks without holidays or changes of the clock, to see what can never be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .calendar import Calendar
from .hours import Opening, open_intervals
from .interval import Interval, merged
from .weekly import When

_START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
_WEEKS = Interval(_START, _START + timedelta(weeks=2))
_ZONE = ZoneInfo("UTC")


def stretches_of(when: When, openings: Iterable[Opening] = ()) -> list[Interval]:
    """The stretches of the hours, as far as a place is open; two weeks, so that none is cut at the end of one."""
    inside = merged(Calendar(_ZONE).hours(when, _WEEKS))
    open_ = open_intervals(openings, _WEEKS, _ZONE)
    return [part for one in inside for other in open_ if (part := one.clipped(other))]


def longest_minutes(stretches: Iterable[Interval]) -> int:
    """The length of the longest of them."""
    return max((int(one.length.total_seconds()) // 60 for one in stretches), default=0)
