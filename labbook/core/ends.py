"""The ends that a booking could have instead of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from .facts import Facts, Verdict
from .grid import starts_on
from .interval import Interval
from .rules import judge

EARLIER, LATER = 2, 4
_MOST_LOOKED_AT = 60  # steps of the grid


class End(NamedTuple):
    """An end that could be had, and whether staff would have to decide on it."""

    at: datetime
    asks: bool


def possible_ends(facts: Facts, window: Interval, left: Callable[[Verdict, Interval], Verdict]) -> list[End]:
    """The nearest ends to that of `facts.wanted`, in order of time; `left` says what of a verdict counts.

    Later ones are looked for until one is refused: what lies beyond is another booking.
    """
    before, now = facts.wanted, facts.now
    later = [end for end in _ends(facts, window) if end > before.end]
    earlier = [end for end in _ends(facts, window) if max(now, before.start) < end < before.end]
    found = [end for at in reversed(earlier[-EARLIER:]) if (end := _judged(facts, at, left))]
    for at in later[:LATER]:
        end = _judged(facts, at, left)
        if end is None:
            break
        found.append(end)
    return sorted(found)


def _judged(facts: Facts, at: datetime, left: Callable[[Verdict, Interval], Verdict]) -> End | None:
    wanted = Interval(facts.wanted.start, at)
    verdict = left(judge(replace(facts, wanted=wanted)), wanted)
    return None if verdict.is_refused else End(at, verdict.needs_review)


def _ends(facts: Facts, window: Interval) -> list[datetime]:
    """Ends on the grid around the present one."""
    zone, slot = facts.zone, facts.terms.slot
    on = facts.wanted.end.astimezone(zone).date()
    days = 40 if slot.is_by_calendar else 1
    several = (end for step in range(-days, days + 1) for end in starts_on(on + timedelta(days=step), slot, zone))
    ends = sorted(end for end in several if facts.wanted.start < end <= window.end)
    present = facts.wanted.end
    near = sorted(ends, key=lambda end: abs(end - present))[:_MOST_LOOKED_AT]
    return sorted(near)
