"""What is booked by half days, days, weeks or months: how long it is on the calendar, and what follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from .amount import Amount, Measure, months_between
from .interval import Interval, local_day, local_days
from .terms import Terms

RENEWABLE = timedelta(days=60)
"""How long before its end a residency can be renewed."""

_HALF = timedelta(hours=12)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Months:
    """Whole months to look at, from the first day of one."""

    first: date
    count: int

    @property
    def last_on(self) -> date:
        """Their last day."""
        return self.first + relativedelta(months=self.count, days=-1)

    def moved(self, months: int) -> Months:
        """As many, so many months later."""
        return Months(self.first + relativedelta(months=months), self.count)

    def window(self, zone: ZoneInfo) -> Interval:
        """From the first midnight to the last."""
        return local_days(self.first, self.last_on, zone)


def may_be_renewed(time: Interval, now: datetime) -> bool:
    """From 60 days before its end, and until then: afterwards one asks for another."""
    return time.end - RENEWABLE <= now < time.end


def length_of(time: Interval, slot: Amount, zone: ZoneInfo) -> Amount:
    """How long it is by the calendar of the site: whole months where it is booked by those, else days or half days."""
    first, last = _wall(time.start, zone), _wall(time.end, zone)
    if slot.measure is Measure.MONTH and (months := months_between(first.date(), last.date())):
        return Amount(months, Measure.MONTH)
    halves = max(round((last - first) / _HALF), 1)
    return Amount(halves, Measure.HALF_DAY) if halves % 2 else Amount(halves // 2, Measure.DAY)


def is_whole(time: Interval, slot: Amount, zone: ZoneInfo) -> bool:
    """Whether it lasts a whole number of a grid's months or days; weeks and months may begin on any day."""
    if slot.measure not in (Measure.MONTH, Measure.DAY):
        return True  # a grid of hours begins anew each day, and starts and ends lie on it
    length = length_of(time, slot, zone)
    return length.measure is slot.measure and length.count % slot.count == 0


def following(time: Interval, terms: Terms, zone: ZoneInfo, *, is_shared: bool = True) -> Interval:
    """As long again, from its end on: the last day for people is the day before the same date some months later.

    Where the time that is kept free between two bookings is not shared between these two, it begins after that.
    """
    start = time.end
    if not is_shared:
        cleaned = terms.before.after(terms.after.after(start, zone), zone)
        start = begins(cleaned, terms.slot, zone)
        if start < cleaned:
            start = _a_step(terms.slot).after(start, zone)
    return Interval(start, length_of(time, terms.slot, zone).after(start, zone))


def fitted(time: Interval, terms: Terms, zone: ZoneInfo) -> Interval:
    """The longest booking that the terms allow within a stretch of days, or the shortest where that is longer.

    It begins with the day of the stretch's start, or with its half day where those are booked.
    """
    start, slot = begins(time.start, terms.slot, zone), terms.slot
    count = max(_whole(_wall(start, zone), _wall(time.end, zone), slot.measure) // slot.count, 1) * slot.count
    end = min(Amount(count, slot.measure).after(start, zone), terms.longest.after(start, zone))
    return Interval(start, max(end, terms.shortest.after(start, zone)))


def whole_steps(time: Interval, slot: Amount, zone: ZoneInfo) -> Interval | None:
    """Of a stretch the days, or half days, that lie in it as a whole; None where there is none."""
    first, last = begins(time.start, slot, zone), begins(time.end, slot, zone)
    if first < time.start:
        first = _a_step(slot).after(first, zone)
    return Interval(first, last) if first < last else None


def _a_step(slot: Amount) -> Amount:
    return Amount(1, Measure.HALF_DAY if slot.measure is Measure.HALF_DAY else Measure.DAY)


def begins(at: datetime, slot: Amount, zone: ZoneInfo) -> datetime:
    """When the day, or the half day, of an instant begins."""
    midnight = local_day(at.astimezone(zone).date(), zone).start
    noon = Amount(1, Measure.HALF_DAY).after(midnight, zone)
    return noon if slot.measure is Measure.HALF_DAY and at >= noon else midnight


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall reads; the first instant of a day reads midnight, even if the clocks skip that."""
    local = at.astimezone(zone)
    if at == local_day(local.date(), zone).start:
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.replace(tzinfo=None, fold=0)


def _whole(first: datetime, last: datetime, measure: Measure) -> int:
    if measure is Measure.MONTH:
        apart = relativedelta(last, first)
        return apart.years * 12 + apart.months
    return int((last - first) // (_HALF if measure is Measure.HALF_DAY else _A_DAY))
