"""What stands in a feed: its bytes, its entries, and when they change. Numbers are criteria of the calendar study."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from labbook.core.ical import RENDERER, Status, calendar_bytes, makers
from labbook.core.ical.entry import rendered
from tests.core.ical.reading import entry, feed, read, the_event
from tests.core.ical.scenes import files

AWKWARD = "A, B; C\\new\nand C:\\New"
HOUR = timedelta(hours=1)

anything = st.text(st.characters(exclude_categories=()))  # surrogates and control characters too
typed = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff") | st.just("\n"))


# Bytes: 1 to 4


@settings(max_examples=150, deadline=None)
@given(title=anything, note=anything, name=anything)
def test_no_text_can_break_a_feed(title: str, note: str, name: str) -> None:
    link = f"https://lab.example/{note}"
    wild = replace(entry(summary=title), description=note, location=title, categories=(title, note), url=link)
    body = calendar_bytes(name, [wild], zone="America/New_York", language="en", url=link, color=note)
    assert not body.startswith(b"\xef\xbb\xbf")
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", body.decode())
    assert len(read(body).of("VEVENT")) == len(Calendar.from_ical(body).events) == 1


@settings(max_examples=150, deadline=None)
@given(title=typed)
def test_a_title_reads_back_as_it_was_typed(title: str) -> None:
    assert the_event(entry(summary=title))["SUMMARY"].text == title
    assert str(Calendar.from_ical(feed(entry(summary=title))).events[0].get("SUMMARY")) == title


def test_an_awkward_text_reads_back_everywhere() -> None:
    shown = replace(entry(summary=AWKWARD), description=AWKWARD, location=AWKWARD, categories=("A, B", "C:\\New"))
    event, [other] = the_event(shown), Calendar.from_ical(feed(shown)).events
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        assert event[name].text == str(other[name]) == AWKWARD
    assert event["SUMMARY"].value == r"A\, B\; C\\new\nand C:\\New"
    assert event["CATEGORIES"].value == r"A\, B,C:\\New"
    assert [str(category) for category in other.categories] == ["A, B", "C:\\New"]


def test_a_long_japanese_title_with_emoji_is_folded_between_characters() -> None:
    title = "共焦点顕微鏡で細胞を観察🧫🔬" * 15
    assert the_event(entry(summary=title))["SUMMARY"].text == title


def test_line_ends_of_every_kind_become_one_and_controls_vanish() -> None:
    event = the_event(replace(entry(), description="a\r\nb\rc\x85d\u2028e\tf\x00g\x1bh\ufeff\ud800"))
    assert event["DESCRIPTION"].text == "a\nb\nc\nd\ne fgh"


# The calendar: 5 to 9


def test_version_and_prodid_come_before_all_else() -> None:
    lines = feed(entry()).decode().split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[2].startswith("PRODID:-//LabBook//")
    assert [part.name for part in read(feed(entry())).parts] == ["VTIMEZONE", "VEVENT"]


def test_the_calendar_says_what_it_is_and_how_often_to_ask() -> None:
    body = calendar_bytes(
        "共焦点", [], zone="Asia/Tokyo", language="ja", color="teal", url="https://lab.example/r/a;b,c"
    )
    calendar = read(body)
    assert {name: calendar[name].value for name in calendar.properties if name != "PRODID"} == {
        **{"VERSION": "2.0", "CALSCALE": "GREGORIAN", "METHOD": "PUBLISH", "COLOR": "teal"},
        **{"NAME": "共焦点", "X-WR-CALNAME": "共焦点", "X-WR-TIMEZONE": "Asia/Tokyo"},
        **{"REFRESH-INTERVAL": "PT1H", "X-PUBLISHED-TTL": "PT1H", "URL": "https://lab.example/r/a;b,c"},
    }
    assert calendar["REFRESH-INTERVAL"].params == {"VALUE": "DURATION"}
    assert Calendar.from_ical(body).refresh_interval == HOUR


def test_a_calendars_name_has_nothing_to_escape() -> None:
    calendar = read(calendar_bytes("  Cells,\tflow; B\\2\n", [], zone="Asia/Tokyo", language="en"))
    assert calendar["NAME"].value == calendar["X-WR-CALNAME"].value == "Cells flow B 2"


def test_a_name_of_nothing_is_still_a_name() -> None:
    assert read(calendar_bytes(";\n", [], zone="Asia/Tokyo", language="en"))["NAME"].value == "LabBook"


def test_a_feed_of_nothing_holds_the_zone_of_the_site_alone() -> None:
    calendar = read(calendar_bytes("Tsukuba", [], zone="Asia/Tokyo", language="en"))
    assert [part.name for part in calendar.parts] == ["VTIMEZONE"]
    assert calendar.parts[0]["TZID"].value == "Asia/Tokyo"


def test_a_zone_that_does_not_exist_is_refused() -> None:
    for name in ("Tokyo Standard Time", "/Asia/Tokyo", "../zones", "Asia", "zone.tab"):
        with pytest.raises(LookupError):
            calendar_bytes("x", [], zone=name, language="en")
        with pytest.raises(LookupError):
            replace(entry(), zone=name)


# Identity and change: 11 to 15


def test_a_booking_keeps_its_uid_whatever_happens_to_it() -> None:
    one = entry()
    moved = replace(one, start=one.end, end=datetime(2026, 12, 1, tzinfo=UTC), sequence=3)
    later = [
        moved,
        replace(one, summary="Other"),
        replace(one, status=Status.CANCELLED),
        replace(one, zone="Asia/Tokyo"),
    ]
    assert {the_event(each)["UID"].value for each in later} == {one.uid}
    assert str(UUID(one.uid)) == one.uid


@pytest.mark.parametrize("uid", ["", "42", "5f3c0f6e@lab.example", "confocal-1"])
def test_a_uid_is_a_uuid(uid: str) -> None:
    with pytest.raises(ValueError):
        replace(entry(), uid=uid)


def test_a_uid_appears_once_and_the_last_revision_wins() -> None:
    old, new = entry(), replace(entry(), sequence=3, summary="New", stamp=entry().stamp - HOUR)
    for order in ([old, new], [new, old], [new, old, new]):
        [event] = read(feed(*order)).of("VEVENT")
        assert event["SUMMARY"].text == "New"


def test_the_same_values_are_the_same_bytes_in_any_order() -> None:
    entries = [entry(number=number) for number in range(5)] + [entry("2026-11-23T09:00-05:00", number=9)]
    assert feed(*entries) == feed(*reversed(entries))
    events = read(feed(*entries)).of("VEVENT")
    assert [event["UID"].value[-1] for event in events] == ["9", "0", "1", "2", "3", "4"]


def test_another_worker_writes_the_same_bytes_and_the_same_tag() -> None:
    code = (
        "import sys; from tests.core.ical.scenes import files; from labbook.core.ical import makers\n"
        "sys.stdout.buffer.write(b''.join(files().values()) + makers().encode())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert there.stdout == b"".join(files().values()) + makers().encode()


def test_stamps_are_in_utc_and_come_from_the_entry_alone() -> None:
    tokyo = datetime(2026, 11, 20, 10, 2, 3, 999, tzinfo=timezone(9 * HOUR))
    event = the_event(replace(entry(), stamp=tokyo))
    assert event["DTSTAMP"].value == event["LAST-MODIFIED"].value == "20261120T010203Z"
    assert event["CREATED"].value == "20261119T000000Z"
    assert event["SEQUENCE"].value == "2"


def test_equal_entries_give_equal_texts_and_unequal_ones_never_share_one() -> None:
    second = entry("2026-11-01T01:30-05:00", "2026-11-01T03:00-05:00")
    first = entry("2026-11-01T01:30-04:00", "2026-11-01T03:00-05:00")
    assert first != second
    assert rendered(first).text != rendered(second).text
    assert rendered(entry()).text == rendered(entry("2026-11-24T14:00+00:00", "2026-11-24T16:00+00:00")).text


@pytest.mark.parametrize("maker", ["labbook.core.ical.feed.RENDERER", "importlib.metadata.version"])
def test_stored_texts_are_made_anew_with_the_renderer_and_with_the_rules_of_the_zones(
    maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = makers()
    monkeypatch.setattr(maker, (lambda package: "2099.1") if maker.endswith("version") else RENDERER + 1)
    makers.cache_clear()
    assert makers() != before
    monkeypatch.undo()
    makers.cache_clear()
    assert makers() == before


# Status: 18 to 20


@pytest.mark.parametrize(
    ("status", "transp", "busy", "english", "japanese"),
    [
        (Status.TENTATIVE, "OPAQUE", "TENTATIVE", "[PENDING] Confocal", "【承認待ち】Confocal"),
        (Status.CONFIRMED, "OPAQUE", "BUSY", "Confocal", "Confocal"),
        (Status.CANCELLED, "TRANSPARENT", "FREE", "[CANCELLED] Confocal", "【取消】Confocal"),
    ],
)
def test_a_status_is_said_in_three_ways(status: Status, transp: str, busy: str, english: str, japanese: str) -> None:
    one = replace(entry(), status=status)
    event = the_event(one)
    assert [event[name].value for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")] == [status, transp, busy]
    assert event["SUMMARY"].text == english
    assert the_event(replace(one, language="ja"))["SUMMARY"].text == japanese


# What an entry shows, and how it may not be: 23, 29, 30, 50


def test_a_full_entry_shows_all_that_it_has_and_an_empty_field_nothing() -> None:
    link = "https://lab.example/requests/a,b;c"
    full = replace(entry(), description="実験", location="Cambridge", url=link, geo=(42.36, -71.09), color="teal")
    event = the_event(full)
    assert event["URL"].value == link
    assert event["GEO"].value == "42.36;-71.09"
    assert event["COLOR"].value == "teal"
    assert not {"DESCRIPTION", "LOCATION", "URL", "GEO", "COLOR", "CATEGORIES"} & the_event(entry()).properties.keys()
    assert not {"ORGANIZER", "ATTENDEE", "DURATION", "RRULE"} & event.properties.keys()
    assert event.parts == []


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_residency_of_the_first_ten_days_of_may_has_the_eleventh_as_its_end(zone: str) -> None:
    residency = replace(entry(), start=date(2026, 5, 1), end=date(2026, 5, 11), zone=zone)
    event = the_event(residency)
    assert (event["DTSTART"].params, event["DTSTART"].value) == ({"VALUE": "DATE"}, "20260501")
    assert (event["DTEND"].params, event["DTEND"].value) == ({"VALUE": "DATE"}, "20260511")
    assert read(feed(residency)).of("VTIMEZONE") == []
    [other] = Calendar.from_ical(feed(residency)).events
    assert (other.start, other.end) == (date(2026, 5, 1), date(2026, 5, 11))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 5, 1, 9), datetime(2026, 5, 1, 10)),  # noqa: DTZ001
        (date(2026, 5, 1), datetime(2026, 5, 2, tzinfo=UTC)),
        (datetime(2026, 5, 1, tzinfo=UTC), date(2026, 5, 2)),
        (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)),
        (date(2026, 5, 2), date(2026, 5, 2)),
    ],
)
def test_floating_mixed_and_empty_times_are_refused(start: date, end: date) -> None:
    with pytest.raises(ValueError):
        replace(entry(), start=start, end=end)


def test_a_sequence_never_falls_below_zero() -> None:
    with pytest.raises(ValueError):
        replace(entry(), sequence=-1)
