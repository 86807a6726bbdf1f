"""What repeats keeps the wall's time over changes of the clock, ends, and says in plain words what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.interval import Interval
from labbook.core.recurrence import (
    MOST_YEARS,
    Repeat,
    named,
    occurrences,
    read,
    wall_of,
)
from labbook.core.repeating import LAST, WEEKDAYS, Every
from labbook.core.terms import Sentence
from tests.core.cases import LONDON, LORD_HOWE, NEW_YORK, TOKYO, span

MOST = 60
CAIRO = ZoneInfo("Africa/Cairo")  # its clocks skip midnight


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


TUESDAY = wall("2026-10-13T10:00")
TWO_HOURS = timedelta(hours=2)
WEEKLY = Repeat(Every.WEEK, count=20)


@st.composite
def repeats(draw: st.DrawFn) -> tuple[Repeat, datetime]:
    """A rule that is right but perhaps without dates, and its first date."""
    first = draw(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))).replace(second=0, microsecond=0)  # noqa: DTZ001
    every = draw(st.sampled_from(Every))
    most_days = 7 if every is Every.WEEK else 1
    days = draw(st.sets(st.integers(0, 6), max_size=most_days)) if every in (Every.WEEK, Every.WEEKDAY) else set()
    ends: dict[str, Any] = {"count": draw(st.integers(1, MOST))}
    if draw(st.booleans()):
        ends = {"until": first.date() + timedelta(days=draw(st.integers(0, 900)))}
    repeat = Repeat(
        every,
        draw(st.integers(1, 5)),
        tuple(sorted(days)),
        draw(st.integers(0, 31)) if every is Every.DATE else 0,
        draw(st.sampled_from((0, 1, 2, 3, 4, 5, LAST))) if every is Every.WEEKDAY else 0,
        **ends,
    )
    return repeat, first


zones = st.sampled_from([TOKYO, NEW_YORK, LORD_HOWE, LONDON, CAIRO])


@given(repeats())
def test_the_dates_are_those_that_the_rules_text_means(one: tuple[Repeat, datetime]) -> None:
    repeat, first = one
    theirs = rrulestr(repeat.fitted(first).rule, dtstart=first.replace(hour=0, minute=0))  # a date is a midnight there
    latest = datetime(first.year + MOST_YEARS - 1, 1, 1)  # noqa: DTZ001 - on the wall
    wanted = [on.replace(hour=first.hour, minute=first.minute) for on in theirs if on < latest]
    assert [on for on in repeat.dates(first, 10_000) if on < latest] == wanted


@given(repeats(), zones)
def test_a_rule_reads_back_from_its_text(one: tuple[Repeat, datetime], zone: ZoneInfo) -> None:
    repeat = one[0].fitted(one[1])
    assert read(repeat.rule) == repeat
    assert read(repeat.rule_in(zone), zone) == repeat


@given(repeats(), zones, st.integers(15, 36 * 60))
def test_wall_times_never_drift(one: tuple[Repeat, datetime], zone: ZoneInfo, minutes: int) -> None:
    repeat, first = one
    length = timedelta(minutes=minutes)
    for found in occurrences(repeat.dates(first, MOST), length, zone):
        start = wall_of(found.recurrence_on)
        assert start.time() == first.time()
        if found.time is None:
            continue
        said = [at.astimezone(zone).replace(tzinfo=None, fold=0) for at in (found.time.start, found.time.end)]
        is_by_day = first.time() == (first + length).time() == datetime.min.time()
        assert is_by_day or said == [start, start + length]


@given(repeats(), st.integers(0, MOST))
def test_both_parts_of_a_split_rule_have_the_dates_of_the_whole(one: tuple[Repeat, datetime], cut: int) -> None:
    repeat, first = one
    dates = repeat.dates(first, MOST)
    if repeat.wrong(first, first + timedelta(minutes=15), MOST) or cut >= len(dates):
        return
    before, after = repeat.split(first, dates[cut])
    assert before.dates(first, MOST) + after.dates(dates[cut], MOST - cut) == dates


@given(repeats(), st.integers(-40, 40), st.integers(1, 20))
def test_a_rule_that_is_moved_has_as_many_dates_from_its_new_first(
    one: tuple[Repeat, datetime], days: int, count: int
) -> None:
    repeat, first = one
    fitted = replace(repeat, until=None, count=count).fitted(first)
    if len(old := fitted.dates(first, count)) < count:
        return
    at = old[0]
    to = at + timedelta(days=days)
    moved = fitted.moved(at, to, count)
    dates = moved.dates(to, count + 1)
    assert len(dates) == count
    if fitted.every is Every.WEEK and fitted.step == 1:
        assert dates == [date + timedelta(days=days) for date in fitted.dates(at, count)]


@pytest.mark.parametrize(
    ("repeat", "to", "rule"),
    [
        (Repeat(Every.WEEK, until=date(2026, 11, 3)), "2026-10-14T11:00", "FREQ=WEEKLY;BYDAY=WE;UNTIL=20261104"),
        (Repeat(Every.WEEK, count=4), "2026-10-13T11:00", "FREQ=WEEKLY;BYDAY=TU;COUNT=4"),
        (Repeat(Every.DATE, count=4), "2026-10-31T11:00", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4"),
        (Repeat(Every.WEEKDAY, count=4), "2026-10-15T11:00", "FREQ=MONTHLY;BYDAY=3TH;COUNT=4"),
        (Repeat(Every.WEEKDAY, count=4), "2026-10-30T11:00", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4"),
    ],
)
def test_what_a_rule_names_goes_with_its_first_date(repeat: Repeat, to: str, rule: str) -> None:
    assert repeat.fitted(TUESDAY).moved(TUESDAY, wall(to), 4).rule == rule


@pytest.mark.parametrize(
    ("repeat", "rule", "dates"),
    [
        (Repeat(Every.DAY, 3, count=3), "FREQ=DAILY;INTERVAL=3;COUNT=3", ["10-13", "10-16", "10-19"]),
        (
            Repeat(Every.WEEK, 2, (1, 3), until=date(2026, 10, 29)),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20261029",
            ["10-13", "10-15", "10-27", "10-29"],
        ),
        (Repeat(Every.WEEKDAY, count=3), "FREQ=MONTHLY;BYDAY=2TU;COUNT=3", ["10-13", "11-10", "12-08"]),
        (
            Repeat(Every.WEEKDAY, 1, (4,), nth=LAST, count=3),
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
            ["10-30", "11-27", "12-25"],
        ),
        (Repeat(Every.DATE, day=31, count=2), "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", ["10-31", "12-31"]),
        (Repeat(Every.DATE, count=2), "FREQ=MONTHLY;BYMONTHDAY=13;COUNT=2", ["10-13", "11-13"]),
    ],
)
def test_the_first_date_fills_in_what_a_rule_does_not_name(repeat: Repeat, rule: str, dates: list[str]) -> None:
    assert repeat.fitted(TUESDAY).rule == rule
    assert [named(one) for one in repeat.dates(TUESDAY, MOST)] == [f"2026-{on}T10:00" for on in dates]


def test_the_fifth_weekday_of_a_month_is_taken_as_its_last() -> None:
    assert Repeat(Every.WEEKDAY, count=1).fitted(wall("2026-09-29T10:00")).nth == LAST


def test_twenty_tuesdays_stay_at_ten_over_both_changes_of_the_clock() -> None:
    found = occurrences(WEEKLY.dates(TUESDAY, MOST), TWO_HOURS, NEW_YORK)
    starts = [one.time.start.strftime("%m-%d %H:%M") for one in found if one.time]
    assert (len(starts), starts[:4]) == (20, ["10-13 14:00", "10-20 14:00", "10-27 14:00", "11-03 15:00"])
    spring = occurrences(WEEKLY.dates(wall("2027-03-09T10:00"), 2), TWO_HOURS, NEW_YORK)
    assert [one.time.start.hour for one in spring if one.time] == [15, 14]


def test_a_time_that_the_clocks_skip_has_no_time_and_the_next_day_has() -> None:
    daily = Repeat(Every.DAY, count=3).dates(wall("2027-03-13T02:30"), MOST)
    found = occurrences(daily, TWO_HOURS, NEW_YORK)
    assert [one.time is None for one in found] == [False, True, False]
    assert found[1].recurrence_on == "2027-03-14T02:30"


def test_of_an_hour_that_comes_twice_it_is_the_first() -> None:
    night = wall("2026-11-01T01:30")
    (found,) = occurrences([night], timedelta(hours=1), NEW_YORK)
    assert found.time == Interval(
        night.replace(tzinfo=NEW_YORK, fold=0), wall("2026-11-01T02:30").replace(tzinfo=NEW_YORK)
    )


def test_whole_days_begin_later_where_the_clocks_skip_midnight() -> None:
    (found,) = occurrences([wall("2026-04-24T00:00")], timedelta(days=1), CAIRO)
    assert found.time == span("2026-04-24 01:00", "2026-04-25 00:00", CAIRO)


@pytest.mark.parametrize(
    ("repeat", "field", "words"),
    [
        (Repeat(Every.WEEK), "ends", "Say when it ends"),
        (replace(WEEKLY, until=date(2027, 1, 1)), "ends", "not both"),
        (Repeat(Every.DAY, count=10_000), "count", "more than 60 dates"),
        (Repeat(Every.DAY, until=date(2027, 12, 31)), "until", "more than 60 dates"),
        (Repeat(Every.DAY, count=61), "count", "more than 60 dates"),
        (Repeat(Every.WEEK, until=date(2026, 10, 12)), "until", "ends before it starts"),
        (Repeat(Every.WEEK, weekdays=(0,), until=date(2026, 10, 18)), "until", "None of its dates"),
        (Repeat(Every.DATE, 12, day=31, until=date(2027, 9, 1)), "until", ""),
        (Repeat(Every.WEEK, 60, count=60), "count", "further than 10 years"),
        (Repeat(Every.DATE, 1, until=date(2036, 10, 14)), "until", "more than 60 dates"),
        (Repeat(Every.WEEK, 99, until=date(2036, 10, 14)), "until", "further than 10 years"),
        (replace(WEEKLY, count=0), "count", "at least one date"),
        (replace(WEEKLY, step=0), "step", "from 1 to 99"),
        (replace(WEEKLY, step=100), "step", "from 1 to 99"),
        (replace(WEEKLY, weekdays=(7,)), "weekdays", "Monday to Sunday"),
        (Repeat(Every.DATE, day=32, count=1), "day", "from 1 to 31"),
        (Repeat(Every.WEEKDAY, nth=6, count=1), "nth", "first to the fifth"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_its_field(repeat: Repeat, field: str, words: str) -> None:
    found = repeat.wrong(TUESDAY, TUESDAY + TWO_HOURS, MOST)
    if not words:  # the last day of October comes
        assert found is None
        return
    assert found is not None
    assert found.field == field
    assert words in found.sentence.text % found.sentence.params


def test_a_day_that_never_comes_has_no_dates() -> None:
    february = Repeat(Every.DATE, 12, day=30, count=3)
    found = february.wrong(wall("2027-02-01T10:00"), wall("2027-02-01T12:00"), MOST)
    assert found is not None
    assert "further than" in found.sentence.text


def test_a_rule_that_overlaps_itself_or_ends_before_it_starts_is_wrong() -> None:
    daily = Repeat(Every.DAY, count=3)
    overlapping = daily.wrong(TUESDAY, TUESDAY + timedelta(hours=25), MOST)
    assert overlapping is not None
    assert "overlap itself" in overlapping.sentence.text
    assert daily.wrong(TUESDAY, TUESDAY + timedelta(hours=24), MOST) is None
    backwards = daily.wrong(TUESDAY, TUESDAY, MOST)
    assert backwards is not None
    assert backwards.field == "end"


def test_the_last_years_of_all_are_too_far() -> None:
    assert WEEKLY.wrong(wall("9999-12-31T10:00"), wall("9999-12-31T11:00"), MOST) is not None


@given(repeats())
def test_a_rule_that_is_right_has_dates_which_do_not_overlap(one: tuple[Repeat, datetime]) -> None:
    repeat, first = one
    length = timedelta(hours=30)
    if repeat.wrong(first, first + length, MOST) is None:
        dates = repeat.dates(first, MOST + 1)
        assert 0 < len(dates) <= MOST
        assert all(later - earlier >= length for earlier, later in pairwise(dates))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=YEARLY",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,2TU",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;INTERVAL=01",
        "FREQ=DAILY;UNTIL=20261031T035959Z",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;COUNT=1;BYHOUR=3",
    ],
)
def test_no_other_text_is_a_rule(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


def test_until_is_in_utc_beside_a_start_in_local_time() -> None:
    repeat = Repeat(Every.DAY, until=date(2026, 10, 31))
    assert repeat.rule_in(NEW_YORK) == "FREQ=DAILY;UNTIL=20261101T035959Z"
    assert repeat.rule_in(TOKYO) == "FREQ=DAILY;UNTIL=20261031T145959Z"


def plain(sentence: Sentence) -> str:
    params = {
        name: plain(one) if isinstance(one, Sentence) else getattr(one, "en", one)
        for name, one in sentence.params.items()
    }
    return sentence.text % params


@pytest.mark.parametrize(
    ("repeat", "words"),
    [
        (Repeat(Every.DAY, count=5), "Every day, 5 times"),
        (Repeat(Every.DAY, 2, count=1), "Every 2 days, once"),
        (Repeat(Every.WEEK, weekdays=(1, 3), count=5), "Every week on Tuesday, Thursday, 5 times"),
        (Repeat(Every.WEEK, 2, until=date(2027, 1, 31)), "Every 2 weeks on Tuesday, until 2027-01-31"),
        (Repeat(Every.DATE), "Every month on day 13"),
        (Repeat(Every.WEEKDAY, 2, (4,), nth=LAST), "Every 2 months on the last Friday"),
    ],
)
def test_a_rule_says_what_it_does(repeat: Repeat, words: str) -> None:
    assert plain(repeat.fitted(TUESDAY).words) == words


def test_weekdays_have_names_in_both_languages() -> None:
    assert all(one.en and one.ja for one in WEEKDAYS)
