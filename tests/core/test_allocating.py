"""Which unit takes a booking, and who would have to change unit for one more."""

from __future__ import annotations

from bisect import insort
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.allocating import best_fit, gap_around
from labbook.core.interval import Interval
from labbook.core.rearranging import Laid, Rearranged, rearranged

ZERO = datetime(2027, 1, 1, tzinfo=UTC)
HALF = timedelta(minutes=30)


def span(start: int, end: int) -> Interval:
    """From one half hour to another."""
    return Interval(ZERO + start * HALF, ZERO + end * HALF)


KNOWN = span(0, 100)


def fits(wanted: Interval, *units: list[tuple[int, int]]) -> list[int]:
    """The units in the order in which they would be taken."""
    return best_fit(wanted, ((number, [span(*one) for one in unit]) for number, unit in enumerate(units)), KNOWN)


def test_a_gap_is_the_free_run_around_a_hold() -> None:
    busy = [span(0, 4), span(10, 12)]
    assert gap_around(span(5, 7), busy, KNOWN) == span(4, 10)
    assert gap_around(span(4, 10), busy, KNOWN) == span(4, 10)
    assert gap_around(span(14, 16), busy, KNOWN) == span(12, 100)
    assert gap_around(span(3, 5), busy, KNOWN) is None
    assert gap_around(span(9, 11), busy, KNOWN) is None


def test_a_gap_that_is_filled_comes_first_and_a_long_run_last() -> None:
    assert fits(span(10, 12), [], [(8, 10), (12, 14)], [(8, 10)], [(9, 12)]) == [1, 2, 0]


def test_what_lies_at_the_end_of_a_run_comes_before_what_cuts_it() -> None:
    assert fits(span(10, 12), [(0, 4), (20, 30)], [(0, 10), (20, 30)]) == [1, 0]


def test_where_it_is_all_the_same_units_keep_their_order() -> None:
    assert fits(span(10, 12), [], [], []) == [0, 1, 2]


# --- how many are accepted --------------------------------------------------------------------------------------------

UNITS = 24


class Pool:
    """A pool of units that takes what it can of many requests."""

    def __init__(self, units: int, *, best: bool) -> None:
        self.best, self.busy = best, [list[Interval]() for _ in range(units)]
        self.taken = 0

    def ask(self, wanted: Interval, known: Interval) -> bool:
        """Take it where there is room."""
        free = (number for number, busy in enumerate(self.busy) if gap_around(wanted, busy, known))
        found = best_fit(wanted, enumerate(self.busy), known) if self.best else free
        unit = next(iter(found), None)
        if unit is None:
            return False
        insort(self.busy[unit], wanted)
        self.taken += 1
        return True


def requests(seed: int, number: int, days: int) -> list[Interval]:
    """Random times from half an hour to eight hours, in the order in which they are asked for."""
    dice, last = Random(seed), days * 48
    lengths = [dice.randint(1, 16) for _ in range(number)]
    return [span(start, start + length) for length in lengths for start in [dice.randrange(last - length)]]


def accepted(number: int, days: int, seeds: int) -> dict[str, float]:
    """How many are accepted on average, by first fit and by best fit."""
    sums = {"first": 0, "best": 0}
    for seed in range(seeds):
        pools = {name: Pool(UNITS, best=name == "best") for name in sums}
        for wanted in requests(seed, number, days):
            for pool in pools.values():
                pool.ask(wanted, span(0, days * 48))
        for name, pool in pools.items():
            sums[name] += pool.taken
    return {name: total / seeds for name, total in sums.items()}


SOAK = pytest.mark.soak


