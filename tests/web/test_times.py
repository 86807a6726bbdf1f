"""Dates, times and lengths as readers of both languages expect them, in the site's time with its zone beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.interval import Interval, local_day, local_days
from labbook.core.language import LANGUAGES
from labbook.web import times
from tests.core.cases import DAY, HOUR, KOLKATA, LORD_HOWE, MINUTE, NEW_YORK, TOKYO, amount, at, span

MONDAY = date(2026, 11, 23)
ST_JOHNS, AZORES = ZoneInfo("America/St_Johns"), ZoneInfo("Atlantic/Azores")
CATALOGUE = Path(__file__).parents[2] / "labbook/translations/ja/LC_MESSAGES/messages.po"

Reader = Callable[[str], None]


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that knows both languages and nothing else; the catalogue is compiled from its source."""
    folder = tmp_path_factory.mktemp("translations")
    (folder / "ja/LC_MESSAGES").mkdir(parents=True)
    with CATALOGUE.open("rb") as source, (folder / "ja/LC_MESSAGES/messages.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="ja"))
    app = Flask("labbook")
    Babel(app, default_translation_directories=str(folder))
    return app


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, translated: Flask) -> Iterator[str]:
    """Each language, with its reader's request under way."""
    with translated.test_request_context(), force_locale(request.param):
        yield request.param


def said(language: str, en: str, ja: str) -> str:
    """The one of two texts that this reader gets."""
    return {"en": en, "ja": ja}[language]


# Dates and clocks


def test_dates_are_written_as_each_language_writes_them() -> None:
    assert [times.long_date(MONDAY, one) for one in LANGUAGES] == ["Monday, 23 November 2026", "2026年11月23日(月)"]
    assert [times.short_date(MONDAY, one) for one in LANGUAGES] == ["Mon 23 Nov", "11月23日(月)"]
    assert [times.dated(MONDAY, one) for one in LANGUAGES] == ["Mon 23 Nov 2026", "2026年11月23日(月)"]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(LANGUAGES))
def test_a_date_never_leaves_its_year_or_its_day_out(on: date, language: str) -> None:
    for text in (times.long_date(on, language), times.dated(on, language)):
        assert str(on.year) in text
        assert str(on.day) in text.replace(str(on.year), "")


def test_the_clock_has_24_hours_and_two_digits() -> None:
    assert times.clock(datetime(2026, 11, 23, 9, 5)) == "09:05"  # noqa: DTZ001 - a wall time
    assert times.clock(datetime(2026, 11, 23, 0, 0)) == "00:00"  # noqa: DTZ001
    assert times.clock(datetime(2026, 11, 23, 23, 59, 59)) == "23:59"  # noqa: DTZ001


# Zones


@pytest.mark.parametrize(
    ("zone", "instant", "label"),
    [
        (TOKYO, at("2026-11-23 09:00"), "JST, UTC+9"),
        (NEW_YORK, at("2026-07-01 09:00", NEW_YORK), "EDT, UTC−4"),
        (NEW_YORK, at("2026-12-01 09:00", NEW_YORK), "EST, UTC−5"),
        (NEW_YORK, at("2026-11-01 01:30", NEW_YORK, 0), "EDT, UTC−4"),
        (NEW_YORK, at("2026-11-01 01:30", NEW_YORK, 1), "EST, UTC−5"),
        (KOLKATA, at("2026-11-23 09:00"), "IST, UTC+5:30"),
        (ST_JOHNS, at("2026-12-01 09:00", ST_JOHNS), "NST, UTC−3:30"),
        (LORD_HOWE, at("2026-12-01 09:00", LORD_HOWE), "UTC+11"),  # this zone has no names
        (LORD_HOWE, at("2026-07-01 09:00", LORD_HOWE), "UTC+10:30"),
        (AZORES, at("2026-07-01 09:00", AZORES), "UTC+0"),
        (ZoneInfo("UTC"), at("2026-07-01 09:00"), "UTC, UTC+0"),
    ],
)
def test_a_zone_is_named_as_it_is_at_that_instant(zone: ZoneInfo, instant: datetime, label: str) -> None:
    assert times.zone_label(zone, instant) == label


