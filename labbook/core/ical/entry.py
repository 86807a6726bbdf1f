"""One entry of a feed, and the VEVENT that it becomes (RFC 5545 3.6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Alarm, Event
from icalendar.prop import vCategory

from ..hours import WallTime, wall_time
from .text import Text, address, on_one_line, plain
from .zones import holds_since, wall_clock

Language = Literal["en", "ja"]


class Status(StrEnum):
    """STATUS of an event (RFC 5545 3.8.1.11): waiting for approval, approved, or the tombstone of what is no more."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


# Clients heed different ones of these, so an entry says its status in all of them: TRANSP (RFC 5545 3.8.2.7),
# Microsoft's busy status, and a word in the title.
_TRANSP = {Status.TENTATIVE: "OPAQUE", Status.CONFIRMED: "OPAQUE", Status.CANCELLED: "TRANSPARENT"}
_BUSY = {Status.TENTATIVE: "TENTATIVE", Status.CONFIRMED: "BUSY", Status.CANCELLED: "FREE"}
_WORDS = {
    ("en", Status.TENTATIVE): "[PENDING] ",
    ("ja", Status.TENTATIVE): "【承認待ち】",
    ("en", Status.CANCELLED): "[CANCELLED] ",
    ("ja", Status.CANCELLED): "【取消】",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a calendar shows of one booking. Equal entries give equal bytes.

    `start` and `end` are both aware instants, or both dates (a by-day booking; `end` is the first day after it).
    `stamp` is the last visible change (DTSTAMP and LAST-MODIFIED), `sequence` the count of changes of time, rule, unit
    or status (SEQUENCE, RFC 5545 3.8.7.4). `zone` is the IANA name of the site's zone, `summary` the title without the
    word for its status, `color` a CSS3 name (RFC 7986 5.9), `geo` degrees of latitude and longitude. What `is_private`
    says so (CLASS, RFC 5545 3.8.1.3); `alarm` is how long before its start a calendar rings (VALARM, 3.6.6).

    Instants are kept in UTC and whole seconds. Raises ValueError for a `uid` that is no UUID, naive instants, a mixture
    of dates and instants, an end that is not after the start, and a negative sequence; LookupError for an unknown zone.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime | date
    end: datetime | date
    zone: str
    status: Status
    summary: str
    language: Language = "en"
    created: datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    geo: tuple[float, float] | None = None
    color: str = ""
    is_private: bool = False
    alarm: timedelta | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "uid", str(UUID(self.uid)))
        for name in ("stamp", "created", "start", "end"):
            # Local times that differ only in `fold` would count as equal and share a text: hence UTC.
            object.__setattr__(self, name, _in_utc(getattr(self, name)))
        if isinstance(self.start, datetime) != isinstance(self.end, datetime):
            raise ValueError("an entry is by day or by time, not both")
        if self.end <= self.start:
            raise ValueError("an entry ends after it starts")
        if self.sequence < 0:
            raise ValueError("a sequence counts from 0")
        wall_clock(self.zone)


class Rendered(NamedTuple):
    """The VEVENT of an entry, lines folded and ended with CRLF, and the TZID that it refers to, if any."""

    text: str
    tzid: str | None


@lru_cache(maxsize=4096)
def rendered(entry: Entry) -> Rendered:
    """The VEVENT of an entry; the last few thousand are kept, since icalendar takes a quarter of a millisecond each."""
    event = event_of(entry, written_in(entry))
    # icalendar has the last word on TZID: it writes the zone called UTC without one.
    return Rendered(str(event.to_ical(), "utf-8"), event["DTSTART"].params.get("TZID"))


def event_of(entry: Entry, tzid: str | None) -> Event:
    """The VEVENT of an entry, to which more may be added. Its times are written in the zone `tzid`, or in UTC."""
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.stamp)
    event.add("LAST-MODIFIED", entry.stamp)
    event.add("DTSTART", _written(entry.start, tzid))
    event.add("DTEND", _written(entry.end, tzid))
    event.add("STATUS", entry.status.value)
    event.add("TRANSP", _TRANSP[entry.status])
    if entry.is_private:
        event.add("CLASS", "PRIVATE")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", _BUSY[entry.status])
    event.add("SUMMARY", Text(_WORDS.get((entry.language, entry.status), "") + plain(entry.summary)))
    if entry.created:
        event.add("CREATED", entry.created)
    for name in ("description", "location"):
        if text := plain(getattr(entry, name)):
            event.add(name.upper(), Text(text))
    _add_links(event, entry)
    if entry.alarm is not None and entry.status is not Status.CANCELLED:
        event.add_component(_alarm(entry, entry.alarm))
    return event


def _alarm(entry: Entry, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", -before)
    alarm.add("DESCRIPTION", Text(on_one_line(entry.summary)))
    return alarm


def _add_links(event: Event, entry: Entry) -> None:
    if url := address(entry.url):
        event.add("URL", url)
    if color := on_one_line(entry.color):
        event.add("COLOR", color)
    if entry.geo:
        event.add("GEO", entry.geo)
    if categories := [text for text in map(on_one_line, entry.categories) if text]:
        value = vCategory(categories)
        value.cats = [Text(text) for text in categories]
        event.add("CATEGORIES", value)


def written_in(entry: Entry) -> str | None:
    """The zone that the entry's times are written in; None for dates and for UTC."""
    if not (isinstance(entry.start, datetime) and isinstance(entry.end, datetime)):
        return None
    return zone_of(entry.start, entry.end, entry.zone)


def zone_of(start: datetime, end: datetime, zone: str) -> str | None:
    """The zone that two instants at a site in `zone` are written in; None for UTC.

    UTC is for instants in an hour that comes twice, where local time means the first pass (RFC 5545 3.3.5) but ical.js
    takes it for the second; for what lasts over a change of clocks, which Evolution ends an hour wrong; and for
    instants that the VTIMEZONE would get wrong. Start and end go together: RFC 5545 3.8.2.2 only asks that neither be
    floating, but a pair of one form is what clients expect.
    """
    clock, since = wall_clock(zone), holds_since(zone)
    if since is None or start < since or _ahead(start, clock) != _ahead(end, clock):
        return None
    return None if comes_twice(start, clock) or comes_twice(end, clock) else zone


def _ahead(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def comes_twice(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock on the wall shows the same at another instant, when it goes back."""
    return wall_time(at.astimezone(zone).replace(tzinfo=None), zone) is WallTime.REPEATED


def _written(at: datetime | date, tzid: str | None) -> datetime | date:
    return at.astimezone(wall_clock(tzid)) if tzid and isinstance(at, datetime) else at


def _in_utc(at: datetime | date | None) -> datetime | date | None:
    if not isinstance(at, datetime):
        return at
    if at.tzinfo is None:
        raise ValueError("an entry needs aware instants")
    return at.astimezone(UTC).replace(microsecond=0)
