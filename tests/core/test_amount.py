"""Lengths as a lab says them, counted in minutes or on the site's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.amount import Amount, Measure, months_between
from tests.core.cases import DAY, HOUR, LONDON, LORD_HOWE, NEW_YORK, TOKYO, amount, at

amounts = st.builds(Amount, st.integers(0, 400), st.sampled_from(Measure))
zones = st.sampled_from([TOKYO, NEW_YORK, LORD_HOWE, LONDON])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - hypothesis wants them naive


@pytest.mark.parametrize(
    ("text", "count", "measure"),
    [
        ("30 min", 30, Measure.MINUTE),
        ("1 minute", 1, Measure.MINUTE),
        ("4 h", 240, Measure.MINUTE),
        ("1 half-day", 1, Measure.HALF_DAY),
        ("10 d", 10, Measure.DAY),
        ("1 day", 1, Measure.DAY),
        ("2 wk", 14, Measure.DAY),
        ("12 mo", 12, Measure.MONTH),
        ("3 month", 3, Measure.MONTH),
        (" 0 min ", 0, Measure.MINUTE),
    ],
)
def test_an_amount_is_read_as_a_lab_writes_it(text: str, count: int, measure: Measure) -> None:
    assert amount(text) == Amount(count, measure)


@pytest.mark.parametrize(
    "text", ["", "30", "min", "30min", "-1 d", "1.5 h", "1 week", "½ d", "² d", "1 D", "1 h 30 min"]
)
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        amount(text)


def test_an_amount_is_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Amount(-1, Measure.DAY)


@given(amounts)
def test_an_amount_reads_back_as_it_is_stored(one: Amount) -> None:
    assert Amount.parse(str(one)) == one


def test_nothing_is_false_and_only_minutes_are_not_of_the_calendar() -> None:
    assert not amount("0 d")
    assert amount("1 min")
    assert [one for one in Measure if not Amount(1, one).is_by_calendar] == [Measure.MINUTE]


@pytest.mark.parametrize(
    ("start", "zone", "length", "end"),
    [
        ("2026-11-24 09:00", TOKYO, "90 min", "2026-11-24 10:30"),
        ("2026-11-24 00:00", TOKYO, "1 half-day", "2026-11-24 12:00"),
        ("2026-11-24 12:00", TOKYO, "3 half-day", "2026-11-26 00:00"),
        ("2026-10-31 09:00", NEW_YORK, "1 d", "2026-11-01 09:00"),  # 25 hours later
        ("2026-11-01 00:00", NEW_YORK, "1 half-day", "2026-11-01 12:00"),  # 13 hours later
        ("2026-10-31 09:00", NEW_YORK, "24 h", "2026-11-01 08:00"),
        ("2027-03-13 09:00", NEW_YORK, "1 d", "2027-03-14 09:00"),  # 23 hours later
        ("2027-03-13 09:00", NEW_YORK, "24 h", "2027-03-14 10:00"),
        ("2026-10-03 09:00", LORD_HOWE, "1 d", "2026-10-04 09:00"),  # 23 and a half
        ("2027-03-13 02:30", NEW_YORK, "1 d", "2027-03-14 03:30"),  # 02:30 is skipped
        ("2027-01-31 00:00", TOKYO, "1 mo", "2027-02-28 00:00"),
        ("2028-01-31 00:00", TOKYO, "1 mo", "2028-02-29 00:00"),
        ("2026-11-24 09:00", NEW_YORK, "12 mo", "2027-11-24 09:00"),
        ("2026-11-24 09:00", TOKYO, "0 d", "2026-11-24 09:00"),
    ],
)
def test_days_are_counted_on_the_wall_and_minutes_by_the_clock(
    start: str, zone: ZoneInfo, length: str, end: str
) -> None:
    assert amount(length).after(at(start, zone), zone) == at(end, zone)


def test_earlier_is_counted_the_same_way() -> None:
    assert amount("1 d").before(at("2026-11-01 09:00", NEW_YORK), NEW_YORK) == at("2026-10-31 09:00", NEW_YORK)
    assert amount("24 h").before(at("2026-11-01 09:00", NEW_YORK), NEW_YORK) == at("2026-10-31 10:00", NEW_YORK)
    assert amount("1 half-day").before(at("2026-11-24 00:00"), TOKYO) == at("2026-11-23 12:00")
    assert amount("1 mo").before(at("2027-03-31 00:00"), TOKYO) == at("2027-02-28 00:00")


@pytest.mark.parametrize("fold", [0, 1])
def test_nothing_later_than_a_repeated_time_is_the_same_of_the_two(fold: int) -> None:
    repeated = at("2026-11-01 01:30", NEW_YORK, fold)
    for nothing in ("0 min", "0 half-day", "0 d", "0 mo"):
        assert amount(nothing).after(repeated, NEW_YORK) == repeated
        assert amount(nothing).before(repeated, NEW_YORK) == repeated


def test_a_day_before_a_repeated_time_is_the_first_of_the_two() -> None:
    assert amount("1 d").before(at("2026-11-02 01:30", NEW_YORK), NEW_YORK) == at("2026-11-01 01:30", NEW_YORK, 0)


def test_a_later_start_never_ends_earlier() -> None:
    first, second = (amount("154 d").after(at("2026-10-25 01:30", LONDON, fold), LONDON) for fold in (0, 1))
    assert first <= second


@given(one=amounts, local=moments, zone=zones)
def test_after_is_never_before(one: Amount, local: datetime, zone: ZoneInfo) -> None:
    start = local.replace(tzinfo=zone)
    assert one.before(start, zone) <= start.astimezone(UTC) <= one.after(start, zone)


@given(count=st.integers(0, 60), local=moments, zone=zones)
def test_a_day_is_never_more_than_an_hour_off(count: int, local: datetime, zone: ZoneInfo) -> None:
    start = local.replace(tzinfo=zone)
    elapsed = Amount(count, Measure.DAY).after(start, zone) - start.astimezone(UTC)
    assert abs(elapsed - count * DAY) <= HOUR


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2027, 1, 1), date(2027, 2, 1), 1),
        (date(2027, 1, 15), date(2028, 1, 15), 12),
        (date(2027, 1, 31), date(2027, 2, 28), 1),
        (date(2027, 2, 28), date(2027, 3, 31), None),
        (date(2027, 1, 1), date(2027, 1, 31), None),
        (date(2027, 1, 1), date(2027, 1, 1), None),
        (date(2027, 3, 1), date(2027, 1, 1), None),
    ],
)
def test_whole_months_are_counted_and_others_are_none(first: date, last: date, months: int | None) -> None:
    assert months_between(first, last) == months
