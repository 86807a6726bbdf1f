"""The starts that a resource's grid allows, on the wall clock of its site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import lru_cache
from zoneinfo import ZoneInfo

from .amount import Amount, Measure
from .hours import WallTime, days_of, wall_time
from .interval import Interval, local_day

_FOLDS = {WallTime.PLAIN: (0,), WallTime.REPEATED: (0, 1), WallTime.SKIPPED: ()}


@lru_cache(maxsize=256)
def starts_on(on: date, slot: Amount, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The starts on one local day, in order; a time that the clocks repeat twice, one that they skip not at all.

    Kept: a site's instruments share a few grids, and a page asks for all of them.
    """
    if slot.measure in (Measure.DAY, Measure.MONTH):
        return (local_day(on, zone).start,)
    step = slot.count * (720 if slot.measure is Measure.HALF_DAY else 1)
    midnight = datetime.combine(on, clock())
    walls = [midnight + timedelta(minutes=minute) for minute in range(0, 1440, step)]
    starts = [
        wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for wall in walls for fold in _FOLDS[wall_time(wall, zone)]
    ]
    return tuple(sorted(starts))


def starts_in(window: Interval, slot: Amount, zone: ZoneInfo) -> list[datetime]:
    """The starts within a window, in order."""
    each = (start for on in days_of(window, zone) for start in starts_on(on, slot, zone))
    return [start for start in each if window.start <= start < window.end]
