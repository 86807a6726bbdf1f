"""The nearest times that would do instead of one that does not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from .amount import Amount, Measure
from .buffers import held_beside
from .facts import Effect, Facts, Verdict
from .grid import starts_on
from .hours import Cover, covered, open_intervals
from .interval import Interval, local_day, merged
from .limits.applied import Applied
from .rules import RULES, judge
from .terms import Terms

# What another time cannot mend: then none is offered.
_ABOUT_PERSON = ("hidden", "role", "training", "conditions", "biosafety")
# Judged for each candidate, besides opening hours and what is taken, which are looked up faster here.
_ABOUT_TIME = tuple(
    code
    for code, (effect, _) in RULES.items()
    if effect is Effect.REFUSE and code not in (*_ABOUT_PERSON, "hours", "taken")
)
_MOST_STARTS = 3000
_MOST_ENDS = 500


def nearest_free(
    facts: Facts, window: Interval, *, count: int = 3, refused: set[Interval] | None = None
) -> list[Interval]:
    """Of the times that no rule or limit refuses the `count` nearest to the wanted one, apart, in order of time.

    They are as long as the wanted one, or as the resource's shortest or longest booking where that is the limit; they
    lie on its grid and within `window`, in which `facts` know what is taken. Nothing is near to a time that is more
    than twice as long as the longest booking, nor is anything to be had in a window that is past.

    Where one search follows another on the same unit, with no less taken, `refused` are the times that need no second
    look; those of this search are added.
    """
    if not _is_of_use(facts, window) or _is_far_too_long(facts):
        return []
    search = _Search.of(facts, window)
    found: list[Interval] = []
    refused = set() if refused is None else refused
    for start in islice(search.starts(), _MOST_STARTS):
        candidate = Interval(start, search.end_of(start))
        if candidate in refused or not search.knows(candidate) or any(candidate.overlaps(other) for other in found):
            continue
        if not search.would_do(candidate):
            refused.add(candidate)
            continue
        found.append(candidate)
        if len(found) == count:
            break
    return sorted(found)


def longest_shorter(facts: Facts, window: Interval) -> Interval | None:
    """The longest time that no rule or limit refuses of those with the same start that are shorter than the wanted one.

    Its end lies on the grid and within `window`.
    """
    if not _is_of_use(facts, window):
        return None
    search, start = _Search.of(facts, window), facts.wanted.start
    ends = (end for end in search.ends() if end > start)
    return next(
        (one for end in islice(ends, _MOST_ENDS) if search.knows(one := Interval(start, end)) and search.would_do(one)),
        None,
    )


def _is_of_use(facts: Facts, window: Interval) -> bool:
    """Whether some other time might do at all."""
    return window.end > facts.now and not any(RULES[code][1](facts) for code in _ABOUT_PERSON)


def with_taken(verdict: Verdict, facts: Facts) -> Verdict:
    """The verdict as it would be had the rules seen the hold that the database knows of."""
    if verdict.has("taken"):
        return verdict
    return judge(replace(facts, taken=(*facts.taken, facts.held)))


@dataclass(frozen=True, slots=True)
class _Search:
    facts: Facts
    window: Interval
    length: timedelta | Amount  # real time, or counted on the calendar
    taken: list[Interval]
    taken_ends: list[datetime]
    open: list[Interval]
    limits: list[Applied]  # that refuse; the one that did so last comes first, since it may do so again

    @classmethod
    def of(cls, facts: Facts, window: Interval) -> _Search:
        taken = merged(one for one in facts.taken if one.overlaps(window))
        facts = replace(facts, shut=tuple(one for one in facts.shut if one.time.overlaps(window)))
        is_bound = facts.terms.cover is not Cover.NONE
        open_ = open_intervals(facts.openings, window, facts.zone) if is_bound else [window]
        limits = [one for one in facts.limits if one.limit.effect is Effect.REFUSE]
        return cls(facts, window, _length(facts), taken, [one.end for one in taken], open_, limits)

    def end_of(self, start: datetime) -> datetime:
        """The end of a booking that starts then."""
        if isinstance(self.length, Amount):
            return self.length.after(start, self.facts.zone)
        return start + self.length

    def starts(self) -> Iterator[datetime]:
        """All starts on the grid within the window, the nearest to the wanted one first."""
        wanted = self.facts.wanted.start
        return merge(self._from(wanted, 1), self._from(wanted, -1), key=lambda start: abs(start - wanted))

    def ends(self) -> Iterator[datetime]:
        """All ends on the grid before that of the wanted time, the latest first; none later than the longest one's."""
        facts, zone = self.facts, self.facts.zone
        latest = min(facts.wanted.end, longest_end(facts.terms, facts.wanted.start, zone))
        on = latest.astimezone(zone).date()
        while on >= facts.first_on:
            yield from (
                end for end in starts_on(on, facts.terms.slot, zone)[::-1] if end <= latest and end < facts.wanted.end
            )
            on -= timedelta(days=1)

    def _from(self, wanted: datetime, way: int) -> Iterator[datetime]:
        """Starts on the grid at or after the wanted one (way 1), or before it (way -1), going away from it."""
        zone, on = self.facts.zone, wanted.astimezone(self.facts.zone).date()
        while local_day(on, zone).overlaps(self.window):
            for start in starts_on(on, self.facts.terms.slot, zone)[::way]:
                if (start >= wanted) == (way == 1):
                    yield start
            on += timedelta(days=way)

    def knows(self, wanted: Interval) -> bool:
        """What nobody has looked at does not count as free."""
        return self.window.covers(self._held(wanted))

    def _held(self, wanted: Interval) -> Interval:
        return held_beside(wanted, self.facts.own, self.facts.terms, self.facts.zone)

    def would_do(self, wanted: Interval) -> bool:
        """True when no rule refuses it, of what is known."""
        around = self._held(wanted)
        after = bisect_right(self.taken_ends, around.start)
        if after < len(self.taken) and self.taken[after].overlaps(around):
            return False
        if not covered(self.open, wanted, self.facts.terms.cover):
            return False
        facts = replace(self.facts, wanted=wanted)
        return not any(RULES[code][1](facts) for code in _ABOUT_TIME) and self._keeps_limits(facts)

    def _keeps_limits(self, facts: Facts) -> bool:
        for number, one in enumerate(self.limits):
            look = one.look(facts)
            if look is not None and not look.is_kept:
                self.limits.insert(0, self.limits.pop(number))
                return False
        return True


