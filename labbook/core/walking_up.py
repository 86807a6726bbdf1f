"""What whoever stands before a resource can have of it: whether it is free now, until when, and for how long.

How it stands is worked out from what is held and when it is open, and is the same for everybody. What one may have is
judged, and begins in the slot that is running or at the next time that no rule refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .amount import Amount, Measure
from .ends import End
from .facts import Facts, Verdict
from .free import longest_end, longest_shorter, nearest_free
from .grid import starts_in
from .hours import Cover, open_intervals
from .interval import Interval, gaps
from .room import common
from .rules import judge

LENGTHS = (15, 30, 60, 120, 240, 480)  # minutes, from now
STEPS = (1, 2, 3, 5, 10)  # of what is booked by half days, days or months: so many of the shortest
MOST_ENDS = 6


@dataclass(frozen=True, slots=True)
class Presence:
    """How a resource stands at an instant, as everybody may know it: nothing of who holds it.

    `until` says how long at least one unit stays free or, where none is, when one is free again; None: not for as far
    as one has looked.
    """

    free: int
    of: int
    until: datetime | None
    is_shut: bool  # none of it is in use: it is closed


@dataclass(frozen=True, slots=True)
class Chance:
    """The first time that one may have: the start, the ends to choose from, and until when it would stay free."""

    start: datetime
    ends: tuple[End, ...]
    until: datetime
    facts: Facts  # of the unit, for the shortest booking then

    def judged_until(self, end: datetime) -> tuple[Facts, Verdict]:
        """What the rules say to a booking from its start to this end."""
        facts = replace(self.facts, wanted=Interval(self.start, end))
        return facts, judge(facts)


def presence(units: Sequence[Facts], window: Interval) -> Presence:
    """How these units of a resource stand now; `window` is as far as the facts know what is taken."""
    stretches = [free_stretches(facts, window) for facts in units]
    now = units[0].now
    free = [one for several in stretches for one in several if one.start <= now < one.end]
    if free:
        until = max(one.end for one in free)
        return Presence(len(free), len(units), until if until < window.end else None, False)
    again = min((one.start for several in stretches for one in several if one.start > now), default=None)
    in_use = any(one.start <= now < one.end for facts in units for one in facts.taken)
    return Presence(0, len(units), again, not in_use)


def free_stretches(facts: Facts, window: Interval) -> list[Interval]:
    """When a unit is held by nobody, not closed and, where hours bind the whole booking, open; in order."""
    free = list(gaps(window, [*facts.taken, *(one.time for one in facts.shut)]))
    if facts.terms.cover is not Cover.ALL:
        return free
    return list(common(free, open_intervals(facts.openings, window, facts.zone)))


def running_slot(facts: Facts) -> datetime:
    """The last start on the grid that is not after now; nothing earlier can be booked. A month's is today's."""
    around = Interval(facts.now - timedelta(hours=26), facts.now + timedelta(microseconds=1))  # the longest day has 25
    starts = starts_in(around, facts.terms.slot, facts.zone)
    return starts[-1] if starts else facts.now


def first_chance(units: Sequence[Facts], window: Interval) -> Chance | None:
    """The first time from now on that no rule refuses on one of the units; the one that can be had for longest."""
    chances = [one for facts in units if (one := _chance(facts, window)) is not None]
    return min(chances, key=lambda one: (one.start, -one.until.timestamp()), default=None)


def soon(units: Sequence[Facts], window: Interval, within: timedelta) -> Chance | None:
    """The same for lists, without ends: only what can be had now, or begins `within` so long."""
    starts = starts_in(Interval(running_slot(units[0]), units[0].now + within), units[0].terms.slot, units[0].zone)
    for start in starts:
        chances = [
            Chance(start, (end,), _stretch(facts, window, start), _shortest(facts, start))
            for facts in units
            if (end := _judged(facts, start, _shortest(facts, start).wanted.end)) is not None
        ]
        if chances:
            return max(chances, key=lambda one: (not one.ends[0].asks, one.until))
    return None


def _shortest(facts: Facts, start: datetime) -> Facts:
    return replace(facts, wanted=Interval(start, facts.terms.shortest.after(start, facts.zone)))


def _chance(facts: Facts, window: Interval) -> Chance | None:
    found = nearest_free(_shortest(facts, running_slot(facts)), window, count=1)
    if not found:
        return None
    start = found[0].start
    ends = tuple(_ends(facts, start, window))
    return Chance(start, ends, _stretch(facts, window, start), _shortest(facts, start)) if ends else None


def _stretch(facts: Facts, window: Interval, start: datetime) -> datetime:
    """Until when a booking that starts then could run at most, were there no rules: the next buffer is left free."""
    at = max(start, facts.now)
    end = next((one.end for one in free_stretches(facts, window) if one.start <= at < one.end), at)
    is_held = any(one.start == end for one in facts.taken)
    return max(facts.terms.after.before(end, facts.zone), at) if is_held and not facts.own else end


def _ends(facts: Facts, start: datetime, window: Interval) -> list[End]:
    """Usual lengths that no rule refuses, and the longest that can be had; in order."""
    ends = [end for at in sorted({*_usual_ends(facts, start)}) if (end := _judged(facts, start, at)) is not None]
    most = min(longest_end(facts.terms, start, facts.zone), max(_stretch(facts, window, start), start) + _slot(facts))
    longest = longest_shorter(replace(facts, wanted=Interval(start, most + _slot(facts))), window)
    if longest is not None and longest.end not in {one.at for one in ends}:
        ends.append(End(longest.end, judge(replace(facts, wanted=longest)).needs_review))
    return sorted(ends)[:MOST_ENDS] if len(ends) <= MOST_ENDS else [*sorted(ends)[: MOST_ENDS - 1], max(ends)]


def _usual_ends(facts: Facts, start: datetime) -> Iterator[datetime]:
    terms, zone = facts.terms, facts.zone
    if terms.slot.is_by_calendar:
        for times in STEPS:
            yield Amount(terms.shortest.count * times, terms.shortest.measure).after(start, zone)
        return
    begun, step = max(start, facts.now), _slot(facts)
    for minutes in LENGTHS:
        wanted = max(begun + timedelta(minutes=minutes), terms.shortest.after(start, zone))
        yield start + -((start - wanted) // step) * step


def _slot(facts: Facts) -> timedelta:
    slot = facts.terms.slot
    minutes = {Measure.MINUTE: slot.count, Measure.HALF_DAY: 720 * slot.count, Measure.DAY: 1440 * slot.count}
    return timedelta(minutes=minutes.get(slot.measure, 31 * 1440))


def _judged(facts: Facts, start: datetime, at: datetime) -> End | None:
    verdict = judge(replace(facts, wanted=Interval(start, at)))
    return None if verdict.is_refused else End(at, verdict.needs_review)
