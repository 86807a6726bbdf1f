"""What RFC 5545, RFC 7986 and the calendar study ask of any feed of LabBook. Numbers are the study's criteria."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dateutil.rrule import rrulestr

from tests.core.ical.reading import Component, Property, instant, read

_HOUR = timedelta(hours=1)
_NEVER = {"ORGANIZER", "ATTENDEE", "DURATION", "RDATE", "EXRULE"}  # 29, 31, 50
_BUSY = {"TENTATIVE": "TENTATIVE", "CONFIRMED": "BUSY", "CANCELLED": "FREE"}
_WORDS = {"TENTATIVE": ("[PENDING] ", "【承認待ち】"), "CANCELLED": ("[CANCELLED] ", "【取消】"), "CONFIRMED": ("",)}


def obeys(body: bytes, *, alarms: bool = False) -> list[Component]:
    """The events of a feed; fails where it breaks a rule. Only a feed that was asked for them may hold `alarms`."""
    assert not body.startswith(b"\xef\xbb\xbf")  # 1; lines, folds and control characters (2, 3) fail in read()
    calendar = read(body)
    _calendar(calendar, body)
    zones = {one["TZID"].value for one in calendar.of("VTIMEZONE")}
    events = calendar.of("VEVENT")
    assert [one.name for one in calendar.parts] == ["VTIMEZONE"] * len(zones) + ["VEVENT"] * len(events)
    used = {time.params["TZID"] for event in events for _, time in _times(event) if "TZID" in time.params}
    assert zones == used if events else len(zones) == 1, "24, 7"
    for event in events:
        _event(event, calendar)
        assert [part.name for part in event.parts] in ([], ["VALARM"] if alarms else []), "50"
    _identities(events, calendar)
    return events


def _calendar(calendar: Component, body: bytes) -> None:
    assert re.match(rb"BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:[^\r]+\r\n", body), "5"
    assert calendar["METHOD"].value == "PUBLISH", "6"
    assert calendar["NAME"].value == calendar["X-WR-CALNAME"].value, "8"
    assert not set(",;\\") & set(calendar["NAME"].value), "8"
    assert calendar["REFRESH-INTERVAL"].value == calendar["X-PUBLISHED-TTL"].value == "PT1H", "9"
    assert re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", calendar["X-WR-TIMEZONE"].value), "9"
    assert re.fullmatch(r"[a-z]+", calendar["COLOR"].value), "9"
    assert calendar["URL"].value.startswith("http")
    for zone in calendar.of("VTIMEZONE"):
        for half in zone.parts:
            assert set(half.properties) <= {"DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO"}, "25"


def _times(event: Component) -> Iterator[tuple[str, Property]]:
    yield from ((name, event[name]) for name in ("DTSTART", "DTEND", "RECURRENCE-ID") if name in event)
    yield from (("EXDATE", one) for one in event.left_out)


def _event(event: Component, calendar: Component) -> None:
    assert str(UUID(event["UID"].value)) == event["UID"].value, "11"
    assert not _NEVER & event.properties.keys()
    assert event["DTSTAMP"].value == event["LAST-MODIFIED"].value, "14"
    assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"].value), "14"
    status = event["STATUS"].value
    assert event["TRANSP"].value == ("TRANSPARENT" if status == "CANCELLED" else "OPAQUE"), "18-20"
    assert event["X-MICROSOFT-CDO-BUSYSTATUS"].value == _BUSY[status], "18-20"
    assert event["SUMMARY"].text.startswith(_WORDS[status]), "18-20"
    for name, time in _times(event):
        assert _form(time) in ("date", "utc", "local"), (name, time, "23")
    assert _form(event["DTSTART"]) == _form(event["DTEND"]), "29"
    assert _at(event["DTSTART"], calendar) < _at(event["DTEND"], calendar), "29"
    if "RRULE" in event:
        _rule(event, calendar)


def _form(time: Property) -> str:
    if time.params == {"VALUE": "DATE"} and re.fullmatch(r"\d{8}", time.value):
        return "date"
    if time.params == {} and re.fullmatch(r"\d{8}T\d{6}Z", time.value):
        return "utc"
    return "local" if time.params.keys() == {"TZID"} and re.fullmatch(r"\d{8}T\d{6}", time.value) else "floating"


def _at(time: Property, calendar: Component) -> datetime:
    if _form(time) == "date":
        return datetime.strptime(time.value + "Z", "%Y%m%d%z")
    return instant(time, calendar)


def _rule(event: Component, calendar: Component) -> None:
    rule, start = event["RRULE"].value, event["DTSTART"]
    assert re.fullmatch(
        r"FREQ=(DAILY|WEEKLY|MONTHLY)(;(INTERVAL=\d+|BYDAY=(-?\d)?[A-Z]{2}(,[A-Z]{2})*|BYMONTHDAY=-?[\d,-]+))*"
        r";UNTIL=(\d{8}|\d{8}T\d{6}Z)(;(INTERVAL=\d+|BYDAY=(-?\d)?[A-Z]{2}(,[A-Z]{2})*|BYMONTHDAY=-?[\d,-]+))*",
        rule,
    ), "31"
    assert (_form(start) == "date") == (re.search(r"UNTIL=\d{8}(;|$)", rule) is not None), "31"
    assert _form(start) != "utc", "3.3.10: what repeats goes by the wall of its site"
    dates = dates_of(event, calendar)
    assert dates[0] == start.value, "31: DTSTART is a date of its own rule"
    for one in event.left_out:
        assert (_form(one), one.params) == (_form(start), start.params), "32"
        assert one.value in dates, "32"


def dates_of(event: Component, calendar: Component) -> list[str]:
    """The dates of an event's rule, as DTSTART is written."""
    start = event["DTSTART"]
    if _form(start) == "date":
        first = datetime.strptime(start.value, "%Y%m%d")  # noqa: DTZ007 - a wall time
        return [f"{one:%Y%m%d}" for one in rrulestr(event["RRULE"].value, dtstart=first)]
    first = datetime.strptime(start.value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time
    # UNTIL is an instant and the dates are on the wall: what is later than it is told by the calendar's own zone.
    rule, until = re.sub(r";?UNTIL=[^;]+", "", event["RRULE"].value), re.search(r"UNTIL=([^;]+)", event["RRULE"].value)
    assert until
    last = datetime.strptime(until[1], "%Y%m%dT%H%M%S%z")
    found: list[str] = []
    for one in rrulestr(rule, dtstart=first):
        spelled = Property(start.params, f"{one:%Y%m%dT%H%M%S}")
        if one.replace(tzinfo=UTC) > last + 24 * _HOUR or instant(spelled, calendar) > last:
            return found
        found.append(spelled.value)
    raise AssertionError("31: it never ends")


def _identities(events: list[Component], calendar: Component) -> None:
    """Masters come first, overrides after their own, and no two are the same."""
    masters: dict[str, Component] = {}
    named: set[tuple[str, str]] = set()
    for event in events:
        uid = event["UID"].value
        if "RECURRENCE-ID" not in event:
            assert uid not in masters, "11"
            masters[uid] = event
            continue
        master, of = masters[uid], event["RECURRENCE-ID"]
        assert (of.params, _form(of)) == (master["DTSTART"].params, _form(master["DTSTART"])), "33"
        assert of.value in dates_of(master, calendar), "33: no orphans"
        assert of.value not in {one.value for one in master.left_out}, "33"
        assert (uid, of.value) not in named, "11"
        named.add((uid, of.value))
        for name in ("DTSTAMP", "SEQUENCE"):
            assert event[name].value == master[name].value, "16"
