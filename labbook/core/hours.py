"""Opening hours, closures and public holidays; every question about changes of the clock is answered here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from enum import StrEnum
from zoneinfo import ZoneInfo

import holidays

from .interval import Interval, gaps, local_day, merged

MINUTES_A_DAY = 24 * 60


class WallTime(StrEnum):
    """What a time on the wall is on a given day."""

    PLAIN = "plain"
    SKIPPED = "skipped"
    REPEATED = "repeated"


class Cover(StrEnum):
    """How much of a booking the opening hours must cover."""

    ALL = "all"
    ENDS = "ends"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on `weekday` (Monday is 0) from minute `opens` to minute `closes` of the wall clock (1440 is midnight)."""

    weekday: int
    opens: int
    closes: int


def wall_time(local: datetime, zone: ZoneInfo) -> WallTime:
    """Whether a naive local time happens once, never (clocks go forward) or twice (clocks go back)."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return WallTime.PLAIN
    comes_back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    return WallTime.REPEATED if comes_back else WallTime.SKIPPED


def instant(local: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """The UTC instant of a naive local time; `fold` 1 is the second of two. Raises ValueError when it is skipped."""
    if wall_time(local, zone) is WallTime.SKIPPED:
        raise ValueError("the clock skips this time")
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _at_minute(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant at which the wall clock reads `minute`, or would have read it had no clock gone forward."""
    if minute >= MINUTES_A_DAY:
        return local_day(on, zone).end
    local = datetime.combine(on, clock()) + timedelta(minutes=minute)
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def open_intervals(openings: Iterable[Opening], window: Interval, zone: ZoneInfo) -> list[Interval]:
    """When the place is open within `window`. No openings at all means open around the clock."""
    table = tuple(openings)
    if not table:
        return [window]
    found = (
        Interval(start, end)
        for on in days_of(window, zone)
        for row in table
        if row.weekday == on.weekday()
        and (start := _at_minute(on, row.opens, zone)) < (end := _at_minute(on, row.closes, zone))
    )
    return [part for one in merged(found) if (part := one.clipped(window))]


def closed_intervals(openings: Iterable[Opening], window: Interval, zone: ZoneInfo) -> list[Interval]:
    """When the place is shut within `window`, by its weekly hours."""
    return list(gaps(window, open_intervals(openings, window, zone)))


def days_of(window: Interval, zone: ZoneInfo) -> Iterator[date]:
    """The local dates that `window` touches."""
    on = window.start.astimezone(zone).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    while on <= last:
        yield on
        on += timedelta(days=1)


def is_open(openings: tuple[Opening, ...], wanted: Interval, cover: Cover, zone: ZoneInfo) -> bool:
    """Whether opening hours cover `wanted` as far as the resource demands."""
    if cover is Cover.NONE or not openings:
        return True
    if wanted.length <= _A_WEEK_AND_MORE:
        return covered(_open_around(openings, wanted, zone), wanted, cover)
    first = Interval(wanted.start, wanted.start + _A_WEEK_AND_MORE)
    last = Interval(wanted.end - _A_WEEK_AND_MORE, wanted.end)
    if cover is Cover.ALL:  # hours come again each week: what is open throughout the first is always open
        return covered(_open_around(openings, first, zone), first, cover)
    return covered(_open_around(openings, first, zone) + _open_around(openings, last, zone), wanted, cover)


_A_WEEK_AND_MORE = timedelta(days=9)


def _open_around(openings: Iterable[Opening], wanted: Interval, zone: ZoneInfo) -> list[Interval]:
    around = Interval(wanted.start - timedelta(days=1), wanted.end + timedelta(days=1))
    return open_intervals(openings, around, zone)


def covered(open_: Iterable[Interval], wanted: Interval, cover: Cover) -> bool:
    """The same, once it is known when the place is open."""
    if cover is Cover.NONE:
        return True
    if cover is Cover.ALL:
        return any(one.covers(wanted) for one in open_)
    parts = list(open_)
    starts = any(one.start <= wanted.start < one.end for one in parts)
    ends = any(one.start < wanted.end <= one.end for one in parts)
    return starts and ends


def is_midnight(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a local day begins then; where the clocks skip midnight it begins later."""
    return at == local_day(at.astimezone(zone).date(), zone).start


def minute_of_day(at: datetime, zone: ZoneInfo) -> float:
    """What the wall clock reads, in minutes since midnight."""
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60_000_000


def public_holidays(country: str, subdivision: str, years: Iterable[int], language: str) -> dict[date, str]:
    """Names of the public holidays by date; `language` is always passed on, or the process's locale would decide."""
    code = {"en": "en_US", "ja": "ja"}[language] if country == "JP" else "en_US"
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=list(years), language=code)
    return dict(sorted(found.items()))
