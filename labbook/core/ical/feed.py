"""A whole calendar as a subscription gets it (RFC 5545 3.4, RFC 7986 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from importlib import metadata

from icalendar import Calendar
from icalendar.prop import vDuration

from .entry import Entry, Language, rendered
from .text import Text, address, on_one_line
from .zones import holds_since, vtimezone

RENDERER = 2
"""To be raised whenever the same entries would give other bytes than before; the golden files are named after it."""

_REFRESH = timedelta(hours=1)
_END = "END:VCALENDAR\r\n"


def calendar_bytes(
    name: str, entries: Iterable[Entry], *, zone: str, language: Language, color: str = "", url: str = ""
) -> bytes:
    """The calendar as UTF-8 without byte order mark, lines of at most 75 octets ended with CRLF.

    Equal values give equal bytes, whatever the order of `entries`. Of entries with one UID only the last revision is
    written, since clients lose events otherwise. `zone`, the owner's or the site's, is what a client may show times in;
    an entry keeps its own. With no entries the VTIMEZONE of `zone` is the component that RFC 5545 3.6 asks for.
    `language` is that of `name`, `color` a CSS3 name, `url` the page that shows the same.
    Raises LookupError for an unknown zone.
    """
    spare = zone if holds_since(zone) else "Etc/UTC"
    latest = {entry.uid: entry for entry in sorted(entries, key=_revision)}
    events = [rendered(entry) for entry in sorted(latest.values(), key=_place)]
    zones = sorted({event.tzid for event in events if event.tzid}) if events else [spare]
    head = _head(name, zone, language, color, url).removesuffix(_END)
    return "".join([head, *map(vtimezone, zones), *(event.text for event in events), _END]).encode()


def feed_etag(*parts: str | int) -> str:
    """A strong entity tag, without its quotes, for a feed that is determined by `parts` (RFC 9110 8.8.3).

    It changes with the renderer, the rules of the zones and icalendar too, since each of them may change the bytes.
    """
    return hashlib.sha256(json.dumps([*_makers(), *parts]).encode()).hexdigest()[:40]


@cache
def _makers() -> tuple[str | int, ...]:
    return (RENDERER, metadata.version("tzdata"), metadata.version("icalendar"))


def _revision(entry: Entry) -> tuple[object, ...]:
    return entry.sequence, entry.stamp, rendered(entry).text


def _place(entry: Entry) -> tuple[str, str]:
    return entry.start.isoformat(), entry.uid


def _head(name: str, zone: str, language: Language, color: str, url: str) -> str:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", f"-//LabBook//Bookings//{language.upper()}")
    calendar.add("CALSCALE", "GREGORIAN")
    # Without ORGANIZER, against RFC 5546 3.2.1: it would turn entries into meetings.
    calendar.add("METHOD", "PUBLISH")
    # Some readers show the backslash of an escaped character in a name, so it has none to escape.
    shown = Text(on_one_line(name, without=",;\\") or "LabBook")
    calendar.add("NAME", shown)
    calendar.add("X-WR-CALNAME", shown)
    calendar.add("X-WR-TIMEZONE", zone)
    calendar.add("REFRESH-INTERVAL", vDuration(_REFRESH, params={"VALUE": "DURATION"}))
    calendar.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    if color := on_one_line(color):
        calendar.add("COLOR", color)
    if url := address(url):
        calendar.add("URL", url)
    return str(calendar.to_ical(), "utf-8")
