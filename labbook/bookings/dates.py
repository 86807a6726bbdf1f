"""The dates of an ask: one, or those of its repeat rule, with the time of each part on each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..core.interval import Interval
from ..core.recurrence import Occurrence, Wrong, named, occurrences
from .wanted import Ask, Part


@dataclass(frozen=True, slots=True)
class Date:
    """One date of an ask, with the wall-clock start and the time of each part in order.

    It has no times where the clocks skip one of them.
    """

    names: tuple[str, ...]
    times: tuple[Interval, ...]


def dates_of(ask: Ask, zone: ZoneInfo, *, most: int) -> list[Date]:
    """All dates, at most `most`; the parts keep their distance to the first one by the clock on the wall."""
    first = wall_of(ask.start, zone)
    if ask.repeat is None:
        return [Date(tuple(named(wall_of(one.start, zone)) for one in ask.parts), tuple(one.time for one in ask.parts))]
    walls = ask.repeat.dates(first, most)
    columns = [_column(walls, first, part, zone) for part in ask.parts]
    return [Date(tuple(one.recurrence_on for one in row), _known(row)) for row in zip(*columns, strict=True)]


def wrong_repeat(ask: Ask, zone: ZoneInfo, *, most: int) -> Wrong | None:
    """What is not right with the repeat rule of an ask; None where it is, or there is none."""
    if ask.repeat is None:
        return None
    first = wall_of(ask.start, zone)
    last = max(wall_of(one.end, zone) for one in ask.parts)
    return ask.repeat.wrong(first, last, most)


def _column(walls: list[datetime], first: datetime, part: Part, zone: ZoneInfo) -> list[Occurrence]:
    start, end = wall_of(part.start, zone), wall_of(part.end, zone)
    return occurrences([wall + (start - first) for wall in walls], end - start, zone)


def _known(row: tuple[Occurrence, ...]) -> tuple[Interval, ...]:
    found = tuple(one.time for one in row if one.time is not None)
    return found if len(found) == len(row) else ()


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """What the site's clocks say at an instant, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)
