"""What a sign on the wall says of a resource: whether one of its units is free, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .interval import Interval, gaps, merged


class Standing(StrEnum):
    """How a resource stands at some time."""

    FREE = "free"  # one of its units at least
    BUSY = "busy"  # what is open of it is taken
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time throughout which a resource stands the same."""

    standing: Standing
    time: Interval


@dataclass(frozen=True, slots=True)
class UnitTimes:
    """When one unit is held, by whomever, and when it is shut."""

    taken: Sequence[Interval]
    shut: Sequence[Interval]

    def is_free(self, at: datetime) -> bool:
        """Whether nothing stands in its way at that moment."""
        return not any(one.start <= at < one.end for one in (*self.taken, *self.shut))


def stretches(units: Iterable[UnitTimes], window: Interval) -> list[Stretch]:
    """How a resource with these units stands within a window, in order and without a gap; neighbours always differ.

    What touches is one stretch, so that nobody can count bookings from outside.
    """
    all_units = list(units)
    free = merged(gap for one in all_units for gap in gaps(window, [*one.taken, *one.shut]))
    open_ = merged(gap for one in all_units for gap in gaps(window, one.shut))
    closed = list(gaps(window, open_))
    busy = list(gaps(window, [*free, *closed]))
    by_standing = ((Standing.FREE, free), (Standing.CLOSED, closed), (Standing.BUSY, busy))
    found = [Stretch(standing, time) for standing, times in by_standing for time in times]
    return sorted(found, key=lambda one: one.time)


def from_now(all_stretches: Sequence[Stretch], now: datetime) -> list[Stretch]:
    """The stretch that runs, and those after it."""
    return [one for one in all_stretches if one.time.end > now]
