"""Which of several alike units: the one on which a booking leaves the largest runs free for others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

from .interval import Interval

T = TypeVar("T")
_START = attrgetter("start")


def gap_around(wanted: Interval, busy: Sequence[Interval], known: Interval) -> Interval | None:
    """The free run in which the wanted hold would lie, within what is known; None where it is not free.

    `busy` is in order, and its parts are apart.
    """
    after = bisect_left(busy, wanted.end, key=_START)
    before = busy[after - 1] if after else None
    if before is not None and before.end > wanted.start:
        return None
    start = min(wanted.start, known.start) if before is None else before.end
    end = busy[after].start if after < len(busy) else max(known.end, wanted.end)
    return Interval(start, end)


def best_fit(wanted: Interval, units: Iterable[tuple[T, Sequence[Interval]]], known: Interval) -> list[T]:
    """The units that are free then, the best first: where the squares of what runs stay free shrink least.

    So a hold goes where it fills a gap, or lies at the end of one, before it cuts a long run in two. Units on which it
    is all the same stay in their order.
    """
    found: list[tuple[float, int, T]] = []
    for number, (unit, busy) in enumerate(units):
        gap = gap_around(wanted, busy, known)
        if gap is not None:
            found.append((_lost(wanted, gap), number, unit))
    return [unit for *_, unit in sorted(found, key=lambda one: one[:2])]


def _lost(wanted: Interval, gap: Interval) -> float:
    before, after = wanted.start - gap.start, gap.end - wanted.end
    runs = (gap.length, before, after)
    whole, left, right = (run.total_seconds() ** 2 for run in runs)
    return whole - left - right
