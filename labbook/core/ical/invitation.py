"""Invitations (RFC 5546): that a booking stands in somebody's own calendar, has changed there, or is to vanish.

LabBook reads no mail: nothing may be answered or countered, and what one would answer is done on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress

from .entry import Language
from .text import on_one_line
from .zones import vtimezone

_NOT_IN_NAMES = '"\\^'  # what no parameter may hold (RFC 5545 3.1), escapes what follows, or does since RFC 6868


class Method(StrEnum):
    """METHOD (RFC 5546 1.4): what the receiver's calendar is to do. Stored with letters; never rename."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody by name and mail address."""

    name: str
    address: str


def invitation(
    method: Method, events: Sequence[Event], *, organizer: Party, attendee: Party, language: Language
) -> str:
    """The calendar for one mail, lines folded and ended with CRLF.

    `events` are all of one UID; of a series the one with the rule comes first. They are added to, so make them anew for
    each calendar. The `organizer` is LabBook, the `attendee` whoever gets the mail: they have agreed already.
    """
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", f"-//LabBook//Bookings//{language.upper()}")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method.value)
    for event in events:
        event.add("ORGANIZER", _party(organizer))
        event.add("ATTENDEE", _party(attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE"))
        event.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")
    head, end, _ = str(calendar.to_ical(), "utf-8").partition("END:VCALENDAR")
    shown = [str(event.to_ical(), "utf-8") for event in events]
    return "".join([head, *map(vtimezone, sorted(_zones(events))), *shown, end, "\r\n"])


def _party(party: Party, **params: str) -> vCalAddress:
    value = vCalAddress("mailto:" + quote(party.address, safe="@!$&'*+-/=?^_`{|}~."))
    if name := on_one_line(party.name, without=_NOT_IN_NAMES):
        value.params["CN"] = name
    value.params.update(params)
    return value


def _zones(events: Iterable[Event]) -> set[str]:
    """The zones that times are written in; UTC is none."""
    values = [value for event in events for _, value in event.property_items(recursive=False)]
    return {zone for value in values if (zone := getattr(value, "params", {}).get("TZID"))}
