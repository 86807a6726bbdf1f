"""Mornings and afternoons in a form: a time of which only its half day counts."""

from __future__ import annotations

from datetime import date
from datetime import time as clock
from zoneinfo import ZoneInfo

from wtforms import TimeField

from ..core.amount import Amount, Measure
from ..core.interval import Interval, local_day
from ..core.terms import Terms

_NOON = clock(12)


class ClockField(TimeField):
    """A time on the wall; where half days are booked, one of two choices, sent as the time at which it begins."""

    is_half_day = False

    @property
    def is_afternoon(self) -> bool:
        """Which of the two is chosen."""
        return self.data is not None and self.data >= _NOON


def are_booked(terms: Terms) -> bool:
    """Whether the grid is one of half days."""
    return terms.slot.measure is Measure.HALF_DAY


def half(on: date, *, is_afternoon: bool, zone: ZoneInfo) -> Interval:
    """The morning or the afternoon of a local day."""
    day = local_day(on, zone)
    noon = Amount(1, Measure.HALF_DAY).after(day.start, zone)
    return Interval(noon, day.end) if is_afternoon else Interval(day.start, noon)
