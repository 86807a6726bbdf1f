"""Files that pretend to be calendars, or are in a bad state: a sentence each, and none is read for long."""

from __future__ import annotations

import gzip
import re
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from time import process_time
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import pytest

from labbook.core.ical.events import read_events
from labbook.core.ical.uploaded import MOST_BYTES, UnreadableError
from labbook.core.interval import Interval

TOKYO = ZoneInfo("Asia/Tokyo")
WINDOW = Interval(datetime(2026, 11, 23, tzinfo=UTC), datetime(2029, 11, 22, tzinfo=UTC))
TIMES = ("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z")


def _calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""])


def _event(*lines: str, summary: str = "点検") -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:u", f"SUMMARY:{summary}", *lines, "END:VEVENT"])


GOOD = _calendar(_event(*TIMES))


def _names(data: bytes) -> list[str]:
    return [one.name for one in read_events(data, TOKYO, WINDOW, most=200).found]


def _zipped(name: str, content: bytes) -> bytes:
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return into.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no calendar file"),
        (b"hello", "no calendar file"),
        (b"<!doctype html><html>", "no calendar file"),
        (b"\x89PNG\r\n\x1a\n\xff\xff", "no calendar file"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "no calendar file"),
        (b"BEGIN:VCALENDAR\r\n", "no calendar file"),
        (b"END:VCALENDAR\r\n", "no calendar file"),
        (GOOD.replace("\r\n", "\r").encode(), "no calendar file"),
        (_calendar(*["BEGIN:VEVENT"] * 5000, *["END:VEVENT"] * 5000).encode(), "no calendar file"),
        (b"BEGIN:VEVENT\r\n" * 13_000, "no calendar file"),
        (
            GOOD.replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+9900").encode(),
            "no calendar",
        ),
        (_calendar("BEGIN:VTODO", "UID:t", "END:VTODO").encode(), "no event"),
        (_calendar(*[_event(*TIMES)] * 501).encode(), "more than"),
        (GOOD.encode().replace("点検".encode(), b"\xff\xfe"), "not in UTF-8"),
        (GOOD.encode("utf-16"), "not in UTF-8"),
        (GOOD.encode("utf-16-le"), "not in UTF-8"),
        (GOOD.encode("utf-16-be"), "not in UTF-8"),
        (GOOD.encode("cp932"), "not in UTF-8"),
        (GOOD.encode("euc-jp"), "not in UTF-8"),
        (b"x" * (MOST_BYTES + 1), "larger than"),
        (gzip.compress(b"\0" * 50_000_000), "packed"),
        (_zipped("a.ics", b"\0" * 50_000_000), "packed"),
    ],
)
def test_what_is_no_calendar_that_can_be_read_is_refused_and_said(data: bytes, said: str) -> None:
    began = process_time()
    with pytest.raises(UnreadableError, match=said):
        read_events(data, TOKYO, WINDOW, most=5)
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (GOOD.encode(), ["点検"]),
        (GOOD.encode("utf-8-sig"), ["点検"]),
        (GOOD.replace("\r\n", "\n").encode(), ["点検"]),
        (GOOD.replace("点", "点\r\n ").encode(), ["点検"]),
        (re.sub("(?m)^[A-Z]+", lambda named: named[0].lower(), GOOD).encode(), ["点検"]),
        ((GOOD + _calendar(_event(*TIMES, summary="Two"))).encode(), ["Two", "点検"]),
        (_calendar("X-BROKEN;a=:::", "nonsense", "ATTENDEE;=x", _event(*TIMES)).encode(), ["点検"]),
        (_calendar(_event(*TIMES, summary="a\rBEGIN:VEVENT\rSUMMARY:b")).encode(), ["a BEGIN:VEVENT SUMMARY:b"]),
        (
            _calendar(_event(*TIMES, summary="a\x0bEND:VEVENT\u2028BEGIN:VEVENT")).encode(),
            ["a END:VEVENT BEGIN:VEVENT"],
        ),
        (_calendar(_event(*TIMES, "BEGIN:VALARM", "TRIGGER:-PT5M", "END:VALARM")).encode(), ["点検"]),
        (_calendar(_event(*TIMES, _event("DTSTART:20261202T000000Z", "DURATION:PT1H"))).encode(), ["点検"]),
    ],
)
def test_other_programs_habits_and_tricks_do_no_harm(data: bytes, names: list[str]) -> None:
    assert _names(data) == names


REPEATED = ("DTSTART:20261201T090000", "DTEND:20261201T100000", "RRULE:FREQ=DAILY;COUNT=10")


@pytest.mark.parametrize(
    "lines",
    [
        [_event(*REPEATED, "EXDATE:" + ",".join(["20261202T090000"] * 12_000))],
        [_event(*REPEATED, *["EXDATE;TZID=Tokyo Standard Time:20261202T090000"] * 4_000)],
        [_event(*TIMES, *["X:1"] * 38_000)],
        [_event(*TIMES, *["SUMMARY:1"] * 17_000)],
        [_event(*TIMES, "DTSTART" + ";X=1" * 40_000 + ":20261201T090000Z")],
        [_event(*TIMES, "DESCRIPTION:" + "\r\n ".join("x" * 45_000))],
        [_event(*TIMES, summary="\\" * 90_000)],
        ["BEGIN:VTODO\r\nEND:VTODO"] * 8_000,
        [_event(*TIMES, "DTSTART:x" * 20_000)],
        ["X" * 190_000],
        ["BEGIN:" + " " * 190_000 + "a b"],
        ["BEGIN:a" + "\t" * 190_000 + "b"],
        ["BEGIN;" + ":" * 190_000 + " b c"],
    ],
)
def test_no_file_that_is_as_large_as_it_may_be_takes_long(lines: list[str]) -> None:
    data = _calendar(*lines).encode()
    assert len(data) <= MOST_BYTES
    began = process_time()
    with suppress(UnreadableError):
        read_events(data, TOKYO, WINDOW, most=200)
    assert process_time() - began < 2
