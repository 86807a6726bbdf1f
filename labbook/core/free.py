"""The nearest times that would do instead of one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from .amount import Amount, Measure
from .facts import Effect, Facts, Verdict, held
from .interval import Interval, gaps
from .rules import RULES, judge

# What another time can mend; a missing training stays missing.
_ABOUT_TIME = ("past", "notice", "taken", "closed", "hours", "grid", "horizon", "agreement", "training", "too-long")
_TRIES = 60


def nearest_free(facts: Facts, window: Interval, *, count: int = 3) -> list[Interval]:
    """Up to `count` times as long as the wanted one, nearest to it first, that no rule about time refuses."""
    if any(RULES[code][1](facts) for code in ("hidden", "role")):
        return []
    found: list[Interval] = []
    for tried, candidate in enumerate(_candidates(facts, window)):
        if len(found) == count or tried == _TRIES:
            break
        if all(not candidate.overlaps(other) for other in found) and _would_do(replace(facts, wanted=candidate)):
            found.append(candidate)
    return sorted(found)


def with_taken(verdict: Verdict, facts: Facts) -> Verdict:
    """The verdict as it would be had the rules seen the hold that the database knows of."""
    if verdict.has("taken"):
        return verdict
    return judge(replace(facts, taken=(*facts.taken, facts.held)))


def _would_do(facts: Facts) -> bool:
    return not any(RULES[code][1](facts) for code in _ABOUT_TIME if RULES[code][0] is Effect.REFUSE)


def _candidates(facts: Facts, window: Interval) -> Iterator[Interval]:
    """The wanted length at both ends of each free gap, and stepwise around the wanted start; nearest first."""
    blocked = [*facts.taken, *(shut.time for shut in facts.shut)]
    starts = {facts.wanted.start + sign * n * _step(facts) for n in range(1, 25) for sign in (1, -1)}
    for gap in gaps(window, blocked):
        starts.update(_within(gap, facts))
    for start in sorted(starts, key=lambda one: (abs(one - facts.wanted.start), one)):
        yield _moved(facts, start - facts.wanted.start)


def _within(gap: Interval, facts: Facts) -> Iterator[datetime]:
    """The first and the last start in a gap for which the booking and its buffers fit, on the grid."""
    around = held(facts.wanted, facts.terms, facts.zone)
    before, after = facts.wanted.start - around.start, around.end - facts.wanted.end
    step = _step(facts)
    first, last = gap.start + before, gap.end - after - facts.wanted.length
    if first > last:
        return
    yield facts.wanted.start - ((facts.wanted.start - first) // step) * step
    yield facts.wanted.start + ((last - facts.wanted.start) // step) * step


def _step(facts: Facts) -> timedelta:
    slot = facts.terms.slot
    if slot.measure is Measure.MINUTE:
        return timedelta(minutes=max(slot.count, 15))
    return timedelta(hours=12) if slot.measure is Measure.HALF_DAY else timedelta(days=1)


def _moved(facts: Facts, by: timedelta) -> Interval:
    """The wanted time elsewhere; what is counted in local days keeps its wall-clock times over a change of clocks."""
    if not facts.terms.slot.is_by_calendar:
        return Interval(facts.wanted.start + by, facts.wanted.end + by)
    days = Amount(abs(round(by / timedelta(hours=12))), Measure.HALF_DAY)
    shift = days.after if by >= timedelta() else days.before
    return Interval(shift(facts.wanted.start, facts.zone), shift(facts.wanted.end, facts.zone))
