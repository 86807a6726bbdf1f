"""The time kept free around bookings, and how neighbours of one person share it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.buffers import Neighbour, held, held_beside, held_in_a_row, shared_anew
from labbook.core.interval import Interval
from tests.core.cases import TOKYO, amount, at, span, terms_with

TERMS = terms_with(before="15 min", after="30 min", shares_buffers=True)
START = at("2026-11-24 00:00")


def day(*times: str) -> list[Interval]:
    """Times of one day, as in "10:00-11:00"."""
    edges = [time.split("-") for time in times]
    return [span(f"2026-11-24 {start}", f"2026-11-24 {end}") for start, end in edges]


@pytest.mark.parametrize(
    ("times", "holds"),
    [
        (["10:00-11:00"], ["09:45-11:30"]),
        (["10:00-11:00", "11:00-12:00"], ["09:45-11:00", "11:00-12:30"]),
        (["10:00-11:00", "11:20-12:00"], ["09:45-11:20", "11:20-12:30"]),
        (["10:00-11:00", "11:30-12:00"], ["09:45-11:30", "11:30-12:30"]),
        (["10:00-11:00", "11:40-12:00"], ["09:45-11:30", "11:30-12:30"]),
        (["10:00-11:00", "11:45-12:00"], ["09:45-11:30", "11:30-12:30"]),
        (["10:00-11:00", "11:46-12:00"], ["09:45-11:30", "11:31-12:30"]),
        (["10:00-11:00", "11:00-11:05", "11:05-12:00"], ["09:45-11:00", "11:00-11:05", "11:05-12:30"]),
    ],
)
def test_neighbours_share_what_lies_between_them(times: list[str], holds: list[str]) -> None:
    assert held_in_a_row(day(*times), TERMS, TOKYO) == day(*holds)


def test_without_buffers_each_holds_its_time() -> None:
    bare = terms_with(before="0 min", after="0 min")
    assert held_in_a_row(day("10:00-11:00", "11:00-12:00"), bare, TOKYO) == day("10:00-11:00", "11:00-12:00")
    assert held_in_a_row([], bare, TOKYO) == []


def test_who_comes_between_two_of_their_own_shares_with_both() -> None:
    own = day("08:00-09:00", "09:50-10:00", "11:00-12:00")
    assert held_beside(day("10:00-11:00")[0], own, TERMS, TOKYO) == day("10:00-11:00")[0]
    assert held_beside(day("13:00-14:00")[0], own, TERMS, TOKYO) == day("12:45-14:30")[0]
    assert held_beside(day("12:05-14:00")[0], own, TERMS, TOKYO) == day("12:05-14:30")[0]
    assert held_beside(day("06:00-07:55")[0], own, TERMS, TOKYO) == day("05:45-08:00")[0]


def test_a_wanted_time_that_overlaps_an_own_one_is_held_all_the_same() -> None:
    own = day("10:00-12:00")
    for wanted in day("10:00-13:00", "09:00-10:30", "10:30-11:00", "09:00-13:00", "10:00-12:00"):
        assert held_beside(wanted, own, TERMS, TOKYO).covers(wanted)


def test_who_stays_has_the_full_buffer_back_when_the_neighbour_goes() -> None:
    first, gone, last = day("09:00-10:00", "10:00-11:00", "11:00-12:00")
    before = held_in_a_row([first, gone, last], TERMS, TOKYO)
    row = [Neighbour(first, before[0]), Neighbour(last, before[2])]
    assert shared_anew(row, [before[1]], [], TERMS, TOKYO) == day("08:45-10:30", "10:45-12:30")


def test_nobody_gets_more_than_was_held_before_even_when_buffers_are_longer_now() -> None:
    stays, gone = day("09:00-10:00", "10:00-11:00")
    before = held_in_a_row([stays, gone], TERMS, TOKYO)
    longer = terms_with(before="2 h", after="3 h", shares_buffers=True)
    assert shared_anew([Neighbour(stays, before[0])], [before[1]], [], longer, TOKYO) == day("08:45-11:30")


# --- any row ----------------------------------------------------------------------------------------------------------

MINUTES = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=24, unique=True).map(sorted)


def row_of(edges: list[int]) -> list[Interval]:
    """Bookings from every second edge to the next; some follow on directly when an edge is used twice."""
    pairs = [pair for n, pair in enumerate(pairwise(edges)) if n % 3 != 2]
    return [Interval(START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in pairs]


@given(MINUTES, st.integers(0, 90), st.integers(0, 90))
def test_holds_in_a_row_never_overlap_and_hold_all_that_is_theirs(edges: list[int], before: int, after: int) -> None:
    terms, row = terms_with(before=amount(f"{before} min"), after=amount(f"{after} min")), row_of(edges)
    holds = held_in_a_row(row, terms, TOKYO)
    assert all(one.end <= other.start for one, other in pairwise(holds))
    assert all(
        held(time, terms, TOKYO).covers(hold) and hold.covers(time) for time, hold in zip(row, holds, strict=True)
    )
    for (one, hold), (other, next_hold) in pairwise(zip(row, holds, strict=True)):
        gap = (other.start - one.end) // timedelta(minutes=1)
        kept = (hold.end - one.end + other.start - next_hold.start) // timedelta(minutes=1)
        assert kept == min(gap, before + after)


@given(MINUTES, st.integers(0, 90), st.integers(0, 90), st.data())
def test_whatever_goes_the_rest_holds_what_it_would_without_it(
    edges: list[int], before: int, after: int, data: st.DataObject
) -> None:
    terms, row = terms_with(before=amount(f"{before} min"), after=amount(f"{after} min")), row_of(edges)
    holds = held_in_a_row(row, terms, TOKYO)
    gone = data.draw(st.integers(0, len(row) - 1))
    rest = [Neighbour(time, hold) for n, (time, hold) in enumerate(zip(row, holds, strict=True)) if n != gone]
    alone = held_in_a_row([one.time for one in rest], terms, TOKYO)
    assert shared_anew(rest, [holds[gone]], [], terms, TOKYO) == alone
    assert [held_beside(row[gone], [one.time for one in rest], terms, TOKYO)] == [holds[gone]]
    back = [Neighbour(one.time, hold) for one, hold in zip(rest, alone, strict=True)]
    assert shared_anew(back, [], [row[gone]], terms, TOKYO) == [one.hold for one in rest]