@pytest.mark.parametrize(
    ("on", "zone", "label"),
    [
        (date(2026, 11, 23), TOKYO, "JST, UTC+9"),
        (date(2026, 10, 31), NEW_YORK, "EDT, UTC−4"),
        (date(2026, 11, 1), NEW_YORK, "EDT, UTC−4 → EST, UTC−5"),
        (date(2026, 11, 2), NEW_YORK, "EST, UTC−5"),
        (date(2027, 3, 14), NEW_YORK, "EST, UTC−5 → EDT, UTC−4"),
        (date(2026, 10, 4), LORD_HOWE, "UTC+10:30 → UTC+11"),
    ],
)
def test_a_day_on_which_clocks_change_names_both_zones(on: date, zone: ZoneInfo, label: str) -> None:
    assert times.day_zone_label(zone, local_day(on, zone)) == label


# When a booking is


@pytest.mark.parametrize(
    ("time", "zone", "en", "ja"),
    [
        (
            span("2026-11-24 09:00", "2026-11-24 10:30"),
            TOKYO,
            "Tue 24 Nov 2026, 09:00–10:30",
            "2026年11月24日(火) 09:00～10:30",
        ),
        (
            span("2026-11-24 22:00", "2026-11-25 00:00"),
            TOKYO,
            "Tue 24 Nov 2026, 22:00–24:00",
            "2026年11月24日(火) 22:00～24:00",
        ),
        (
            span("2026-12-31 22:00", "2027-01-01 02:00"),
            TOKYO,
            "Thu 31 Dec 2026, 22:00 – Fri 1 Jan 2027, 02:00",
            "2026年12月31日(木) 22:00～2027年1月1日(金) 02:00",
        ),
        (
            span("2026-11-24 00:00", "2026-11-26 00:00"),
            TOKYO,
            "Tue 24 Nov 2026, 00:00 – Thu 26 Nov 2026, 00:00",
            "2026年11月24日(火) 00:00～2026年11月26日(木) 00:00",
        ),
        (  # the same instants on another wall
            span("2026-11-24 09:00", "2026-11-24 10:30"),
            NEW_YORK,
            "Mon 23 Nov 2026, 19:00–20:30",
            "2026年11月23日(月) 19:00～20:30",
        ),
        (
            span("2026-11-01 00:00", "2026-11-01 04:00", NEW_YORK),
            NEW_YORK,
            "Sun 1 Nov 2026, 00:00 EDT – Sun 1 Nov 2026, 04:00 EST",
            "2026年11月1日(日) 00:00 EDT～2026年11月1日(日) 04:00 EST",
        ),
        (
            span("2027-03-14 01:30", "2027-03-14 03:30", NEW_YORK),
            NEW_YORK,
            "Sun 14 Mar 2027, 01:30 EST – Sun 14 Mar 2027, 03:30 EDT",
            "2027年3月14日(日) 01:30 EST～2027年3月14日(日) 03:30 EDT",
        ),
    ],
)
def test_when_a_booking_is(time: Interval, zone: ZoneInfo, en: str, ja: str) -> None:
    assert [times.when(time, zone, one, by_day=False) for one in LANGUAGES] == [en, ja]


@pytest.mark.parametrize(("first", "last"), [((1, 0), (1, 1)), ((1, 30), (1, 0)), ((1, 15), (1, 15))])
def test_an_hour_that_comes_twice_is_told_apart(first: tuple[int, int], last: tuple[int, int]) -> None:
    start = at(f"2027-11-07 {first[0]:02}:{first[1]:02}", NEW_YORK, 0)
    end = at(f"2027-11-07 {last[0]:02}:{last[1]:02}", NEW_YORK, 1)
    text = times.when(Interval(start, end), NEW_YORK, "en", by_day=False)
    assert text.index("EDT") < text.index("EST")


def test_what_is_booked_by_day_is_said_in_days_both_included() -> None:
    one = local_day(date(2026, 11, 1), NEW_YORK)  # 25 hours
    week = local_days(date(2026, 10, 30), date(2026, 11, 5), NEW_YORK)
    assert [times.when(one, NEW_YORK, language, by_day=True) for language in LANGUAGES] == [
        "Sun 1 Nov 2026",
        "2026年11月1日(日)",
    ]
    assert [times.when(week, NEW_YORK, language, by_day=True) for language in LANGUAGES] == [
        "Fri 30 Oct 2026 – Thu 5 Nov 2026",
        "2026年10月30日(金)～2026年11月5日(木)",
    ]


