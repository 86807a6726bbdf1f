"""Times in calendar files that somebody else wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from labbook.core.ical.events import read_events
from labbook.core.interval import Interval

TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = Interval(datetime(2026, 11, 23, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
OWN_ZONE = [
    *("BEGIN:VTIMEZONE", "TZID:Mine", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0200"),
    *("TZOFFSETTO:+0200", "END:STANDARD", "END:VTIMEZONE"),
]


def _file(*lines: str, before: list[str] | None = None, summary: str = "Clean") -> bytes:
    event = ["BEGIN:VEVENT", "UID:u", f"SUMMARY:{summary}", *lines, "END:VEVENT"]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *(before or []), *event, "END:VCALENDAR", ""]
    ).encode()


def _times(*lines: str, before: list[str] | None = None, most: int = 5) -> list[str]:
    read = read_events(_file(*lines, before=before), TOKYO, WINDOW, most=most)
    return [f"{one.time.start:%Y-%m-%d %H:%M}–{one.time.end:%Y-%m-%d %H:%M}" for one in read.found]


def _unread(*lines: str) -> str:
    read = read_events(_file(*lines), TOKYO, WINDOW, most=5)
    assert read.found == ()
    return read.unread[0].text


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART;VALUE=DATE:20261229", "DTEND;VALUE=DATE:20270104"), ["2026-12-28 15:00–2027-01-03 15:00"]),
        (("DTSTART;VALUE=DATE:20261229",), ["2026-12-28 15:00–2026-12-29 15:00"]),
        (("DTSTART:20261201T000000Z", "DTEND:20261201T020000Z"), ["2026-12-01 00:00–2026-12-01 02:00"]),
        (("DTSTART:20261201T090000", "DTEND:20261201T110000"), ["2026-12-01 00:00–2026-12-01 02:00"]),
        (("DTSTART;TZID=Tokyo Standard Time:20261201T090000", "DURATION:PT2H"), ["2026-12-01 00:00–2026-12-01 02:00"]),
        (
            ("DTSTART;TZID=/citadel.org/1/Asia/Tokyo:20261201T090000", "DURATION:PT1H"),
            ["2026-12-01 00:00–2026-12-01 01:00"],
        ),
        (("DTSTART:20260101T000000Z", "DTEND:20260101T020000Z"), []),
    ],
)
def test_single_times(lines: tuple[str, ...], expected: list[str]) -> None:
    assert _times(*lines) == expected


def test_a_zone_of_the_files_own() -> None:
    lines = ("DTSTART;TZID=Mine:20261201T090000", "DTEND;TZID=Mine:20261201T100000")
    assert _times(*lines, before=OWN_ZONE) == ["2026-12-01 07:00–2026-12-01 08:00"]


def test_wall_time_is_kept_over_a_change_of_the_clocks() -> None:
    zone = "TZID=America/New_York"
    lines = (f"DTSTART;{zone}:20270308T090000", f"DTEND;{zone}:20270308T100000", "RRULE:FREQ=WEEKLY;COUNT=3")
    assert [one[:16] for one in _times(*lines, f"EXDATE;{zone}:20270315T090000")] == [
        "2027-03-08 14:00",
        "2027-03-22 13:00",
    ]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;UNTIL=20261203T000000Z", ["01", "02", "03"]),
        ("FREQ=DAILY;UNTIL=20261202", ["01", "02"]),
        ("FREQ=DAILY", ["01", "02", "03", "04", "05"]),
        ("FREQ=MONTHLY;BYDAY=1TU;COUNT=2", ["01", "05"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", []),
        ("FREQ=DAILY;COUNT=2;BYHOUR=9;BYMINUTE=0", ["01", "02"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", []),
    ],
)
def test_rules_are_followed_up_to_a_limit(rule: str, days: list[str]) -> None:
    found = _times("DTSTART:20261201T090000", "DTEND:20261201T100000", f"RRULE:{rule}")
    assert [one[8:10] for one in found] == days


def test_dates_are_left_out_by_the_day_too() -> None:
    """Some programs say so, although the times of the event are no days."""
    lines = ("DTSTART:20261201T090000", "DTEND:20261201T100000", "RRULE:FREQ=DAILY;COUNT=3")
    assert [one[8:10] for one in _times(*lines, "EXDATE;VALUE=DATE:20261202")] == ["01", "03"]


def test_what_began_before_the_window_and_runs_into_it_is_read() -> None:
    lines = ("DTSTART:20261120T220000", "DTEND:20261121T100000", "RRULE:FREQ=DAILY;COUNT=5")
    assert [one[:16] for one in _times(*lines)] == ["2026-11-22 13:00", "2026-11-23 13:00", "2026-11-24 13:00"]


def test_a_date_that_was_moved_is_read_where_it_is() -> None:
    moved = ["BEGIN:VEVENT", "UID:u", "SUMMARY:Moved", "RECURRENCE-ID:20261202T090000", "DTSTART:20261202T150000"]
    moved += ["DTEND:20261202T160000", "END:VEVENT"]
    found = _times("DTSTART:20261201T090000", "DTEND:20261201T100000", "RRULE:FREQ=DAILY;COUNT=2", before=moved)
    assert [one[8:16] for one in found] == ["01 00:00", "02 06:00"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DTEND:20261201T100000",), "no start"),
        (("DTSTART:20261201T090000",), "no length"),
        (("DTSTART:20261201T090000", "DTEND:20261201T090000"), "no length"),
        (("DTSTART:20261201T090000", "DTEND:20261201T080000"), "ends before it starts"),
        (("DTSTART:20261201T090000", "DURATION:-PT1H"), "ends before it starts"),
        (("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261130"), "ends before it starts"),
        (("DTSTART:20261201T090000", "DTEND:99991231T235959"), "longer than three years"),
        (("DTSTART:20261201T090000", "DURATION:P999999999D"), "longer than three years"),
        (("DTSTART:20261201T090000", "DTEND:20261203T100000", "RRULE:FREQ=DAILY;COUNT=3"), "overlap each other"),
        (("DTSTART:20261201T090000", "DTEND;VALUE=DATE:20261202"), "ends with a day"),
        (("DTSTART;VALUE=DATE:20261201", "DTEND:20261202T090000"), "ends at a time"),
        (
            ("DTSTART:20261201T090000", "DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000"),
            "all later",
        ),
        (("DTSTART:20261201T090000", "DTSTART:20261202T090000", "DURATION:PT1H"), "could not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=99999999999999999999"), "understood"),
        (("DTSTART:nonsense", "DTEND:20261201T100000"), "could not be understood"),
        (("DTSTART;TZID=Nowhere:20261201T090000", "DURATION:PT1H"), "is not known"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), "by the hour"),
        (("DTSTART:19701201T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY"), "before the year 2000"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RECURRENCE-ID:foo"), "could not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RECURRENCE-ID;VALUE=TEXT:20261201T090000"), "not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", *["RECURRENCE-ID:20261201T090000"] * 2), "not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=99MO"), "could not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"), "could not be understood"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=1,2"), "a rule that cannot be read"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=1"), "a rule that cannot be read"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "RDATE:20261203T090000"), "one by one"),
        (("DTSTART:20261201T090000", "DURATION:PT1H", "STATUS:CANCELLED"), "cancelled"),
    ],
)
def test_what_cannot_be_read_is_said(lines: tuple[str, ...], said: str) -> None:
    assert said in _unread(*lines)


_ALL = ";".join(f"{part}={','.join(map(str, range(most)))}" for part, most in (("BYHOUR", 24), ("BYMINUTE", 60)))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (f"FREQ=DAILY;{_ALL}", "a rule that cannot be read"),
        ("FREQ=DAILY", "Only the first"),
        ("FREQ=DAILY;COUNT=20000", "Only the first"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "too much in this file repeats"),
        ("FREQ=YEARLY;BYSETPOS=300;BYDAY=1MO", "too much in this file repeats"),
    ],
)
def test_no_file_is_read_for_long(rule: str, said: str) -> None:
    began = process_time()
    event = f"BEGIN:VEVENT\r\nDTSTART:20000101T090000\r\nDURATION:PT1H\r\nRRULE:{rule}\r\nEND:VEVENT\r\n"
    read = read_events(f"BEGIN:VCALENDAR\r\n{event * 500}END:VCALENDAR\r\n".encode(), TOKYO, WINDOW, most=200)
    assert said in read.unread[-1].text
    assert process_time() - began < 2


@pytest.mark.parametrize(("named", "shown"), [("a\\nb", "a b"), ("a\u202eb", "ab"), ("a\x07b", "ab"), ("\u202e", "?")])
def test_a_title_is_read_on_one_line(named: str, shown: str) -> None:
    file = _file("DTSTART:20261201T090000", "DURATION:PT1H", summary=named)
    assert [one.name for one in read_events(file, TOKYO, WINDOW, most=5).found] == [shown]


# --- which event it is ------------------------------------------------------------------------------------------------

SERIES = (
    "DTSTART;TZID=Asia/Tokyo:20261201T090000",
    "DTEND;TZID=Asia/Tokyo:20261201T100000",
    "RRULE:FREQ=DAILY;COUNT=3",
)
SINGLE = ("DTSTART:20261201T090000", "DURATION:PT1H")


def _event(*lines: str, uid: str = "u", summary: str = "Clean") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


def _sources(*events: str) -> list[str]:
    file = "\r\n".join(["BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""]).encode()
    return [one.source for one in read_events(file, TOKYO, WINDOW, most=9).found]


def test_an_event_is_known_again_wherever_it_has_moved_and_whatever_it_is_called() -> None:
    moved = _event("DTSTART:20270105T120000", "DURATION:PT3H", summary="Service")
    assert _sources(_event(*SINGLE)) == _sources(moved) != _sources(_event(*SINGLE, uid="v"))
    assert [len(one) for one in _sources(moved)] == [32]


@pytest.mark.parametrize(
    "stands_for", ["RECURRENCE-ID;TZID=Asia/Tokyo:20261202T090000", "RECURRENCE-ID:20261202T000000Z"]
)
def test_a_date_of_a_series_is_known_again_by_its_day(stands_for: str) -> None:
    plain = _sources(_event(*SERIES))
    assert len(set(plain)) == 3
    moved = _event(stands_for, "DTSTART:20270105T120000", "DURATION:PT3H", summary="Later")
    assert _sources(_event(*SERIES), moved) == [plain[0], plain[2], plain[1]]
    earlier = [one.replace("T090000", "T080000") for one in SERIES]
    assert _sources(_event(*earlier)) == plain


def test_a_date_that_is_in_a_file_twice_is_read_once() -> None:
    moved = _event("RECURRENCE-ID:20261202T000000Z", "DTSTART:20270105T120000", "DURATION:PT3H")
    later = moved.replace("20270105", "20270106")
    assert len(_sources(_event(*SERIES), moved, later)) == 3


@pytest.mark.parametrize("uid", ["u", ""])
def test_events_that_share_a_uid_although_none_should_are_told_apart(uid: str) -> None:
    both = _event(*SINGLE, uid=uid), _event("DTSTART:20261203T090000", "DURATION:PT1H", uid=uid)
    assert len(set(_sources(*both))) == 2
    assert _sources(*both) == _sources(*both[::-1])


def test_an_event_without_a_uid_is_no_other_one_without() -> None:
    def source(start: str) -> str:
        file = _file(f"DTSTART:{start}", "DURATION:PT1H").replace(b"UID:u\r\n", b"")
        return read_events(file, TOKYO, WINDOW, most=5).found[0].source

    assert source("20261201T090000") == source("20261201T090000") != source("20261202T090000")


def test_the_same_time_under_the_same_title_is_read_once() -> None:
    assert len(_sources(_event(*SINGLE), _event(*SINGLE, uid="v"))) == 1


def test_what_keeps_nobody_busy_says_so() -> None:
    file = _file("DTSTART:20261201T090000", "DURATION:PT1H", "TRANSP:TRANSPARENT")
    assert [one.is_free for one in read_events(file, TOKYO, WINDOW, most=5).found] == [True]
    file = _file("DTSTART:20261201T090000", "DURATION:PT1H", "TRANSP:OPAQUE")
    assert [one.is_free for one in read_events(file, TOKYO, WINDOW, most=5).found] == [False]


def test_nothing_is_taken_of_an_event_that_is_wrong_somewhere() -> None:
    read = read_events(_file("DTSTART:20261201T090000", "DURATION:P2D", "RRULE:FREQ=DAILY"), TOKYO, WINDOW, most=5)
    assert read.found == () and len(read.unread) == 1 and read.is_whole


def test_it_is_said_when_not_all_was_read() -> None:
    read = read_events(_file(*SINGLE, "RRULE:FREQ=DAILY"), TOKYO, WINDOW, most=5)
    assert len(read.found) == 5 and not read.is_whole
