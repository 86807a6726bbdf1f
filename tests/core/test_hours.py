"""Opening hours and holidays, and every question about changes of the clock.

New York: back on 1 November 2026 and 7 November 2027 at 02:00, forward on 14 March 2027. Lord Howe changes by half an
hour: forward on 4 October 2026, back on 4 April 2027.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.hours import (
    Cover,
    Opening,
    WallTime,
    closed_intervals,
    covered,
    days_of,
    instant,
    is_open,
    open_intervals,
    wall_time,
)
from labbook.core.interval import Interval, local_day, local_days, merged
from tests.core.cases import DAY, HOUR, KOLKATA, LORD_HOWE, NEW_YORK, TOKYO, at, span

AZORES, SANTIAGO = ZoneInfo("Atlantic/Azores"), ZoneInfo("America/Santiago")
WEEKDAYS = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(5))
EVERY_DAY = range(7)


def naive(local: str) -> datetime:
    """A wall time without its zone."""
    return datetime.fromisoformat(local)


# What a time on the wall is


@pytest.mark.parametrize(
    ("local", "zone", "kind"),
    [
        ("2026-11-01 00:59", NEW_YORK, WallTime.PLAIN),
        ("2026-11-01 01:00", NEW_YORK, WallTime.REPEATED),
        ("2026-11-01 01:59", NEW_YORK, WallTime.REPEATED),
        ("2026-11-01 02:00", NEW_YORK, WallTime.PLAIN),
        ("2027-03-14 01:59", NEW_YORK, WallTime.PLAIN),
        ("2027-03-14 02:00", NEW_YORK, WallTime.SKIPPED),
        ("2027-03-14 02:30", NEW_YORK, WallTime.SKIPPED),
        ("2027-03-14 03:00", NEW_YORK, WallTime.PLAIN),
        ("2027-11-07 01:30", NEW_YORK, WallTime.REPEATED),
        ("2026-10-04 02:00", LORD_HOWE, WallTime.SKIPPED),
        ("2026-10-04 02:29", LORD_HOWE, WallTime.SKIPPED),
        ("2026-10-04 02:30", LORD_HOWE, WallTime.PLAIN),
        ("2027-04-04 01:29", LORD_HOWE, WallTime.PLAIN),
        ("2027-04-04 01:30", LORD_HOWE, WallTime.REPEATED),
        ("2027-04-04 02:00", LORD_HOWE, WallTime.PLAIN),
        ("2026-09-06 00:00", SANTIAGO, WallTime.SKIPPED),
        ("2026-10-25 00:00", AZORES, WallTime.REPEATED),
    ],
)
def test_a_wall_time_is_plain_skipped_or_repeated(local: str, zone: ZoneInfo, kind: WallTime) -> None:
    assert wall_time(naive(local), zone) is kind


@pytest.mark.parametrize("zone", [TOKYO, KOLKATA])
def test_where_clocks_never_change_every_time_is_plain(zone: ZoneInfo) -> None:
    start = naive("2026-01-01 00:30")
    assert {wall_time(start + n * HOUR, zone) for n in range(2 * 365 * 24)} == {WallTime.PLAIN}


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.sampled_from([NEW_YORK, LORD_HOWE, AZORES]))  # noqa: DTZ001
def test_a_time_that_is_not_skipped_reads_back_from_its_instant(local: datetime, zone: ZoneInfo) -> None:
    kind = wall_time(local, zone)
    both = {local.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)}
    assert (len(both) == 1) == (kind is WallTime.PLAIN)
    if kind is WallTime.SKIPPED:
        with pytest.raises(ValueError, match="skips"):
            instant(local, zone)
    else:
        for fold in (0, 1):
            assert instant(local, zone, fold=fold).astimezone(zone).replace(tzinfo=None) == local


def test_of_a_repeated_time_the_fold_says_which() -> None:
    first, second = (instant(naive("2027-11-07 01:30"), NEW_YORK, fold=fold) for fold in (0, 1))
    assert (first.isoformat(), second - first) == ("2027-11-07T05:30:00+00:00", HOUR)
    first, second = (instant(naive("2027-04-04 01:45"), LORD_HOWE, fold=fold) for fold in (0, 1))
    assert second - first == HOUR / 2


def test_a_skipped_time_has_no_instant() -> None:
    with pytest.raises(ValueError, match="skips"):
        instant(naive("2027-03-14 02:30"), NEW_YORK, fold=1)


# Opening hours over days of 23 and 25 hours


def on_day(on: str, zone: ZoneInfo, opens: int, closes: int) -> list[Interval]:
    """When a place with the same hours every day is open on one day."""
    table = [Opening(weekday, opens, closes) for weekday in EVERY_DAY]
    return open_intervals(table, local_day(date.fromisoformat(on), zone), zone)


@pytest.mark.parametrize(
    ("on", "zone", "opens", "closes", "hours"),
    [
        ("2026-11-01", NEW_YORK, 0, 1440, 25),
        ("2027-03-14", NEW_YORK, 0, 1440, 23),
        ("2026-11-01", NEW_YORK, 0, 360, 7),
        ("2027-03-14", NEW_YORK, 0, 360, 5),
        ("2026-11-01", NEW_YORK, 540, 1080, 9),
        ("2027-03-14", NEW_YORK, 540, 1080, 9),
        ("2026-11-01", NEW_YORK, 90, 180, 2.5),  # from the first 01:30
        ("2027-03-14", NEW_YORK, 60, 210, 1.5),
        ("2026-10-04", LORD_HOWE, 0, 1440, 23.5),
        ("2027-04-04", LORD_HOWE, 0, 1440, 24.5),
        ("2027-04-04", LORD_HOWE, 60, 180, 2.5),
        ("2026-11-01", KOLKATA, 0, 1440, 24),
        ("2026-09-06", SANTIAGO, 0, 1440, 23),
        ("2026-10-25", AZORES, 0, 1440, 25),
    ],
)
def test_a_place_is_open_as_long_as_its_clocks_say(
    on: str, zone: ZoneInfo, opens: int, closes: int, hours: float
) -> None:
    [open_] = on_day(on, zone, opens, closes)
    assert open_.length == hours * HOUR


def test_doors_open_and_close_by_the_wall_whatever_the_season() -> None:
    for on in ("2026-10-31", "2026-11-01", "2027-03-13", "2027-03-14"):
        [open_] = on_day(on, NEW_YORK, 540, 1080)
        assert open_ == span(f"{on} 09:00", f"{on} 18:00", NEW_YORK)


def test_hours_that_the_clock_swallows_do_not_open_the_door() -> None:
    assert on_day("2027-03-14", NEW_YORK, 150, 190) == []  # 02:30 to 03:10, and 02:30 came no earlier than 03:30
    [open_] = on_day("2027-03-14", NEW_YORK, 120, 240)  # 02:00 to 04:00: it opens as 03:00 comes
    assert open_ == span("2027-03-14 03:00", "2027-03-14 04:00", NEW_YORK)


@pytest.mark.parametrize("zone", [TOKYO, NEW_YORK, LORD_HOWE, SANTIAGO, AZORES])
def test_a_door_that_never_closes_is_one_stretch_all_year(zone: ZoneInfo) -> None:
    year = local_days(date(2026, 9, 1), date(2027, 8, 31), zone)
    assert open_intervals([Opening(weekday, 0, 1440) for weekday in EVERY_DAY], year, zone) == [year]


def test_hours_over_midnight_are_two_rows_and_one_stretch() -> None:
    night = [Opening(5, 22 * 60, 1440), Opening(6, 0, 6 * 60)]
    week = local_days(date(2026, 10, 26), date(2026, 11, 1), NEW_YORK)
    [open_] = open_intervals(night, week, NEW_YORK)
    assert open_ == span("2026-10-31 22:00", "2026-11-01 06:00", NEW_YORK)
    assert open_.length == 9 * HOUR  # the night on which the clocks go back


def test_a_place_without_hours_is_open_around_the_clock() -> None:
    window = span("2026-11-28 20:00", "2026-11-29 04:00")
    assert open_intervals([], window, TOKYO) == [window]
    assert closed_intervals([], window, TOKYO) == []


@given(
    start=st.datetimes(datetime(2026, 9, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    hours=st.integers(200, 700),
    rows=st.lists(st.builds(Opening, st.integers(0, 6), st.sampled_from((0, 0, 540)), st.sampled_from((600, 1440)))),
    whole=st.booleans(),
    cover=st.sampled_from(Cover),
    zone=st.sampled_from([TOKYO, NEW_YORK, LORD_HOWE]),
)
def test_a_long_stay_is_judged_as_if_every_day_of_it_had_been_looked_at(
    start: datetime, hours: int, rows: list[Opening], whole: bool, cover: Cover, zone: ZoneInfo
) -> None:
    rows = [*rows, *(Opening(weekday, 0, 1440) for weekday in EVERY_DAY if whole)]
    begins = start.replace(tzinfo=zone).astimezone(UTC)
    wanted = Interval(begins, begins + hours * HOUR)
    each_day = open_intervals(rows, Interval(wanted.start - DAY, wanted.end + DAY), zone)
    assert is_open(tuple(rows), wanted, cover, zone) is (not rows or covered(each_day, wanted, cover))


def test_a_weekend_is_shut_and_open_time_is_cut_to_the_window() -> None:
    window = span("2026-11-27 17:00", "2026-11-30 10:00")  # Friday to Monday
    assert open_intervals(WEEKDAYS, window, TOKYO) == [
        span("2026-11-27 17:00", "2026-11-27 18:00"),
        span("2026-11-30 09:00", "2026-11-30 10:00"),
    ]
    assert closed_intervals(WEEKDAYS, window, TOKYO) == [span("2026-11-27 18:00", "2026-11-30 09:00")]


def test_two_shifts_with_a_break_between_them_are_two_stretches() -> None:
    shifts = [Opening(0, 540, 720), Opening(0, 780, 1080), Opening(0, 600, 700)]
    found = open_intervals(shifts, local_day(date(2026, 11, 23), TOKYO), TOKYO)
    assert found == [span("2026-11-23 09:00", "2026-11-23 12:00"), span("2026-11-23 13:00", "2026-11-23 18:00")]


@given(
    start=st.datetimes(datetime(2026, 9, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    length=st.integers(1, 200),
    rows=st.lists(st.builds(Opening, st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)), max_size=6),
    zone=st.sampled_from([TOKYO, NEW_YORK, LORD_HOWE, AZORES]),
)
def test_open_and_closed_time_make_up_the_window(
    start: datetime, length: int, rows: list[Opening], zone: ZoneInfo
) -> None:
    window = Interval(start.replace(tzinfo=zone), start.replace(tzinfo=zone).astimezone(TOKYO) + length * HOUR)
    open_, closed = open_intervals(rows, window, zone), closed_intervals(rows, window, zone)
    assert merged([*open_, *closed]) == [window]
    assert sum((one.length for one in [*open_, *closed]), timedelta()) == window.length


def test_a_window_touches_each_of_its_dates_once() -> None:
    assert list(days_of(span("2026-10-31 23:00", "2026-11-02 00:00", NEW_YORK), NEW_YORK)) == [
        date(2026, 10, 31),
        date(2026, 11, 1),
    ]
    assert list(days_of(span("2026-11-24 00:00", "2026-11-24 00:01"), TOKYO)) == [date(2026, 11, 24)]
    assert list(days_of(local_day(date(2026, 11, 24), TOKYO), NEW_YORK)) == [date(2026, 11, 23), date(2026, 11, 24)]


# How much of a booking they must cover

WANTED = {
    "within a day": span("2026-11-24 09:00", "2026-11-24 18:00"),
    "overnight": span("2026-11-24 17:00", "2026-11-25 10:00"),
    "starts early": span("2026-11-24 08:30", "2026-11-24 10:00"),
    "ends late": span("2026-11-24 17:00", "2026-11-24 18:30"),
    "starts as it closes": span("2026-11-24 18:00", "2026-11-25 10:00"),
    "ends as it opens": span("2026-11-24 17:00", "2026-11-25 09:00"),
    "at night": span("2026-11-24 20:00", "2026-11-24 22:00"),
    "over the weekend": span("2026-11-27 17:00", "2026-11-30 10:00"),
}
COVERED = {
    Cover.ALL: {"within a day"},
    Cover.ENDS: {"within a day", "overnight", "over the weekend"},
    Cover.NONE: set(WANTED),
}


@pytest.mark.parametrize("cover", Cover)
@pytest.mark.parametrize("name", WANTED)
def test_opening_hours_cover_all_of_it_its_ends_or_nothing(cover: Cover, name: str) -> None:
    assert is_open(WEEKDAYS, WANTED[name], cover, TOKYO) == (name in COVERED[cover])


@pytest.mark.parametrize("cover", Cover)
def test_without_hours_everything_is_covered(cover: Cover) -> None:
    assert all(is_open((), wanted, cover, TOKYO) for wanted in WANTED.values())


def test_a_stay_of_days_is_covered_where_the_door_never_closes() -> None:
    always = tuple(Opening(weekday, 0, 1440) for weekday in EVERY_DAY)
    assert is_open(always, span("2026-10-30 09:00", "2026-11-03 09:00", NEW_YORK), Cover.ALL, NEW_YORK)


@pytest.mark.parametrize("on", ["2027-03-13", "2027-03-14", "2026-11-01"])
def test_a_night_is_covered_on_the_wall_when_clocks_change(on: str) -> None:
    nights = tuple(Opening(weekday, 0, 6 * 60) for weekday in EVERY_DAY)
    assert is_open(nights, span(f"{on} 00:00", f"{on} 06:00", NEW_YORK), Cover.ALL, NEW_YORK)
    assert not is_open(nights, span(f"{on} 00:00", f"{on} 06:30", NEW_YORK), Cover.ALL, NEW_YORK)


def test_a_year_has_the_same_length_in_every_zone() -> None:
    for zone in (TOKYO, NEW_YORK, LORD_HOWE, AZORES):
        assert local_days(date(2027, 1, 1), date(2027, 12, 31), zone).length == 365 * DAY
    assert at("2027-01-01 00:00").isoformat() == "2026-12-31T15:00:00+00:00"