@given(
    st.datetimes(datetime(2026, 9, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    st.integers(1, 60),
    st.sampled_from((TOKYO, NEW_YORK, LORD_HOWE)),
)
def test_two_bookings_of_other_times_never_read_the_same(wall: datetime, minutes: int, zone: ZoneInfo) -> None:
    start = wall.replace(tzinfo=zone, second=0, microsecond=0).astimezone(TOKYO)
    one, longer = Interval(start, start + minutes * MINUTE), Interval(start, start + minutes * MINUTE + HOUR)
    assert times.when(one, zone, "en", by_day=False) != times.when(longer, zone, "en", by_day=False)


@pytest.mark.parametrize(
    ("instant", "zone", "en", "ja"),
    [
        (at("2026-11-24 09:05"), TOKYO, "Tue 24 Nov 2026, 09:05 JST", "2026年11月24日(火) 09:05 JST"),
        (at("2026-11-24 09:05"), NEW_YORK, "Mon 23 Nov 2026, 19:05 EST", "2026年11月23日(月) 19:05 EST"),
    ],
)
def test_an_instant_is_said_with_its_zone(instant: datetime, zone: ZoneInfo, en: str, ja: str) -> None:
    assert [times.moment(instant, zone, one) for one in LANGUAGES] == [en, ja]


# How long, and how far off


@pytest.mark.parametrize(
    ("length", "en", "ja"),
    [
        ("0 min", "0 min", "0分"),
        ("45 min", "45 min", "45分"),
        ("2 h", "2 h", "2時間"),
        ("90 min", "1 h 30 min", "1時間30分"),
        ("48 h", "48 h", "48時間"),
        ("1 half-day", "half a day", "半日"),
        ("3 half-day", "3 half days", "半日3枠"),
        ("1 d", "1 day", "1日"),
        ("10 d", "10 days", "10日"),
        ("1 mo", "1 month", "1か月"),
        ("12 mo", "12 months", "12か月"),
    ],
)
def test_amounts_are_said_in_the_reader_s_language(language: str, length: str, en: str, ja: str) -> None:
    assert times.amount_label(amount(length)) == said(language, en, ja)


@pytest.mark.parametrize(
    ("time", "en", "ja"),
    [
        (local_day(date(2026, 11, 1), NEW_YORK), "25 h", "25時間"),
        (local_day(date(2027, 3, 14), NEW_YORK), "23 h", "23時間"),
        (local_day(date(2026, 10, 4), LORD_HOWE), "23 h 30 min", "23時間30分"),
        (span("2026-11-01 00:00", "2026-11-01 04:00", NEW_YORK), "5 h", "5時間"),
        (span("2026-11-01 00:00", "2026-11-01 04:00"), "4 h", "4時間"),
    ],
)
def test_a_length_is_what_really_passes(language: str, time: Interval, en: str, ja: str) -> None:
    assert times.length_label(time) == said(language, en, ja)


NOW = at("2026-11-24 09:00")


@pytest.mark.parametrize(
    ("before", "en", "ja"),
    [
        (timedelta(), "just now", "たった今"),
        (timedelta(seconds=59), "just now", "たった今"),
        (-HOUR, "just now", "たった今"),  # by a clock that is ahead
        (MINUTE, "1 minute ago", "1分前"),
        (3 * HOUR, "3 hours ago", "3時間前"),
        (2 * DAY, "2 days ago", "2日前"),
    ],
)
def test_what_happened_is_never_in_the_future(language: str, before: timedelta, en: str, ja: str) -> None:
    assert times.ago(NOW - before, NOW, language) == said(language, en, ja)


@pytest.mark.parametrize(
    ("after", "en", "ja"),
    [
        (30 * MINUTE, "in 30 minutes", "30分後"),
        (3 * HOUR, "in 3 hours", "3時間後"),
        (2 * DAY, "in 2 days", "2日後"),
        (-3 * HOUR, "3 hours ago", "3時間前"),
    ],
)
def test_what_is_to_come_is_said_ahead(language: str, after: timedelta, en: str, ja: str) -> None:
    assert times.ahead(NOW + after, NOW, language) == said(language, en, ja)
