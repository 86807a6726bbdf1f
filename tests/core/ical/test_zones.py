"""Times in a feed mean the right instants, by the feed's own VTIMEZONE and by icalendar's reading (23 to 28)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from labbook.core.ical import calendar_bytes, holds_since, vtimezone
from labbook.core.ical.posix import parsed
from labbook.core.ical.zones import wall_clock
from tests.core.ical.reading import Component, Offsets, entry, feed, instant, read, the_event

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
IN_TEN_YEARS = datetime(2036, 12, 31, tzinfo=UTC)
ALL = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
KNOWN = [
    *("Asia/Tokyo", "America/New_York", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Australia/Sydney"),
    *(
        "Australia/Lord_Howe",
        "America/Los_Angeles",
        "America/Santiago",
        "America/Nuuk",
        "Asia/Jerusalem",
        "Asia/Kolkata",
    ),
    *("Pacific/Chatham", "Pacific/Auckland", "Antarctica/Troll", "America/Sao_Paulo", "UTC"),
]


def component(zone: str) -> Component:
    return read(f"BEGIN:VCALENDAR\r\n{vtimezone(zone)}END:VCALENDAR\r\n".encode()).parts[0]


@cache
def onsets(text: str) -> Offsets:
    return Offsets(read(f"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\n{text}END:VCALENDAR\r\n".encode()).parts[0], 2037)


def offsets(zone: str) -> Offsets:
    return onsets(vtimezone(zone).partition(f"TZID:{zone}\r\n")[2])


# VTIMEZONE: 25


@pytest.mark.parametrize("zone", KNOWN)
def test_a_vtimezone_is_true_for_ten_years(zone: str) -> None:
    since, clock = holds_since(zone), ZoneInfo(zone)
    assert since is not None
    at, ours = max(since, TODAY), offsets(zone)
    edges = [onset for _, onset, _ in ours.changes if at < onset < IN_TEN_YEARS]
    for start, end in pairwise([at, *edges, IN_TEN_YEARS]):
        expected = ours.at(start)
        hours = range(0, int((end - start) / timedelta(hours=1)), 5)
        assert {(start + timedelta(hours=hour)).astimezone(clock).utcoffset() for hour in hours} == {expected}
        assert (end - timedelta(seconds=1)).astimezone(clock).utcoffset() == expected


def test_a_vtimezone_is_true_in_every_zone_there_is() -> None:
    for zone in ALL:
        since, clock = holds_since(zone), wall_clock(zone)
        if since is None or since > IN_TEN_YEARS:
            continue  # written in UTC
        first = max(since, datetime(1971, 1, 1, tzinfo=UTC))
        edges = [onset for _, onset, _ in offsets(zone).changes if first < onset < IN_TEN_YEARS]
        ours = offsets(zone)
        for at in [first, *edges, *(edge - timedelta(seconds=1) for edge in edges)]:
            assert ours.at(at) == at.astimezone(clock).utcoffset(), (zone, at)


def test_only_zones_that_change_across_a_months_end_have_no_vtimezone() -> None:
    assert [zone for zone in ALL if holds_since(zone) is None] == ["Africa/Cairo", "Egypt"]
    with pytest.raises(ValueError, match="Cairo"):
        vtimezone("Africa/Cairo")
    assert b"\r\nTZID:Etc/UTC\r\n" in calendar_bytes("Empty", [], zone="Africa/Cairo", language="en")


@pytest.mark.parametrize("zone", KNOWN)
def test_a_vtimezone_is_as_little_as_clients_read_right(zone: str) -> None:
    assert not re.search("RDATE|UNTIL|COUNT|TZNAME|X-", vtimezone(zone))
    halves = component(zone).parts
    assert len(halves) in (1, 2)
    for half in halves:
        rule = half.properties.get("RRULE")
        assert (rule is None) == (len(halves) == 1)
        assert rule is None or re.match(
            r"FREQ=YEARLY;BYDAY=(-?\d)?[A-Z]{2};(BYMONTHDAY=[\d,]+;)?BYMONTH=\d+$", rule.value
        )
        since = holds_since(zone)
        assert rule is None or (since and half["DTSTART"].value[:8] >= f"{since - timedelta(days=1):%Y%m%d}")
    if len(halves) == 2:
        assert [half.name for half in halves] == ["DAYLIGHT", "STANDARD"]


def test_the_zones_of_the_two_sites_are_the_ones_that_nine_parsers_read_right() -> None:
    assert vtimezone("Asia/Tokyo").split("\r\n") == [
        *("BEGIN:VTIMEZONE", "TZID:Asia/Tokyo", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
        *("TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "END:STANDARD", "END:VTIMEZONE", ""),
    ]
    summer, winter = component("America/New_York").parts
    assert [summer[name].value for name in ("DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO")] == [
        *("20070311T020000", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "-0500", "-0400")
    ]
    assert [winter[name].value for name in ("DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO")] == [
        *("20071104T020000", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "-0400", "-0500")
    ]


@pytest.mark.parametrize(
    "text", ["", "EST5EDT,J60,J300", "EST5EDT,59,300", "EST5EDT", "<-03>3<-02>,M3.5.0/-1,M10.5.0/0,x"]
)
def test_rules_of_another_form_are_not_guessed_at(text: str) -> None:
    assert parsed(text) is None


# TZID: 24


def test_a_zone_stands_once_before_the_events_and_only_when_one_refers_to_it() -> None:
    mixed = [entry(), entry(number=2), replace(entry(number=3), zone="Asia/Tokyo")]
    calendar = read(calendar_bytes("Mine", mixed, zone="Europe/London", language="en"))
    assert [part.name for part in calendar.parts] == ["VTIMEZONE"] * 2 + ["VEVENT"] * 3
    assert [part["TZID"].value for part in calendar.of("VTIMEZONE")] == ["America/New_York", "Asia/Tokyo"]
    assert {event["DTSTART"].params["TZID"] for event in calendar.of("VEVENT")} == {"America/New_York", "Asia/Tokyo"}
    assert calendar["X-WR-TIMEZONE"].value == "Europe/London"


def test_every_tzid_has_its_vtimezone_and_none_is_unused() -> None:
    entries = [replace(entry(number=number), zone=zone) for number, zone in enumerate(ALL)]
    calendar = read(feed(*entries))
    used = {event["DTSTART"].params.get("TZID") for event in calendar.of("VEVENT")} - {None}
    assert {zone["TZID"].value for zone in calendar.of("VTIMEZONE")} == used
    assert used <= set(ALL)
    assert set(ALL) - used >= {"Africa/Cairo", "UTC"}


def test_one_instant_is_written_in_the_time_of_each_site() -> None:
    assert the_event(entry())["DTSTART"].value == "20261124T090000"
    tokyo = the_event(replace(entry(), zone="Asia/Tokyo"))["DTSTART"]
    assert (tokyo.params, tokyo.value) == ({"TZID": "Asia/Tokyo"}, "20261124T230000")


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Africa/Cairo", "2026-07-01T09:00+03:00"),
        ("Asia/Gaza", "2026-07-01T09:00+03:00"),
        ("America/Vancouver", "2026-02-01T09:00-08:00"),
    ],
)
def test_what_a_vtimezone_would_get_wrong_is_written_in_utc(zone: str, start: str) -> None:
    one = replace(entry(start), zone=zone)
    calendar, event = read(feed(one)), the_event(one)
    assert calendar.of("VTIMEZONE") == []
    assert instant(event["DTSTART"], calendar) == one.start
    assert event["DTEND"].value.endswith("Z")


def test_an_empty_feed_in_a_zone_without_a_rule_is_valid_too() -> None:
    [zone] = read(calendar_bytes("Cairo", [], zone="Africa/Cairo", language="en")).parts
    assert zone["TZID"].value == "Etc/UTC"


# Changes of clocks: 26 to 28


@pytest.mark.parametrize("zone", KNOWN)
def test_every_hour_around_a_change_of_clocks_is_the_right_instant(zone: str) -> None:
    edges = [onset for _, onset, _ in offsets(zone).changes if TODAY < onset < TODAY + timedelta(days=400)]
    starts = [edge + timedelta(minutes=30 * step) for edge in edges or [TODAY] for step in range(-6, 7)]
    entries = [
        replace(entry(number=n), start=at, end=at + timedelta(hours=1), zone=zone) for n, at in enumerate(starts)
    ]
    body = feed(*entries)
    calendar, other = read(body), Calendar.from_ical(body)
    assert [instant(event["DTSTART"], calendar) for event in calendar.of("VEVENT")] == starts
    assert [instant(event["DTEND"], calendar) for event in calendar.of("VEVENT")] == [entry.end for entry in entries]
    read_back = [[event.decoded(name).astimezone(UTC) for name in ("DTSTART", "DTEND")] for event in other.events]
    assert read_back == [[entry.start, entry.end] for entry in entries]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-01T01:30-05:00", "2026-11-01T03:00-05:00"),  # starts in the second pass
        ("2026-10-31T20:00-04:00", "2026-11-01T01:30-05:00"),  # ends in it
        ("2026-10-31T20:00-04:00", "2026-11-01T01:00-05:00"),  # ends as it begins
        ("2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"),  # an hour from the same to the same
        ("2026-11-01T00:30-04:00", "2026-11-01T01:30-04:00"),  # ends in the first pass, which ical.js does not know
        ("2026-11-01T01:00-04:00", "2026-11-01T02:00-05:00"),  # both passes
    ],
)
def test_the_november_hour_that_comes_twice_is_written_in_utc(start: str, end: str) -> None:
    one = entry(start, end)
    calendar, event = read(feed(one)), the_event(one)
    assert calendar.of("VTIMEZONE") == []
    for name, at in (("DTSTART", one.start), ("DTEND", one.end)):
        assert event[name].value.endswith("Z")
        assert instant(event[name], calendar) == at


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-31T20:00-04:00", "2026-11-01T00:30-04:00"),  # ends before the hour that comes twice
        ("2026-11-01T02:00-05:00", "2026-11-01T08:00-05:00"),  # starts after it
        ("2026-03-07T20:00-05:00", "2026-03-08T01:59-05:00"),
        ("2026-03-08T03:00-04:00", "2026-03-08T08:00-04:00"),
    ],
)
def test_what_a_local_time_says_plainly_keeps_its_zone(start: str, end: str) -> None:
    one = entry(start, end)
    calendar, event = read(feed(one)), the_event(one)
    assert {event[name].params["TZID"] for name in ("DTSTART", "DTEND")} == {"America/New_York"}
    assert (instant(event["DTSTART"], calendar), instant(event["DTEND"], calendar)) == (one.start, one.end)


def test_a_night_run_across_the_march_sunday_lasts_eleven_hours() -> None:
    """Evolution adds the hours that pass to the clock on the wall, so local times would end at 07:00 there."""
    one = entry("2026-03-07T20:00-05:00", "2026-03-08T08:00-04:00")
    calendar, event = read(feed(one)), the_event(one)
    assert (event["DTSTART"].value, event["DTEND"].value) == ("20260308T010000Z", "20260308T120000Z")
    eleven = timedelta(hours=11)
    assert instant(event["DTEND"], calendar) - instant(event["DTSTART"], calendar) == eleven
    [other] = Calendar.from_ical(feed(one)).events
    assert other.decoded("DTEND").astimezone(UTC) - other.decoded("DTSTART").astimezone(UTC) == eleven


def test_nine_in_cambridge_is_nine_on_both_sides_of_march_and_november() -> None:
    zone = ZoneInfo("America/New_York")
    days = [(2026, 3, 2), (2026, 3, 9), (2026, 10, 26), (2026, 11, 2)]
    starts = [datetime(*day, 9, tzinfo=zone) for day in days]
    body = feed(*(replace(entry(number=n), start=at, end=at + timedelta(hours=2)) for n, at in enumerate(starts)))
    calendar = read(body)
    assert {event["DTSTART"].value[9:] for event in calendar.of("VEVENT")} == {"090000"}
    assert [instant(event["DTSTART"], calendar) for event in calendar.of("VEVENT")] == starts
