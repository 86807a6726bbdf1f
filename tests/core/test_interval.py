"""Half-open time: what overlaps, what merely touches, what is left over, and how long a local day is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.interval import Interval, gaps, local_day, local_days, merged
from tests.core.cases import DAY, HOUR, KOLKATA, LONDON, LORD_HOWE, NEW_YORK, TOKYO, at, span

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def hours(start: int, end: int) -> Interval:
    """From `start` to `end` hours after noon."""
    return Interval(NOON + start * HOUR, NOON + end * HOUR)


some = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: hours(pair[0], pair[0] + pair[1]))


def test_an_interval_is_kept_in_utc() -> None:
    lunch = span("2026-11-24 12:00", "2026-11-24 13:00")
    assert lunch.start.tzinfo is UTC
    assert lunch.end.tzinfo is UTC
    assert lunch == Interval(datetime(2026, 11, 24, 3, tzinfo=UTC), datetime(2026, 11, 24, 4, tzinfo=UTC))


@pytest.mark.parametrize(("start", "end"), [(NOON.replace(tzinfo=None), NOON), (NOON, NOON.replace(tzinfo=None))])
def test_a_naive_time_makes_no_interval(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        Interval(start, end)


@pytest.mark.parametrize("length", [timedelta(), -HOUR])
def test_an_interval_ends_after_it_starts(length: timedelta) -> None:
    with pytest.raises(ValueError, match="ends after"):
        Interval(NOON, NOON + length)


def test_the_end_is_compared_in_real_time_not_on_the_wall() -> None:
    repeated = Interval(at("2026-11-01 01:30", NEW_YORK, 0), at("2026-11-01 01:30", NEW_YORK, 1))
    assert repeated.length == HOUR
    with pytest.raises(ValueError, match="ends after"):
        Interval(at("2026-11-01 01:40", NEW_YORK, 1), at("2026-11-01 01:50", NEW_YORK, 0))


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (hours(-2, 0), False),  # ends where the other starts
        (hours(2, 4), False),
        (hours(-2, 1), True),
        (hours(1, 4), True),
        (hours(-1, 3), True),
        (hours(0, 2), True),
        (Interval(NOON + 2 * HOUR - timedelta(microseconds=1), NOON + 3 * HOUR), True),
    ],
)
def test_touching_is_not_overlapping(other: Interval, overlaps: bool) -> None:
    assert hours(0, 2).overlaps(other) is overlaps
    assert other.overlaps(hours(0, 2)) is overlaps


def test_an_interval_covers_what_lies_within_it_and_itself() -> None:
    assert hours(0, 4).covers(hours(1, 2))
    assert hours(0, 4).covers(hours(0, 4))
    assert not hours(0, 4).covers(hours(-1, 2))
    assert not hours(0, 4).covers(hours(1, 5))


def test_an_interval_is_clipped_to_a_window() -> None:
    assert hours(0, 4).clipped(hours(1, 9)) == hours(1, 4)
    assert hours(0, 4).clipped(hours(-5, 1)) == hours(0, 1)
    assert hours(0, 4).clipped(hours(4, 5)) is None


def test_what_overlaps_or_touches_becomes_one() -> None:
    assert merged([hours(5, 6), hours(0, 2), hours(1, 3), hours(3, 4), hours(0, 1)]) == [hours(0, 4), hours(5, 6)]
    assert merged([hours(0, 9), hours(1, 2)]) == [hours(0, 9)]
    assert merged([]) == []


def test_gaps_are_what_is_left() -> None:
    taken = [hours(-3, 1), hours(2, 3), hours(3, 4), hours(8, 12), hours(40, 50)]
    assert list(gaps(hours(0, 10), taken)) == [hours(1, 2), hours(4, 8)]
    assert list(gaps(hours(0, 10), [])) == [hours(0, 10)]
    assert list(gaps(hours(0, 10), [hours(0, 10)])) == []
    assert list(gaps(hours(0, 10), [hours(-5, 0), hours(10, 11)])) == [hours(0, 10)]


@given(window=some, taken=st.lists(some, max_size=8))
def test_gaps_and_taken_time_make_up_the_window(window: Interval, taken: list[Interval]) -> None:
    free = list(gaps(window, taken))
    assert all(window.covers(gap) for gap in free)
    assert not any(gap.overlaps(one) for gap in free for one in taken)
    assert free == merged(free)
    inside = [part for one in taken if (part := one.clipped(window))]
    assert merged([*free, *inside]) == [window]


@given(taken=st.lists(some, max_size=8))
def test_merging_keeps_the_time_and_leaves_nothing_to_merge(taken: list[Interval]) -> None:
    result = merged(taken)
    assert all(before.end < after.start for before, after in pairwise(result))
    for hour in range(41):
        instant = NOON + (hour + 0.5) * HOUR
        assert any(one.start <= instant < one.end for one in result) == any(
            one.start <= instant < one.end for one in taken
        )


@pytest.mark.parametrize(
    ("on", "zone", "long"),
    [
        ("2026-11-01", NEW_YORK, 25),
        ("2027-03-14", NEW_YORK, 23),
        ("2027-11-07", NEW_YORK, 25),
        ("2026-11-02", NEW_YORK, 24),
        ("2027-03-28", LONDON, 23),
        ("2026-10-04", LORD_HOWE, 23.5),
        ("2027-04-04", LORD_HOWE, 24.5),
        ("2026-11-01", KOLKATA, 24),
        ("2026-09-06", ZoneInfo("America/Santiago"), 23),  # midnight is the hour that is skipped
        ("2026-10-25", ZoneInfo("Atlantic/Azores"), 25),  # midnight comes twice
    ],
)
def test_a_local_day_has_23_to_25_hours(on: str, zone: ZoneInfo, long: float) -> None:
    day = local_day(date.fromisoformat(on), zone)
    assert day.length == long * HOUR
    assert day.start.astimezone(zone).date() == date.fromisoformat(on)
    assert (day.start - timedelta(seconds=1)).astimezone(zone).date() == date.fromisoformat(on) - DAY


def test_no_day_of_tokyo_is_longer_than_another() -> None:
    first = date(2026, 1, 1)
    assert {local_day(first + n * DAY, TOKYO).length for n in range(730)} == {24 * HOUR}


@given(
    first=st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    days=st.integers(0, 40),
    zone=st.sampled_from([TOKYO, NEW_YORK, LORD_HOWE, LONDON, KOLKATA]),
)
def test_local_days_follow_one_another_without_a_gap(first: date, days: int, zone: ZoneInfo) -> None:
    each = [local_day(first + n * DAY, zone) for n in range(days + 1)]
    assert merged(each) == [local_days(first, first + days * DAY, zone)]
    assert all(before.end == after.start for before, after in pairwise(each))


def test_the_last_day_does_not_come_before_the_first() -> None:
    with pytest.raises(ValueError, match="ends after"):
        local_days(date(2026, 11, 24), date(2026, 11, 23), TOKYO)
