"""Closing a place: why, and again and again, each date as long by the clock on the wall as the first."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from .hours import WallTime, instant, wall_time
from .interval import Interval
from .language import N_
from .recurrence import Repeat

MOST_DATES = 200  # in one go


class ClosureKind(StrEnum):
    """Why something is shut. Stored; never rename."""

    HOLIDAY = "holiday"
    CLOSURE = "closure"
    MAINTENANCE = "maintenance"
    FAULT = "fault"


KIND_WORDS = {
    ClosureKind.CLOSURE: N_("Closure"),
    ClosureKind.MAINTENANCE: N_("Maintenance"),
    ClosureKind.HOLIDAY: N_("Holiday"),
    ClosureKind.FAULT: N_("Fault"),
}
KIND_IN_CALENDARS: dict[str, dict[ClosureKind, str]] = {  # calendars are put into words without a reader at hand
    "en": {
        ClosureKind.CLOSURE: "Closed",
        ClosureKind.MAINTENANCE: "Maintenance",
        ClosureKind.HOLIDAY: "Holiday",
        ClosureKind.FAULT: "Out of order",
    },
    "ja": {
        ClosureKind.CLOSURE: "休止",
        ClosureKind.MAINTENANCE: "保守",
        ClosureKind.HOLIDAY: "祝日",
        ClosureKind.FAULT: "故障",
    },
}


def dates_of(repeat: Repeat, start: datetime, end: datetime, zone: ZoneInfo) -> list[Interval]:
    """The times of all dates, `start` and `end` being the first one's on the wall.

    A place that closes at a time which the clocks skip closes when they have gone forward: no date is left out.
    """
    walls = repeat.dates(start, MOST_DATES)
    return [Interval(_at(one, zone), _at(one + (end - start), zone, fold=1)) for one in walls]


def _at(wall: datetime, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """The instant of a wall time; of an hour that comes twice the outer one, so that all of it is closed."""
    if wall_time(wall, zone) is WallTime.SKIPPED:
        return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant(wall, zone, fold=fold)
