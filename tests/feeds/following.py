"""A subscriber who reads calendars by the letter (calendars.md, criteria 11 to 22 and 31 to 35)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.browsing import Visitor
from tests.core.ical.parsers import Seen, seen
from tests.core.ical.reading import unfolded
from tests.feeds.reading import fetched

_STAMPS = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
_COUNTED = {"DTSTART", "DTEND", "RRULE", "EXDATE", "STATUS"}  # what SEQUENCE must rise with (RFC 5545 3.8.7.4)
_SIGNS = {
    "TENTATIVE": ("OPAQUE", "TENTATIVE", ("[PENDING] ", "【承認待ち】")),
    "CONFIRMED": ("OPAQUE", "BUSY", ("",)),
    "CANCELLED": ("TRANSPARENT", "FREE", ("[CANCELLED] ", "【取消】")),
}
_END = "END:VCALENDAR\r\n"
_NEVER = {"ORGANIZER", "ATTENDEE", "RDATE", "EXRULE", "DURATION"}


class Key(NamedTuple):
    """What an event is known by."""

    uid: str
    recurrence: str


@dataclass(frozen=True)
class Event:
    """One VEVENT: its lines by property, in the order in which they stand."""

    lines: tuple[tuple[str, str, str], ...]  # name, parameters, value

    def all(self, name: str) -> list[str]:
        return [value for one, _, value in self.lines if one == name]

    def __getitem__(self, name: str) -> str:
        [value] = self.all(name)
        return value

    @property
    def key(self) -> Key:
        return Key(self["UID"], "".join(self.all("RECURRENCE-ID")))

    @property
    def stamp(self) -> datetime:
        return datetime.strptime(self["LAST-MODIFIED"], "%Y%m%dT%H%M%S%z")

    @property
    def is_booking(self) -> bool:
        """Under the UID that it was given by chance; blocks, buffers, closures and offers have UIDs that follow."""
        return UUID(self["UID"]).version == 4

    def times(self, name: str) -> list[datetime | date]:
        return [_time(params, value) for one, params, value in self.lines if one == name]

    def without(self, names: set[str]) -> list[tuple[str, str, str]]:
        return [line for line in self.lines if line[0] not in names]

    def only(self, names: set[str]) -> list[tuple[str, str, str]]:
        return [line for line in self.lines if line[0] in names]


@dataclass
class Subscriber:
    """A client that remembers what it was told, and asks for what is new."""

    name: str
    path: str
    etag: str = ""
    body: bytes = b""
    events: dict[Key, Event] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)  # by entity tag

    def poll(self, calendar: Visitor, now: datetime, series: Set[str] = frozenset()) -> bool:
        """Ask for what is new; whether there is anything. `series` are the UIDs of series, as LabBook knows them."""
        answer = fetched(calendar, self.path, self.etag)
        tag = answer.headers["ETag"]
        assert answer.status_code in (200, 304), (self.name, answer.status_code)
        if answer.status_code == 304:
            assert (tag, answer.data) == (self.etag, b"")
            return False
        assert tag != self.etag
        assert answer.data not in self.bodies.values() or self.bodies.get(tag) == answer.data
        assert self.bodies.setdefault(tag, answer.data) == answer.data
        events = events_of(answer.data)
        is_anew = bool(self.etag)
        before, self.events = self.events, events
        self.etag, self.body = tag, answer.data
        for event in events.values():
            _holds_for(event, now)
        _holds_for_series(events)
        if is_anew:
            _holds_for_changes(before, events, now, series)
        return True

    def series(self, series: Set[str]) -> list[str]:
        """The calendar with each of its series alone, as texts."""
        head, *parts = self.body.decode().split("BEGIN:VEVENT\r\n")
        parts = [part.removesuffix(_END) for part in parts]
        found: dict[str, list[str]] = {}
        for part, event in zip(parts, self.events.values(), strict=True):
            found.setdefault(event["UID"], []).append(f"BEGIN:VEVENT\r\n{part}")
        return ["".join([head, *found[uid], _END]) for uid in sorted(series & set(found))]


def events_of(body: bytes) -> dict[Key, Event]:
    """The events of a calendar by what they are known by, which no two have in common."""
    found: dict[Key, Event] = {}
    lines: list[tuple[str, str, str]] | None = None
    inner = 0
    for line in unfolded(body):
        if line == "BEGIN:VEVENT":
            lines = []
        elif line == "END:VEVENT":
            event = Event(tuple(lines or ()))
            assert event.key not in found, f"{event.key} twice"
            found[event.key] = event
            lines = None
        elif lines is not None:
            inner += line.startswith("BEGIN:") - line.startswith("END:")
            head, _, value = line.partition(":")
            name, _, params = head.partition(";")
            if not inner:
                lines.append((name, params, value))
    return found


def _holds_for(event: Event, now: datetime) -> None:
    """What is true of each event by itself."""
    assert event["DTSTAMP"] == event["LAST-MODIFIED"]
    assert not {name for name, *_ in event.lines} & _NEVER
    if event.is_booking:
        assert event.stamp <= now.astimezone(UTC), "a stamp in the future"
        transp, busy, words = _SIGNS[event["STATUS"]]
        assert (event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) == (transp, busy)
        assert event["SUMMARY"].startswith(words), event["SUMMARY"]
    start, end = ((p, v) for n, p, v in event.lines if n in ("DTSTART", "DTEND"))
    assert start[0] == end[0] or "Z" in start[1] + end[1], "a time and a date, or two zones"
    assert start[1] < end[1] or start[0] != end[0]


def _holds_for_series(events: dict[Key, Event]) -> None:
    """A master comes before its overrides, none is without, and all have one SEQUENCE and one stamp."""
    masters: dict[str, Event] = {}
    for key, event in events.items():
        if not key.recurrence:
            masters[key.uid] = event
            for rule in event.all("RRULE"):
                assert "COUNT" not in rule
                assert "UNTIL" in rule
            continue
        master = masters[key.uid]
        assert master.all("RRULE"), "an override of what does not repeat"
        assert master.only(_STAMPS) == event.only(_STAMPS)


def _holds_for_changes(before: dict[Key, Event], after: dict[Key, Event], now: datetime, series: Set[str]) -> None:
    """What a client relies on to see that something has changed, and that it is what it was."""
    for key, event in after.items():
        was = before.get(key)
        if was is None or not event.is_booking:
            continue
        rises = int(event["SEQUENCE"]) - int(was["SEQUENCE"])
        assert rises >= 0, (was.lines, event.lines)
        assert event.stamp >= was.stamp
        if event.without(_STAMPS) != was.without(_STAMPS):
            assert event.stamp > was.stamp, f"changed without a word: {was.lines} {event.lines}"
        elif key.uid not in series:  # whose other dates may be on another calendar
            assert event.lines == was.lines, f"nothing has changed but its stamps: {was.lines} {event.lines}"
        if event.only(_COUNTED) != was.only(_COUNTED):
            assert rises, (was.lines, event.lines)
    for key in before.keys() - after.keys():
        if key.uid not in series:  # whose dates may have gone on in another one
            _may_vanish(before[key], now)


def _may_vanish(was: Event, now: datetime) -> None:
    """A tombstone goes when it is old enough, and not before."""
    if was.is_booking and was["STATUS"] == "CANCELLED":
        assert now - was.stamp > timedelta(days=29), was.lines


# --- what its calendar shows ------------------------------------------------------------------------------------------


def occurrences(events: Iterable[Event]) -> list[Seen]:
    """When what takes place, by the rules, the dates left out and those that stand otherwise (RFC 5545 3.8.5)."""
    several = list(events)
    others = {(one["UID"], str(one.times("RECURRENCE-ID")[0])) for one in several if one.key.recurrence}
    found = [_shown(one, one.times("DTSTART")[0]) for one in several if one.key.recurrence]
    for one in several:
        if not one.key.recurrence:
            found += [_shown(one, start) for start in _starts(one) if (one["UID"], str(start)) not in others]
    return sorted(found)


def _starts(event: Event) -> list[datetime | date]:
    [first] = event.times("DTSTART")
    if not event.all("RRULE"):
        return [first]
    begin = first if isinstance(first, datetime) else datetime(first.year, first.month, first.day)  # noqa: DTZ001
    found = [one if isinstance(first, datetime) else one.date() for one in rrulestr(event["RRULE"], dtstart=begin)]
    left_out = event.times("EXDATE")
    assert found[0] == first, "DTSTART is a date of its own rule"
    assert set(left_out) <= set(found), "each EXDATE hits a date"
    return [one for one in found if one not in left_out]


def _shown(event: Event, start: datetime | date) -> Seen:
    [first], [last] = event.times("DTSTART"), event.times("DTEND")
    end: datetime | date
    if isinstance(start, datetime) and isinstance(first, datetime) and isinstance(last, datetime):
        end = start.astimezone(UTC) + (last.astimezone(UTC) - first.astimezone(UTC))
    else:
        end = start + timedelta(days=last.toordinal() - first.toordinal())
    return seen(start, end, _text(event["SUMMARY"]), _text("".join(event.all("LOCATION"))))


def _time(params: str, value: str) -> datetime | date:
    if params == "VALUE=DATE":
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%S%z")
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(params.removeprefix("TZID=")))


def _text(value: str) -> str:
    return value.replace("\\,", ",").replace("\\;", ";").replace("\\n", "\n").replace("\\\\", "\\")
