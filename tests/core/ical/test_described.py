"""Time zones that calendar files describe themselves, under names that nobody else knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from labbook.core.ical.events import read_events
from labbook.core.ical.zones import vtimezone
from labbook.core.interval import Interval

TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = Interval(datetime(2026, 11, 23, tzinfo=UTC), datetime(2029, 11, 22, tzinfo=UTC))


def _part(kind: str, before: str, after: str, *lines: str) -> list[str]:
    return [f"BEGIN:{kind}", *lines, f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"END:{kind}"]


OUTLOOK = [
    *_part("STANDARD", "-0400", "-0500", "DTSTART:16010101T020000", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
    *_part("DAYLIGHT", "-0500", "-0400", "DTSTART:16010101T020000", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
]


def _read(zone: list[str], *walls: str) -> list[datetime]:
    """What these wall times of a zone are."""
    events = [f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTART;TZID=Ours:{at}\r\nDURATION:PT1H\r\nEND:VEVENT" for at in walls]
    lines = ["BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "TZID:Ours", *zone, "END:VTIMEZONE", *events, "END:VCALENDAR", ""]
    return [one.time.start for one in read_events("\r\n".join(lines).encode(), TOKYO, WINDOW, most=9000).found]


def test_a_zone_as_outlook_describes_it_is_what_iana_says_hour_by_hour() -> None:
    zone = ZoneInfo("America/New_York")
    for first in ("2027-03-13T01:00", "2028-11-04T01:00", "2027-07-01T00:00"):
        walls = [datetime.fromisoformat(first) + timedelta(hours=number) for number in range(48)]
        expected = sorted({one.replace(tzinfo=zone).astimezone(UTC) for one in walls})
        assert _read(OUTLOOK, *(f"{one:%Y%m%dT%H%M%S}" for one in walls)) == expected


@pytest.mark.parametrize(
    ("series", "left_out", "expected"),
    [
        ("20270308T090000 FREQ=WEEKLY;UNTIL=20270329T130000Z", "20270315T130000Z", ["08 14", "22 13", "29 13"]),
        ("20270313T003000 FREQ=DAILY;COUNT=3", "20270314T053000Z", ["13 05", "15 04"]),
    ],
)
def test_dates_in_utc_are_those_of_a_series_in_such_a_zone(series: str, left_out: str, expected: list[str]) -> None:
    start, rule = series.split()
    zone = ["BEGIN:VTIMEZONE", "TZID:Ours", *OUTLOOK, "END:VTIMEZONE"]
    event = [f"DTSTART;TZID=Ours:{start}", "DURATION:PT1H", f"RRULE:{rule}", f"EXDATE:{left_out}"]
    lines = ["BEGIN:VCALENDAR", *zone, "BEGIN:VEVENT", "UID:u", *event, "END:VEVENT", "END:VCALENDAR", ""]
    found = [one.time.start for one in read_events("\r\n".join(lines).encode(), TOKYO, WINDOW, most=9).found]
    assert [f"{one:%d %H}" for one in found] == expected


def test_what_we_describe_ourselves_is_read_back() -> None:
    zone = vtimezone("Australia/Lord_Howe").split("\r\n")[2:-2]
    walls = [datetime.fromisoformat("2027-04-03T22:00") + timedelta(minutes=30 * number) for number in range(20)]
    read = _read(zone, *(f"{one:%Y%m%dT%H%M%S}" for one in walls))
    assert read == sorted({one.replace(tzinfo=ZoneInfo("Australia/Lord_Howe")).astimezone(UTC) for one in walls})


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        (_part("STANDARD", "+0200", "+0200", "DTSTART:19700101T000000"), 7),
        (_part("STANDARD", "+0200", "+0300", "DTSTART:20261224T000000", "RDATE:20261130T000000"), 6),
        (_part("STANDARD", "+0200", "+0300", "DTSTART:20271224T000000"), 7),
        (_part("STANDARD", "+0200", "+0300", "DTSTART:20001224T000000", "RRULE:FREQ=YEARLY;UNTIL=20051231T000000Z"), 6),
        (
            [
                *_part("STANDARD", "+0300", "+0200", "DTSTART:20000101T000000", "RRULE:FREQ=YEARLY"),
                *_part("DAYLIGHT", "+0200", "+0300", "DTSTART:20001101T000000", "RRULE:FREQ=YEARLY;UNTIL=20051231"),
            ],
            7,
        ),
    ],
)
def test_what_a_description_says_holds_from_when_it_says(zone: list[str], hour: int) -> None:
    assert _read(zone, "20261201T090000") == [datetime(2026, 12, 1, hour, tzinfo=UTC)]


@pytest.mark.parametrize(
    "zone",
    [
        [],
        ["BEGIN:STANDARD", "DTSTART:19700101T000000", "END:STANDARD"],
        _part("STANDARD", "+0200", "+0200", "DTSTART:19700101T000000") * 61,
        [
            *_part("STANDARD", "+0100", "+0200", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY"),
            *_part("DAYLIGHT", "+0200", "+0100", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY"),
        ],
        _part("STANDARD", "+0100", "+0200", "DTSTART:00010101T000000", "RRULE:FREQ=DAILY;COUNT=999999"),
        _part("STANDARD", "+0100", "+0200", "DTSTART:19000101T000000", "RRULE:FREQ=YEARLY;COUNT=99999;BYDAY=MO"),
    ],
)
def test_a_description_that_makes_no_sense_or_has_no_end_is_no_zone(zone: list[str]) -> None:
    began = process_time()
    assert _read(zone, "20261201T090000") == []
    assert process_time() - began < 1


def test_a_zone_of_one_file_is_not_known_in_the_next() -> None:
    alike = _part("STANDARD", "+0200", "+0200", "DTSTART:19700101T000000")
    assert _read(alike, "20261201T090000") == [datetime(2026, 12, 1, 7, tzinfo=UTC)]
    other = _part("STANDARD", "+0500", "+0500", "DTSTART:19700101T000000")
    assert _read(other, "20261201T090000") == [datetime(2026, 12, 1, 4, tzinfo=UTC)]
