"""Residencies on the calendar: how long they are, what follows them, and what a stretch of days is booked as."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.amount import Amount, Measure
from labbook.core.interval import Interval, local_day
from labbook.core.residency import RENEWABLE, fitted, following, is_whole, length_of, may_be_renewed, whole_steps
from tests.core.cases import DAY, NEW_YORK, TERMS, TOKYO, amount, at

BEIRUT = ZoneInfo("Asia/Beirut")  # on 29 March 2026 its clocks skip midnight
MONTHS = replace(TERMS, slot=amount("1 mo"), shortest=amount("1 mo"), longest=amount("12 mo"), by_day=True)
DAYS = replace(TERMS, slot=amount("1 d"), shortest=amount("1 d"), longest=amount("60 d"), by_day=True)
WEEKS = replace(TERMS, slot=amount("1 wk"), shortest=amount("1 wk"), longest=amount("8 wk"), by_day=True)
HALVES = replace(TERMS, slot=amount("1 half-day"), shortest=amount("1 half-day"), longest=amount("5 d"))


def span(start: str, end: str, zone: ZoneInfo = TOKYO) -> Interval:
    return Interval(at(start, zone), at(end, zone))


@pytest.mark.parametrize(
    ("zone", "slot", "start", "end", "length", "until"),
    [
        (TOKYO, "1 mo", "2026-11-01", "2026-12-01", "1 mo", "2027-01-01"),
        (TOKYO, "1 mo", "2026-11-15", "2027-02-15", "3 mo", "2027-05-15"),
        (TOKYO, "1 mo", "2027-01-31", "2027-02-28", "1 mo", "2027-03-28"),
        (TOKYO, "1 mo", "2028-01-31", "2028-02-29", "1 mo", "2028-03-29"),
        (TOKYO, "1 mo", "2028-02-29", "2029-02-28", "12 mo", "2030-02-28"),
        (TOKYO, "1 mo", "2026-11-01", "2026-11-20", "19 d", "2026-12-09"),  # from before it was booked by months
        (NEW_YORK, "1 d", "2026-10-31", "2026-11-02", "2 d", "2026-11-04"),  # 49 hours
        (NEW_YORK, "1 d", "2027-03-13", "2027-03-15", "2 d", "2027-03-17"),  # 47 hours
        (NEW_YORK, "1 mo", "2026-10-15", "2026-11-15", "1 mo", "2026-12-15"),
        (NEW_YORK, "1 wk", "2026-10-26", "2026-11-02", "1 wk", "2026-11-09"),
        (NEW_YORK, "1 half-day", "2026-11-01", "2026-11-01 12:00", "1 half-day", "2026-11-02"),  # 13 hours
        (TOKYO, "1 half-day", "2026-11-24 12:00", "2026-11-26", "3 half-day", "2026-11-27 12:00"),
        (BEIRUT, "1 d", "2026-03-28", "2026-03-29 01:00", "1 d", "2026-03-30"),
    ],
)
def test_what_follows_is_as_long_by_the_calendar(
    zone: ZoneInfo, slot: str, start: str, end: str, length: str, until: str
) -> None:
    time = span(start, end, zone)
    assert length_of(time, amount(slot), zone) == amount(length)
    assert following(time, replace(TERMS, slot=amount(slot)), zone) == span(end, until, zone)


@pytest.mark.parametrize(
    ("before", "after", "begins_on"),
    [
        ("0 min", "0 min", "2026-12-01"),
        ("0 min", "1 d", "2026-12-02"),
        ("0 min", "30 min", "2026-12-02"),
        ("1 d", "7 d", "2026-12-09"),
        ("0 min", "7 d", "2026-12-08"),
    ],
)
def test_what_is_kept_free_in_between_comes_first(before: str, after: str, begins_on: str) -> None:
    terms = replace(MONTHS, before=amount(before), after=amount(after))
    stay = span("2026-11-01", "2026-12-01")
    assert following(stay, terms, TOKYO, is_shared=False).start == at(begins_on, TOKYO)
    assert following(stay, terms, TOKYO).start == stay.end


@pytest.mark.parametrize(
    ("slot", "start", "end", "is_so"),
    [
        ("1 wk", "2026-11-25", "2026-12-02", True),
        ("1 wk", "2026-11-25", "2026-12-09", True),
        ("1 wk", "2026-11-25", "2026-12-01", False),
        ("2 wk", "2026-11-25", "2026-12-02", False),
        ("1 mo", "2027-01-31", "2027-02-28", True),
        ("1 mo", "2027-01-31", "2027-03-01", False),
        ("3 mo", "2026-11-01", "2027-01-01", False),
        ("30 min", "2026-11-25 10:00", "2026-11-25 11:00", True),
    ],
)
def test_weeks_and_months_are_whole_from_any_day(slot: str, start: str, end: str, is_so: bool) -> None:
    assert is_whole(span(start, end), amount(slot), TOKYO) is is_so


@pytest.mark.parametrize(
    ("terms", "start", "end", "booked"),
    [
        (DAYS, "2026-11-24", "2026-11-28", ("2026-11-24", "2026-11-28")),
        (DAYS, "2026-11-24 10:00", "2026-11-24 12:00", ("2026-11-24", "2026-11-25")),
        (DAYS, "2026-11-24", "2027-11-24", ("2026-11-24", "2027-01-23")),  # no longer than the longest
        (WEEKS, "2026-11-24", "2026-12-10", ("2026-11-24", "2026-12-08")),
        (WEEKS, "2026-11-24", "2026-11-26", ("2026-11-24", "2026-12-01")),  # no shorter than the shortest
        (MONTHS, "2026-12-01", "2027-01-01", ("2026-12-01", "2027-01-01")),
        (MONTHS, "2026-12-05", "2027-02-28", ("2026-12-05", "2027-02-05")),
        (MONTHS, "2026-12-05", "2026-12-06", ("2026-12-05", "2027-01-05")),
        (HALVES, "2026-11-24 13:00", "2026-11-25", ("2026-11-24 12:00", "2026-11-25")),
        (HALVES, "2026-11-24", "2026-12-24", ("2026-11-24", "2026-11-29")),
    ],
)
def test_a_stretch_of_days_is_booked_as_far_as_the_terms_allow(
    terms: object, start: str, end: str, booked: tuple[str, str]
) -> None:
    assert fitted(span(start, end), terms, TOKYO) == span(*booked)  # type: ignore[arg-type]  # one of the terms above


@pytest.mark.parametrize(
    ("slot", "start", "end", "whole"),
    [
        ("1 d", "2026-11-24 00:30", "2026-11-26", ("2026-11-25", "2026-11-26")),
        ("1 mo", "2026-11-24", "2026-11-26 09:00", ("2026-11-24", "2026-11-26")),
        ("1 d", "2026-11-24 09:00", "2026-11-25 09:00", None),
        ("1 half-day", "2026-11-24 00:30", "2026-11-25 13:00", ("2026-11-24 12:00", "2026-11-25 12:00")),
        ("1 half-day", "2026-11-24 12:30", "2026-11-25", None),
    ],
)
def test_only_whole_days_are_free(slot: str, start: str, end: str, whole: tuple[str, str] | None) -> None:
    assert whole_steps(span(start, end), amount(slot), TOKYO) == (span(*whole) if whole else None)


def test_a_residency_is_renewed_in_its_last_sixty_days() -> None:
    stay = span("2026-11-01", "2027-03-01")
    assert not may_be_renewed(stay, stay.end - RENEWABLE - timedelta(seconds=1))
    assert may_be_renewed(stay, stay.end - RENEWABLE)
    assert may_be_renewed(stay, stay.end - DAY)
    assert not may_be_renewed(stay, stay.end)


days = st.dates(date(2024, 1, 1), date(2030, 1, 1))


@given(on=days, count=st.integers(1, 24), zone=st.sampled_from([TOKYO, NEW_YORK, BEIRUT]))
def test_months_count_as_they_were_asked_for(on: date, count: int, zone: ZoneInfo) -> None:
    start = local_day(on, zone).start
    time = Interval(start, Amount(count, Measure.MONTH).after(start, zone))
    assert length_of(time, MONTHS.slot, zone) == Amount(count, Measure.MONTH)
    assert following(time, MONTHS, zone).start == time.end


@given(on=days, count=st.integers(1, 200), zone=st.sampled_from([TOKYO, NEW_YORK, BEIRUT]))
def test_what_is_fitted_lies_on_the_grid_and_fits_again(on: date, count: int, zone: ZoneInfo) -> None:
    stretch = Interval(local_day(on, zone).start, local_day(on + timedelta(days=count), zone).start)
    for terms in (MONTHS, DAYS, WEEKS):
        once = fitted(stretch, terms, zone)
        assert is_whole(once, terms.slot, zone)
        assert fitted(once, terms, zone) == once