@pytest.mark.parametrize(("number", "seeds"), [(2_000, 3), pytest.param(10_000, 20, marks=SOAK)])
def test_best_fit_accepts_no_fewer_than_first_fit(number: int, seeds: int) -> None:
    found = accepted(number, number * 74 // 10_000, seeds)  # asked for is about as much as there is
    print(f"of {number} requests on {UNITS} units, over {seeds} seeds: {found}")
    assert found["best"] >= found["first"]


# --- rearranging ------------------------------------------------------------------------------------------------------

LAID = st.lists(
    st.tuples(st.integers(0, 14), st.integers(1, 5), st.integers(0, 2), st.booleans()), min_size=0, max_size=9
)


def laid_out(drawn: list[tuple[int, int, int, bool]]) -> list[Laid]:
    """Those of the drawn holds that do not lie over each other."""
    laid: list[Laid] = []
    for start, length, unit, moves in drawn:
        hold = span(start, start + length)
        if not any(one.unit == unit and one.hold.overlaps(hold) for one in laid):
            laid.append(Laid(len(laid), hold, unit, moves))
    return laid


def stands(wanted: Interval, laid: list[Laid], found: Rearranged) -> bool:
    """Whether nothing lies over anything else after it, and nothing that is fixed has moved."""
    rows = [(found.unit, wanted)] + [(int(found.moved.get(one.key, one.unit)), one.hold) for one in laid]
    apart = all(one[0] != other[0] or one[1].end <= other[1].start for one, other in pairwise(sorted(rows)))
    return apart and all(one.moves for one in laid if one.key in found.moved)


def is_possible(wanted: Interval, laid: list[Laid], units: int) -> bool:
    """Whether any way at all leads to it: every one is tried."""
    moving = [one for one in laid if one.moves]
    for unit, *others in product(range(units), repeat=len(moving) + 1):
        moved = {one.key: to for one, to in zip(moving, others, strict=True)}
        if stands(wanted, laid, Rearranged(unit, moved)):
            return True
    return False


@given(LAID, st.integers(0, 14), st.integers(1, 5))
@settings(max_examples=150, deadline=None)
def test_room_is_made_whenever_there_is_a_way(drawn: list[tuple[int, int, int, bool]], start: int, length: int) -> None:
    laid, wanted = laid_out(drawn), span(start, start + length)
    laid = [one for number, one in enumerate(laid) if number < 7]
    found = rearranged(wanted, laid, range(3))
    assert (found is not None) == is_possible(wanted, laid, 3)
    assert found is None or stands(wanted, laid, found)


def test_nobody_moves_where_a_unit_is_free() -> None:
    laid = [Laid("a", span(0, 4), 0, True)]
    assert rearranged(span(2, 6), laid, [0, 1]) == Rearranged(1, {})


def test_as_few_move_as_have_to() -> None:
    laid = [Laid("a", span(0, 4), 0, True), Laid("b", span(6, 10), 1, True), Laid("c", span(12, 14), 0, True)]
    found = rearranged(span(2, 8), laid, [0, 1])
    assert found in (Rearranged(0, {"a": 1}), Rearranged(1, {"b": 0}))


def test_what_is_fixed_stays() -> None:
    laid = [Laid("a", span(0, 4), 0, False), Laid("b", span(6, 10), 1, False)]
    assert rearranged(span(2, 8), laid, [0, 1]) is None


@pytest.mark.parametrize(("number", "units"), [(400, 6), pytest.param(10_000, UNITS, marks=SOAK)])
def test_with_rearranging_all_are_accepted_that_a_colouring_admits(number: int, units: int) -> None:
    days = number * 74 * UNITS // 10_000 // units
    laid: dict[int, Laid] = {}
    deep = [0] * (days * 48)
    taken = 0
    for key, wanted in enumerate(requests(1, number, days)):
        first, last = (int((at - ZERO) / HALF) for at in (wanted.start, wanted.end))
        admits = max(deep[first:last]) < units
        near = list(laid.values())
        found = rearranged(wanted, near, range(units))
        assert (found is not None) == admits
        if found is not None:
            taken += 1
            for one, to in found.moved.items():
                laid[one] = Laid(one, laid[one].hold, to, True)  # type: ignore[index]
            laid[key] = Laid(key, wanted, found.unit, True)
            deep[first:last] = [depth + 1 for depth in deep[first:last]]
    print(f"of {number} requests on {units} units with rearranging: {taken}")
