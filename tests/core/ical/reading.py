"""A calendar read by the letter of RFC 5545, independently of any library."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from dateutil.rrule import rrulestr

from labbook.core.ical import Entry, Status, calendar_bytes


@dataclass
class Property:
    """One content line: `text` is the value unescaped, `value` as it stands."""

    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], self.value)


@dataclass
class Component:
    """BEGIN to END. No property of ours but EXDATE may appear twice in a component: reading one twice is an error."""

    name: str
    properties: dict[str, Property] = field(default_factory=dict)
    left_out: list[Property] = field(default_factory=list)  # EXDATE
    parts: list[Component] = field(default_factory=list)

    def __getitem__(self, name: str) -> Property:
        return self.properties[name]

    def __contains__(self, name: str) -> bool:
        return name in self.properties

    def of(self, name: str) -> list[Component]:
        return [part for part in self.parts if part.name == name]


def unfolded(body: bytes) -> list[str]:
    """The content lines of a body (RFC 5545 3.1); complains of whatever one of the nine parsers would trip over."""
    assert body.endswith(b"\r\n")
    physical = body.removesuffix(b"\r\n").split(b"\r\n")
    for line in physical:
        assert len(line) <= 75, line
        assert not re.search(rb"[\x00-\x1f\x7f]", line), line
        line.decode()  # no fold inside a character
    return body.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode().split("\r\n")


def read(body: bytes) -> Component:
    """The one VCALENDAR of a body. Raises AssertionError where the structure is not balanced."""
    outside = Component("")
    stack = [outside]
    for line in unfolded(body):
        match = re.fullmatch(r"([A-Z-]+)((?:;[A-Z]+=[^;:]+)*):(.*)", line)
        assert match, line
        name, params, value = match.groups()
        if name == "BEGIN":
            stack[-1].parts.append(Component(value))
            stack.append(stack[-1].parts[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            assert not stack[-1].parts, f"{name} comes after a component"
            assert name not in stack[-1], f"{name} twice"
            pairs = dict(param.split("=") for param in params.split(";")[1:])
            if name == "EXDATE":
                stack[-1].left_out.append(Property(pairs, value))
            else:
                stack[-1].properties[name] = Property(pairs, value)
    assert stack == [outside]
    [calendar] = outside.parts
    return calendar


def the_event(entry: Entry) -> Component:
    [event] = read(feed(entry)).of("VEVENT")
    return event


def feed(*entries: Entry) -> bytes:
    return calendar_bytes("Cambridge", entries, zone="America/New_York", language="en")


def entry(
    start: str = "2026-11-24T09:00-05:00",
    end: str = "2026-11-24T11:00-05:00",
    number: int = 1,
    summary: str = "Confocal",
) -> Entry:
    """A confirmed booking of the Cambridge site; vary the rest with dataclasses.replace."""
    return Entry(
        uid=f"5f3c0f6e-7c1b-4c3e-9d52-{number:012}",
        sequence=2,
        stamp=datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC),
        created=datetime(2026, 11, 19, tzinfo=UTC),
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        zone="America/New_York",
        status=Status.CONFIRMED,
        summary=summary,
    )


def instant(time: Property, calendar: Component) -> datetime:
    """The instant that a date-time property means, by nothing but the calendar's own VTIMEZONE (RFC 5545 3.3.5)."""
    if time.value.endswith("Z"):
        assert time.params == {}
        return datetime.strptime(time.value, "%Y%m%dT%H%M%S%z")
    [zone] = [zone for zone in calendar.of("VTIMEZONE") if zone["TZID"].value == time.params["TZID"]]
    return _offsets(repr(zone), zone).instant(_local(time.value))


_KNOWN: dict[str, Offsets] = {}


def _offsets(spelled: str, zone: Component) -> Offsets:
    if spelled not in _KNOWN:
        _KNOWN[spelled] = Offsets(zone, 2040)
    return _KNOWN[spelled]


class Offsets:
    """A VTIMEZONE spelled out (RFC 5545 3.6.5): all its changes through the year `last`."""

    def __init__(self, zone: Component, last: int) -> None:
        self.changes: list[
            tuple[datetime, datetime, timedelta]
        ] = []  # local time before the change, instant, offset from then on
        for half in zone.parts:
            before, after = (_offset(half[name].value) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
            start = _local(half["DTSTART"].value)
            onsets = [start]
            if "RRULE" in half:
                onsets = rrulestr(half["RRULE"].value, dtstart=start).between(start, start.replace(last), inc=True)
            self.changes += [(onset, (onset - before).replace(tzinfo=UTC), after) for onset in onsets]
        self.changes.sort(key=lambda change: change[1])
        self.offsets = {after for _, _, after in self.changes}

    def at(self, instant: datetime) -> timedelta:
        """The UTC offset in force at an instant."""
        before = bisect_right(self.changes, instant, key=lambda change: change[1])
        assert before, f"{instant} is before all that the VTIMEZONE says"
        return self.changes[before - 1][2]

    def instant(self, local: datetime) -> datetime:
        """The instant of a local time; of the two in a repeated hour the first."""
        found = [
            at
            for at in {local.replace(tzinfo=timezone(after)).astimezone(UTC) for after in self.offsets}
            if local.replace(tzinfo=timezone(self.at(at))) == at
        ]
        return min(found)


def _local(text: str) -> datetime:
    return datetime.strptime(text + "Z", "%Y%m%dT%H%M%S%z").replace(tzinfo=None)


def _offset(text: str) -> timedelta:
    assert re.fullmatch(r"[+-]\d{4}", text), "no seconds in an offset"
    length = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return -length if text[0] == "-" else length
