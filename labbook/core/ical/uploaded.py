"""Opens a calendar file that somebody else wrote: bytes become components, or a sentence says why they do not.

The zones that a file describes are kept from icalendar, which would take them on for everything else that it reads,
and follow whatever rule they name for as long as it goes; `described` reads them instead.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

from icalendar import Calendar

from ..language import N_
from ..terms import Sentence

MOST_BYTES = 200 * 1024
MOST_EVENTS = 500
ZONE = "X-VTIMEZONE"  # what VTIMEZONE is called once the file is open

_OF_EVENTS = ("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE")
_OF_ZONES = ("TZID", "TZOFFSETFROM", "TZOFFSETTO")
_WANTED = frozenset({*_OF_EVENTS, "STATUS", "TRANSP", *_OF_ZONES})
_DEEPEST = 8  # components within each other; an alarm of an event is the third
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"\r?\n")
_NAME = re.compile(r"[A-Za-z-]+")
_EDGE = re.compile(r"(BEGIN|END)(?:;[^:]*)?:\s*(\S*)", re.IGNORECASE)


class UnreadableError(ValueError):
    """The file as a whole cannot be read; carries a sentence."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


def opened(data: bytes) -> list[Any]:
    """What the file's calendars hold, in its order. Raises UnreadableError."""
    if len(data) > MOST_BYTES:
        raise UnreadableError(Sentence(N_("The file is larger than %(size)s KB."), {"size": MOST_BYTES // 1024}))
    text = "\r\n".join(_lines(_decoded(data)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses at zones, which are looked up anew by who reads the times
            calendars = Calendar.from_ical(text, multiple=True)
    except Exception as error:  # whatever a broken file makes of its reader
        raise UnreadableError(_NO_CALENDAR) from error
    if not calendars or not all(isinstance(one, Calendar) for one in calendars):
        raise UnreadableError(_NO_CALENDAR)
    return [one for calendar in calendars for one in calendar.subcomponents]


def events_in(components: list[Any]) -> list[Any]:
    """Its events. Raises UnreadableError where there is none, or too many."""
    events = [one for one in components if one.name == "VEVENT"]
    if not events:
        raise UnreadableError(Sentence(N_("There is no event in this file.")))
    if len(events) > MOST_EVENTS:
        raise UnreadableError(
            Sentence(N_("It has more than %(most)s events. Export a shorter time."), {"most": MOST_EVENTS})
        )
    return events


_NO_CALENDAR = Sentence(N_("This is no calendar file that can be read (.ics)."))
_IS_PACKED = Sentence(N_("This file is packed. Unpack it, then choose the calendar file (.ics) in it."))
_NOT_UTF8 = Sentence(N_("This file is not in UTF-8. Export it as UTF-8 and choose it again."))


def _decoded(data: bytes) -> str:
    if data.startswith(_PACKED):
        raise UnreadableError(_IS_PACKED)
    if b"\0" in data[:4]:  # UTF-16 and UTF-32
        raise UnreadableError(_NOT_UTF8)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(_NOT_UTF8 if b"BEGIN:VCALENDAR" in data else _NO_CALENDAR) from None


def _lines(text: str) -> Iterator[str]:
    """The unfolded lines that matter. Raises UnreadableError when components lie too deep within each other."""
    depth = 0
    for line in _LINE.split(_FOLD.sub("", text)):
        edge = _EDGE.fullmatch(line.rstrip())
        if edge is None:
            named = _NAME.match(line)
            if named is not None and named[0].upper() in _WANTED:
                yield line
            continue
        begins = edge[1].upper() == "BEGIN"
        depth += 1 if begins else -1
        if depth > _DEEPEST:
            raise UnreadableError(_NO_CALENDAR)
        name = edge[2].upper()
        yield f"{'BEGIN' if begins else 'END'}:{ZONE if name == 'VTIMEZONE' else name}"
