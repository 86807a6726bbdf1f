"""A whole calendar as a subscription gets it (RFC 5545 3.4, RFC 7986 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache, lru_cache
from importlib import metadata

from icalendar import Calendar
from icalendar.prop import vDuration

from .entry import Entry, Language, rendered
from .text import Text, address, on_one_line
from .zones import holds_since, vtimezone

RENDERER = 3
"""To be raised whenever the same entries would give other bytes than before: the golden files tell when that is."""

_REFRESH = timedelta(hours=1)
_END = "END:VCALENDAR\r\n"


Component = tuple[str | bytes | memoryview, str | None]
"""What stands in a calendar, as text or in UTF-8 already, and the TZID that it names, if any."""


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
    latest = {entry.uid: entry for entry in sorted(entries, key=_revision)}
    texts = [rendered(entry) for entry in sorted(latest.values(), key=_place)]
    return put_together(name, texts, zone=zone, language=language, color=color, url=url)


def put_together(
    name: str, texts: Iterable[Component], *, zone: str, language: Language, color: str = "", url: str = ""
) -> bytes:
    """The same from components that are written already, in this order."""
    several = list(texts)
    zones = sorted({tzid for _, tzid in several if tzid}) if several else [zone if holds_since(zone) else "Etc/UTC"]
    head = _head(name, zone, language, color, url)
    parts = [head, *map(vtimezone, zones), *(text for text, _ in several), _END]
    return b"".join([part.encode() if isinstance(part, str) else part for part in parts])


@cache
def makers() -> str:
    """What bytes depend on besides the entries: the renderer, the rules of the zones, icalendar; eight hex digits."""
    versions = (RENDERER, metadata.version("tzdata"), metadata.version("icalendar"))
    return hashlib.sha256(json.dumps(versions).encode()).hexdigest()[:8]


def _revision(entry: Entry) -> tuple[object, ...]:
    return entry.sequence, entry.stamp, rendered(entry).text


def _place(entry: Entry) -> tuple[str, str]:
    return entry.start.isoformat(), entry.uid


@lru_cache(maxsize=1024)
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
    return str(calendar.to_ical(), "utf-8").removesuffix(_END)
