"""What letters say of dates and times, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from labbook.core import dates
from labbook.core.interval import Interval

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
YEAR = [date(2028, 1, 1) + timedelta(days=number) for number in range(366)]


@pytest.mark.parametrize(
    ("says", "pattern", "language"),
    [
        (dates.day, "EEE d MMM y", "en"),
        (dates.day, "y年M月d日(E)", "ja"),
        (dates.long_day, "EEEE, d MMMM y", "en"),
        (dates.long_day, "y年M月d日(E)", "ja"),
    ],
)
def test_days_are_called_what_the_two_languages_call_them(
    says: Callable[[date, str], str], pattern: str, language: str
) -> None:
    assert [says(on, language) for on in YEAR] == [format_date(on, pattern, locale=language) for on in YEAR]


def test_an_instant_is_told_by_the_clock_of_the_site() -> None:
    instant = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
    assert dates.at(instant, TOKYO, "en") == "Mon 23 Nov 2026, 09:05 (JST)"
    assert dates.at(instant, BERLIN, "ja") == "2026年11月23日(月) 01:05 (CET)"


@pytest.mark.parametrize(
    ("start", "hours", "by_day", "english", "japanese"),
    [
        ((11, 23, 9), 2, False, "Mon 23 Nov 2026, 09:00–11:00 (CET)", "2026年11月23日(月) 09:00～11:00 (CET)"),
        (
            (11, 23, 22),
            8,
            False,
            "Mon 23 Nov 2026, 22:00 – Tue 24 Nov 2026, 06:00 (CET)",
            "2026年11月23日(月) 22:00～2026年11月24日(火) 06:00 (CET)",
        ),
        (
            (10, 25, 1),
            3,
            False,
            "Sun 25 Oct 2026, 01:00 (CEST) – Sun 25 Oct 2026, 03:00 (CET)",
            "2026年10月25日(日) 01:00 (CEST)～2026年10月25日(日) 03:00 (CET)",
        ),
        ((11, 23, 0), 24, True, "Mon 23 Nov 2026", "2026年11月23日(月)"),
        ((11, 23, 0), 48, True, "Mon 23 Nov 2026 – Tue 24 Nov 2026", "2026年11月23日(月)～2026年11月24日(火)"),
    ],
)
def test_a_time_names_its_zone_once_and_twice_where_the_clocks_change(
    start: tuple[int, int, int], hours: int, by_day: bool, english: str, japanese: str
) -> None:
    month, day, hour = start
    begins = datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC)
    time = Interval(begins, begins + timedelta(hours=hours))
    assert dates.when(time, BERLIN, "en", by_day=by_day) == english
    assert dates.when(time, BERLIN, "ja", by_day=by_day) == japanese
