"""What the page about a calendar file shows: its dates beside what is closed already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ..core.ical.events import LONGEST_NAME, SOURCE_LENGTH, Found
from ..core.interval import Interval
from ..core.language import has_control_characters, joined
from ..web.fields import EARLIEST, LATEST
from . import closing_pages as pages
from .imported import Compared
from .service.taking_over import Taken, Wanted

_SHORT = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class EventLine:
    """A date of the file or a closure; `value` is how a form names it, empty where there is nothing to choose."""

    value: str
    when: str
    name: str
    note: str = ""
    is_ticked: bool = True


@dataclass(frozen=True, slots=True)
class EventLines:
    """All of them: what is new, what has changed, what is closed already, and what the file has no more."""

    new: list[EventLine]
    changed: list[EventLine]
    same: list[EventLine]
    gone: list[EventLine]

    @property
    def is_empty(self) -> bool:
        """Nothing can be chosen."""
        return not (self.new or self.changed or self.gone)


def event_lines(beside: Compared, zone: ZoneInfo, words: str, *, is_whole: bool) -> EventLines:
    """A file beside what is closed; where not all of it was read, nobody knows what it has no more."""

    def line(found: Found, version: int | None, note: str = "") -> EventLine:
        value = "" if version is None else spelled(Wanted(found, version))
        when = pages.closed_when(found.time, zone, words)
        return EventLine(value, when, found.name, note, is_ticked=not found.is_free or bool(version))

    free = gettext("It says that it keeps nobody busy.")
    return EventLines(
        [line(one, 0, free if one.is_free else "") for one in beside.new],
        [line(one, row.version, _was(row, zone, words)) for row, one in beside.changed],
        [line(one, None) for one in beside.same],
        [_gone(one, zone, words) for one in beside.gone if is_whole],
    )


def _was(row: Any, zone: ZoneInfo, words: str) -> str:
    when = pages.closed_when(row.time, zone, words)
    return gettext("So far: %(when)s, %(title)s", when=when, title=row.reason.text(words))


def _gone(row: Any, zone: ZoneInfo, words: str) -> EventLine:
    when = pages.closed_when(row.time, zone, words)
    return EventLine(f"{row.key}|{row.version}", when, row.reason.text(words), is_ticked=False)


def report(taken: Taken, words: str) -> str:
    """What was taken over, in a sentence."""
    parts = [
        (taken.new, ngettext("%(num)s new date", "%(num)s new dates", taken.new)),
        (taken.changed, ngettext("%(num)s changed", "%(num)s changed", taken.changed)),
        (taken.opened, ngettext("%(num)s opened again", "%(num)s opened again", taken.opened)),
    ]
    said = [text for count, text in parts if count]
    if not said:
        return gettext("All of it was taken over already.")
    return gettext("Taken over: %(what)s.", what=joined(said, words))


# --- as forms name it -------------------------------------------------------------------------------------------------


def spelled(one: Wanted) -> str:
    """A date as the page sends it back; short, for there may be many."""
    start, end = (at.astimezone(UTC).strftime(_SHORT) for at in (one.found.time.start, one.found.time.end))
    return f"{start}|{end}|{one.found.source}|{one.version}|{one.found.name}"


def read(values: Iterable[str]) -> list[Wanted]:
    """The same read again, each source once; anything else is left out."""
    found = [one for one in map(_read, values) if one is not None]
    return list({one.found.source: one for one in found}.values())


def _read(value: str) -> Wanted | None:
    try:
        start, end, source, version, name = value.split("|", 4)
        time = Interval(*(datetime.strptime(at, _SHORT).replace(tzinfo=UTC) for at in (start, end)))
        number = int(version)
    except ValueError:
        return None
    is_in_our_time = EARLIEST.year <= time.start.year and time.end.year <= LATEST.year
    is_fit = len(name) <= LONGEST_NAME and not has_control_characters(name) and bool(name.strip())
    is_known = len(source) == SOURCE_LENGTH and source.isalnum() and source.isascii() and 0 <= number < 2**31
    return Wanted(Found(time, name, source), number) if is_in_our_time and is_fit and is_known else None


def read_gone(values: Sequence[str]) -> dict[str, int]:
    """Closures by their keys, with the versions that were shown; anything else is left out."""
    found = {}
    for value in values:
        key, _, version = value.partition("|")
        if version.isascii() and version.isdecimal() and len(version) < 10:
            found[key] = int(version)
    return found
