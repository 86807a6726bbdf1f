"""What cannot be true at once of a resource's terms, said before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from dateutil.relativedelta import relativedelta

from .amount import Amount, Measure
from .hours import MINUTES_A_DAY, Cover, Opening
from .language import N_
from .terms import Sentence

A_WEEK = 7 * MINUTES_A_DAY

_MINUTES = {Measure.MINUTE: 1, Measure.HALF_DAY: MINUTES_A_DAY // 2, Measure.DAY: MINUTES_A_DAY}
_STARTS = [date(2000, 1, 1) + relativedelta(months=number) for number in range(48)]  # a leap year and the next three


@dataclass(frozen=True, slots=True)
class Wanted:
    """The terms as somebody would like them; amounts by name, as in Terms, of which some may be nothing."""

    amounts: Mapping[str, Amount]  # slot, shortest, longest, before, after, notice, horizon
    cover: Cover
    by_day: bool
    openings: Collection[Opening]  # that count for the resource; none: around the clock


Told = tuple[str, Sentence]


def contradictions(wanted: Wanted) -> dict[str, Sentence]:
    """Why the terms cannot be kept, by the name of the amount; of each the first reason."""
    found: dict[str, Sentence] = {}
    for rules in _ROUNDS:
        for name, sentence in (told for rule in rules for told in rule(wanted)):
            found.setdefault(name, sentence)
        if found:
            break
    return found


@cache
def _span(amount: Amount) -> tuple[int, int]:
    """The least and the most minutes: months differ."""
    if amount.measure is not Measure.MONTH:
        minutes = amount.count * _MINUTES[amount.measure]
        return minutes, minutes
    days = [(start + relativedelta(months=amount.count) - start).days for start in _STARTS]
    return min(days) * MINUTES_A_DAY, max(days) * MINUTES_A_DAY


def _is_longer(one: Amount, other: Amount) -> bool:
    """Whether it is longer, if only in some months."""
    if one.measure is other.measure:
        return one.count > other.count
    return _span(one)[1] > _span(other)[0]


# --- the reasons ------------------------------------------------------------------------------------------------------


def _nothing(wanted: Wanted) -> Iterator[Told]:
    for name in ("slot", "shortest", "longest"):
        if not wanted.amounts[name]:
            yield name, Sentence(N_("Enter more than nothing."))


def _by_the_clock(wanted: Wanted) -> Iterator[Told]:
    for name in ("slot", "shortest", "longest"):
        if wanted.by_day and wanted.amounts[name].measure in (Measure.MINUTE, Measure.HALF_DAY):
            yield name, Sentence(N_("It is booked by the day: enter whole days or months, as in 1 d or 1 mo."))


def _uneven_grid(wanted: Wanted) -> Iterator[Told]:
    slot = wanted.amounts["slot"]
    if slot and slot.measure in (Measure.MINUTE, Measure.HALF_DAY) and MINUTES_A_DAY % _span(slot)[0]:
        yield "slot", Sentence(N_("The grid starts anew at midnight: enter a length that divides a day evenly."))


def _shortest_over_longest(wanted: Wanted) -> Iterator[Told]:
    if _is_longer(wanted.amounts["shortest"], wanted.amounts["longest"]):
        yield "shortest", Sentence(N_("The shortest booking is longer than the longest."))


def _broken_slots(wanted: Wanted) -> Iterator[Told]:
    slot = wanted.amounts["slot"]
    for name in ("shortest", "longest"):
        if not _is_whole(wanted.amounts[name], slot):
            yield name, Sentence(N_("This is not a whole number of steps of the grid, %(slot)s each."), {"slot": slot})


def _is_whole(amount: Amount, slot: Amount) -> bool:
    if slot.measure is Measure.MONTH:
        return amount.measure is Measure.MONTH and amount.count % slot.count == 0
    step = slot.count * _MINUTES[slot.measure]
    if amount.measure is Measure.MONTH:
        return MINUTES_A_DAY % step == 0
    return amount.count * _MINUTES[amount.measure] % step == 0


def _notice_over_horizon(wanted: Wanted) -> Iterator[Told]:
    notice = wanted.amounts["notice"]
    if notice and _is_longer(notice, wanted.amounts["horizon"]):
        yield "notice", Sentence(N_("Nobody could book: the notice is longer than one may book ahead."))


def _never_open(wanted: Wanted) -> Iterator[Told]:
    if not _some_time_fits(wanted):
        yield "slot", Sentence(N_("No opening hour of this resource holds one shortest booking on this grid."))


# What comes later makes no sense without what comes before.
_ROUNDS: tuple[tuple[Callable[[Wanted], Iterator[Told]], ...], ...] = (
    (_nothing, _by_the_clock, _uneven_grid),
    (_shortest_over_longest, _broken_slots, _notice_over_horizon),
    (_never_open,),
)


# --- opening hours ----------------------------------------------------------------------------------------------------


def _some_time_fits(wanted: Wanted) -> bool:
    """Whether some booking on the grid lies within a plain week's opening hours, as far as they must cover it."""
    if wanted.cover is Cover.NONE or not wanted.openings:
        return True
    open_ = _open_stretches(wanted.openings)
    if open_[0][0] == 0 and open_[0][1] == 3 * A_WEEK:
        return True
    step = min(_span(wanted.amounts["slot"])[0], MINUTES_A_DAY)
    starts = [at for at in range(0, A_WEEK, step) if any(start <= at < end for start, end in open_)]
    if wanted.cover is Cover.ALL:
        length = _span(wanted.amounts["shortest"])[0]
        return any(start <= at and at + length <= end for at in starts for start, end in open_)
    return any(_ends_open(at, wanted, step, open_) for at in starts)


def _ends_open(at: int, wanted: Wanted, step: int, open_: list[tuple[int, int]]) -> bool:
    """Whether a booking that begins then may end within opening hours; whole weeks more or less do not matter."""
    shortest, longest = _span(wanted.amounts["shortest"])[0], _span(wanted.amounts["longest"])[1]
    weeks = shortest // A_WEEK * A_WEEK
    first, last = at + shortest - weeks, at + min(longest - weeks, shortest - weeks + A_WEEK)
    for start, end in open_:
        latest = min(last, end) // step * step
        if latest >= first and latest > start:
            return True
    return False


def _open_stretches(openings: Collection[Opening]) -> list[tuple[int, int]]:
    """When it is open in three plain weeks, in minutes from the first Monday; what touches is one."""
    days = [(week * A_WEEK + one.weekday * MINUTES_A_DAY, one) for week in range(3) for one in openings]
    rows = sorted((midnight + one.opens, midnight + one.closes) for midnight, one in days)
    found: list[tuple[int, int]] = []
    for start, end in rows:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
