"""What a sign says of a resource, from when its units are held and shut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from labbook.core.interval import Interval
from labbook.core.signs import Standing, UnitTimes, from_now, stretches

DAY = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = Interval(DAY, DAY + timedelta(hours=24))


def hours(first: float, last: float) -> Interval:
    return Interval(DAY + timedelta(hours=first), DAY + timedelta(hours=last))


def told(*units: UnitTimes) -> list[tuple[str, float, float]]:
    def since(at: datetime) -> float:
        return (at - DAY).total_seconds() / 3600

    return [(str(one.standing), since(one.time.start), since(one.time.end)) for one in stretches(units, WINDOW)]


def test_neighbours_are_one_stretch_so_that_nobody_counts_them() -> None:
    assert told(UnitTimes([hours(9, 10), hours(10, 11), hours(13, 14)], [])) == [
        ("free", 0, 9),
        ("busy", 9, 11),
        ("free", 11, 13),
        ("busy", 13, 14),
        ("free", 14, 24),
    ]


def test_a_resource_is_free_as_long_as_one_of_its_units_is() -> None:
    one, two = UnitTimes([hours(8, 12)], []), UnitTimes([hours(10, 14)], [])
    assert told(one, two) == [("free", 0, 10), ("busy", 10, 12), ("free", 12, 24)]
    at = DAY + timedelta(hours=9)
    assert [one.is_free(at), two.is_free(at)] == [False, True]


def test_closed_is_what_is_open_nowhere_and_a_shut_unit_makes_nothing_free() -> None:
    one, two = UnitTimes([hours(0, 6)], [hours(12, 24)]), UnitTimes([], [hours(0, 9), hours(18, 24)])
    assert told(one, two) == [("busy", 0, 6), ("free", 6, 18), ("closed", 18, 24)]


def test_something_without_units_is_closed() -> None:
    assert told() == [("closed", 0, 24)]


def test_what_is_over_is_not_told() -> None:
    found = stretches([UnitTimes([hours(9, 10)], [])], WINDOW)
    assert [one.standing for one in from_now(found, DAY + timedelta(hours=9))] == [Standing.BUSY, Standing.FREE]
    assert [one.standing for one in from_now(found, DAY + timedelta(hours=10))] == [Standing.FREE]


times = st.lists(
    st.builds(lambda start, length: hours(start, start + length), st.integers(-5, 28), st.integers(1, 9)), max_size=4
)
all_units = st.lists(st.builds(UnitTimes, times, times), max_size=3)


@given(all_units)
def test_the_window_is_told_from_end_to_end_and_every_moment_truly(units: list[UnitTimes]) -> None:
    found = stretches(units, WINDOW)
    assert (found[0].time.start, found[-1].time.end) == (WINDOW.start, WINDOW.end)
    assert all(one.time.end == two.time.start and one.standing != two.standing for one, two in pairwise(found))
    for hour in range(24):
        at = DAY + timedelta(hours=hour, minutes=30)
        (here,) = [one.standing for one in found if one.time.start <= at < one.time.end]
        open_units = [one for one in units if not any(time.start <= at < time.end for time in one.shut)]
        truth = Standing.BUSY if open_units else Standing.CLOSED
        assert here is (Standing.FREE if any(one.is_free(at) for one in units) else truth)
