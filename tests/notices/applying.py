"""A small calendar that applies what comes by mail, as RFC 5546 2.1.5 and 3.2 say; it knows nothing of LabBook."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from icalendar import Calendar

from tests.core.ical.parsers import Seen, seen, starts

Moment = datetime | date


class Revision(NamedTuple):
    """Of two that speak of the same, the later one holds: by SEQUENCE, and where that is equal by DTSTAMP."""

    sequence: int
    stamp: datetime


@dataclass
class Heard:
    """The last that was heard of a UID, or of one of its dates: whether it stands, and the events that say so."""

    revision: Revision
    stands: bool
    events: list[Any]


@dataclass
class Applying:
    """Somebody's calendar. A message about a UID speaks for all of its dates; one about a date for that alone."""

    whole: dict[str, Heard] = field(default_factory=dict)
    dates: dict[tuple[str, str], Heard] = field(default_factory=dict)

    def receive(self, text: str) -> None:
        """Apply a message, whenever it comes: whatever is older than what is known is ignored."""
        calendar = Calendar.from_ical(text)
        events: list[Any] = list(calendar.events)
        method = str(calendar["METHOD"])
        assert method in ("REQUEST", "CANCEL")
        [uid] = {str(one["UID"]) for one in events}
        for one in events:
            _require_well_formed(one, method)
        if any("RECURRENCE-ID" not in one for one in events):
            self._keep(self.whole, uid, Heard(_revision(events[0]), method == "REQUEST", events))
            return
        for one in events:
            named = (uid, _written(one["RECURRENCE-ID"].dt))
            self._keep(self.dates, named, Heard(_revision(one), method == "REQUEST", [one]))

    def _keep(self, known: dict[Any, Heard], about: Any, heard: Heard) -> None:
        if about not in known or heard.revision > known[about].revision:
            known[about] = heard

    def shown(self) -> list[Seen]:
        """What stands in it."""
        return sorted(one for uid, heard in self.whole.items() if heard.stands for one in self._of(uid, heard))

    def _of(self, uid: str, heard: Heard) -> list[Seen]:
        [master] = [one for one in heard.events if "RECURRENCE-ID" not in one]
        length = _length(master)
        found = {_written(start): seen(start, _later(start, length), *_words(master)) for start in starts(master)}
        for one in heard.events[1:]:
            name = _written(one["RECURRENCE-ID"].dt)
            assert name in found, "an exception to nothing"
            found[name] = _shown(one)
        for (of, name), single in self.dates.items():
            if of == uid and single.revision > heard.revision:
                found.pop(name, None)
                if single.stands:
                    found[name] = _shown(single.events[0])
        return list(found.values())


def _require_well_formed(event: Any, method: str) -> None:
    """What RFC 5546 3.2.2 and 3.2.5 demand, and criteria 52 to 54 of the calendar study."""
    organizer, attendee = event["ORGANIZER"], event["ATTENDEE"]
    assert not isinstance(attendee, list)
    assert str(organizer).startswith("mailto:")
    assert str(organizer) != str(attendee)
    assert attendee.params["RSVP"] == "FALSE"
    assert event["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"
    assert event["DTSTAMP"].dt.tzinfo is not None
    assert event["STATUS"] == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")


def _revision(event: Any) -> Revision:
    return Revision(int(event["SEQUENCE"]), event["DTSTAMP"].dt)


def _length(event: Any) -> Any:
    first, last = event["DTSTART"].dt, event["DTEND"].dt
    return last.astimezone(UTC) - first.astimezone(UTC) if isinstance(first, datetime) else last - first


def _later(start: Any, length: Any) -> Moment:
    later: Moment = (start.astimezone(UTC) if isinstance(start, datetime) else start) + length
    return later


def _shown(event: Any) -> Seen:
    return seen(event["DTSTART"].dt, event["DTEND"].dt, *_words(event))


def _words(event: Any) -> tuple[str, str]:
    return str(event["SUMMARY"]), str(event.get("LOCATION", ""))


def _written(at: Moment) -> str:
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else at.isoformat()