def longest_end(terms: Terms, start: datetime, zone: ZoneInfo) -> datetime:
    """The end of the longest booking that could start then."""
    return max(terms.longest.after(start, zone), terms.shortest.after(start, zone))


def _is_far_too_long(facts: Facts) -> bool:
    once = longest_end(facts.terms, facts.wanted.start, facts.zone)
    return facts.wanted.end > longest_end(facts.terms, once, facts.zone)


def _length(facts: Facts) -> timedelta | Amount:
    """The wanted length, on the grid and within what the resource allows."""
    terms, zone, start = facts.terms, facts.zone, facts.wanted.start
    end = max(facts.wanted.end, terms.shortest.after(start, zone))
    end = min(end, longest_end(terms, start, zone))
    slot = terms.slot
    if slot.measure is Measure.MINUTE:
        step = timedelta(minutes=slot.count)
        return max(-((start - end) // step), 1) * step
    first = start.astimezone(zone).replace(tzinfo=None, fold=0)
    last = end.astimezone(zone).replace(tzinfo=None, fold=0)
    if slot.measure is Measure.MONTH:
        apart = relativedelta(last, first)
        months = apart.years * 12 + apart.months + bool(apart.days or apart.hours)
        return Amount(_up(months, slot.count), slot.measure)
    unit = timedelta(hours=12) if slot.measure is Measure.HALF_DAY else timedelta(days=1)
    return Amount(_up(-((first - last) // unit), slot.count), slot.measure)


def _up(count: int, step: int) -> int:
    """`count` rounded up to a whole number of steps, at least one."""
    return max(-(-count // step), 1) * step
