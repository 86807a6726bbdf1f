"""Lengths as a lab says them: 30 minutes, half a day, 10 days, 12 months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


class Measure(StrEnum):
    """The unit of an amount. Half days, days and months are counted on the site's calendar."""

    MINUTE = "minute"
    HALF_DAY = "half-day"
    DAY = "day"
    MONTH = "month"


_SPELLINGS = {
    "min": (1, Measure.MINUTE),
    "minute": (1, Measure.MINUTE),
    "h": (60, Measure.MINUTE),
    "half-day": (1, Measure.HALF_DAY),
    "d": (1, Measure.DAY),
    "day": (1, Measure.DAY),
    "wk": (7, Measure.DAY),
    "mo": (1, Measure.MONTH),
    "month": (1, Measure.MONTH),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """`count` times a measure, for instance 90 minutes or 12 months; never negative."""

    count: int
    measure: Measure

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("an amount is not negative")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "30 min", "4 h", "1 half-day", "10 d", "2 wk" or "12 mo". Raises ValueError for anything else."""
        number, _, word = text.strip().partition(" ")
        if word not in _SPELLINGS or not number.isdecimal():
            raise ValueError(f"not an amount: {text!r}")
        factor, measure = _SPELLINGS[word]
        return cls(int(number) * factor, measure)

    def __str__(self) -> str:
        return f"{self.count} {self.measure}"

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def is_by_calendar(self) -> bool:
        """True for amounts that are counted in local dates rather than in minutes."""
        return self.measure is not Measure.MINUTE

    def after(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The instant this much later, in UTC. A day later is the same wall time on the next local date."""
        return _shifted(instant, self, 1, zone)

    def before(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The instant this much earlier, in UTC."""
        return _shifted(instant, self, -1, zone)


def _shifted(instant: datetime, amount: Amount, sign: int, zone: ZoneInfo) -> datetime:
    if amount.measure is Measure.MINUTE:
        return instant.astimezone(UTC) + sign * timedelta(minutes=amount.count)
    local = instant.astimezone(zone)
    midnight = datetime.combine(local.date(), clock(), zone)
    # Where the clocks skip midnight, a day begins at one; days from there are still days from midnight.
    is_first = instant <= midnight.astimezone(UTC)
    naive = (midnight if is_first else local).replace(tzinfo=None, fold=0)
    if amount.measure is Measure.MONTH:
        naive += relativedelta(months=sign * amount.count)
    elif amount.measure is Measure.DAY:
        naive += timedelta(days=sign * amount.count)
    else:
        naive += timedelta(hours=sign * 12 * amount.count)
    return naive.replace(tzinfo=zone, fold=_fold(naive, local.fold, zone)).astimezone(UTC)


def _fold(naive: datetime, fold: int, zone: ZoneInfo) -> int:
    """The second of two like times stays the second where there are two; a skipped time has no second."""
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    is_repeated = (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
    return fold if is_repeated else 0


def months_between(first: date, last_excluded: date) -> int | None:
    """Whole months from one date to another, or None when they do not make whole months."""
    count = (last_excluded.year - first.year) * 12 + last_excluded.month - first.month
    return count if count > 0 and first + relativedelta(months=count) == last_excluded else None
