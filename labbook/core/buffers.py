"""The time kept free around bookings, and how neighbours of one person share it where a resource lets them.

Between two bookings of one person the first one's clean-down counts before the second one's set-up, and neither reaches
into the other booking: so they may follow on each other directly. When one of them goes, its neighbours have their full
buffers back, out of time that was held for the same person before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from zoneinfo import ZoneInfo

from .interval import Interval, merged
from .terms import Terms

_END = attrgetter("end")


def held(time: Interval, terms: Terms, zone: ZoneInfo) -> Interval:
    """The booking widened by the resource's buffers."""
    return Interval(terms.before.before(time.start, zone), terms.after.after(time.end, zone))


def held_between(
    earlier: Interval | None, time: Interval, later: Interval | None, terms: Terms, zone: ZoneInfo
) -> Interval:
    """What a booking holds between the bookings of the same person that come before and after it, where there are any.

    The earlier one's clean-down takes what it needs of the time between them; this one's set-up has what is left.
    """
    full = held(time, terms, zone)
    free_from = full.start if earlier is None else min(terms.after.after(earlier.end, zone), time.start)
    free_until = full.end if later is None else max(later.start, time.end)
    return Interval(max(full.start, free_from), min(full.end, free_until))


def held_in_a_row(times: Sequence[Interval], terms: Terms, zone: ZoneInfo) -> list[Interval]:
    """What each of one person's bookings on a unit holds; they are in order.

    They overlap only where one of them may be moved to a part of its own time.
    """
    last = [max(times[max(at - 1, 0) : at + 1], key=_END) for at in range(len(times))]
    neighbours = zip([None, *last], times, [*times[1:], None], strict=False)
    return [held_between(earlier, time, later, terms, zone) for earlier, time, later in neighbours]


def held_beside(wanted: Interval, own: Sequence[Interval], terms: Terms, zone: ZoneInfo) -> Interval:
    """What a wanted booking would hold beside the person's own ones."""
    if not own:
        return held(wanted, terms, zone)
    at = bisect_right(own, wanted)
    earlier, later = own[max(at - 2, 0) : at], own[at : at + 1]
    return held_between(max(earlier, key=_END) if earlier else None, wanted, later[0] if later else None, terms, zone)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A booking of the same person on the same unit, near by: its time, and what it holds so far."""

    time: Interval
    hold: Interval


def shared_anew(
    row: Sequence[Neighbour], freed: Iterable[Interval], among: Sequence[Interval], terms: Terms, zone: ZoneInfo
) -> list[Interval]:
    """What neighbours hold when one of the person's bookings left the `freed` holds, and stands `among` them now.

    None gets more than what was freed and what they held themselves: beyond that others may hold, who asked when the
    buffers were shorter.
    """
    times = sorted([*(one.time for one in row), *among])
    wanted = dict(zip(times, held_in_a_row(times, terms, zone), strict=True))
    had = merged([*(one.hold for one in row), *freed])
    within = [next(run for run in had if run.covers(one.time)) for one in row]
    return [wanted[one.time].clipped(run) or one.hold for one, run in zip(row, within, strict=True)]
