"""When something is taken, as VFREEBUSY (RFC 5545 3.6.4): for programs that look for a free time, not for calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, FreeBusy, Parameters
from icalendar.prop import vPeriod

from ..interval import Interval, merged
from .entry import Language
from .text import address


def free_busy_bytes(
    blocks: Iterable[Interval], window: Interval, *, uid: str, stamp: datetime, language: Language, url: str = ""
) -> bytes:
    """The times within `window` for which `blocks` keep it, as UTF-8 with lines of at most 75 octets ended with CRLF.

    Whatever touches is one period; all are in UTC and in order, one to a line. Everything else is free. `uid` names
    what is taken, and `stamp` (DTSTAMP) must tell no more than the periods do: the window's start, say. `url` is the
    page that shows the same. There is no METHOD, which would ask for an ORGANIZER (RFC 5546 3.3.1).
    """
    part = FreeBusy()
    part.add("UID", uid)
    part.add("DTSTAMP", stamp)
    part.add("DTSTART", window.start)
    part.add("DTEND", window.end)
    if page := address(url):
        part.add("URL", page)
    for one in merged(time for block in blocks if (time := block.clipped(window))):
        period = vPeriod((one.start, one.end))
        period.params = Parameters({"FBTYPE": "BUSY"})  # in place of VALUE, which says what the standard says already
        part.add("FREEBUSY", period)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", f"-//LabBook//Bookings//{language.upper()}")
    calendar.add_component(part)
    return bytes(calendar.to_ical(sorted=False))
