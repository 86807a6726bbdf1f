"""Reads the times of a calendar file that somebody else wrote (RFC 5545): single ones and those that repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from hashlib import sha256
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from ..interval import Interval, local_day
from ..language import N_, on_one_line
from ..terms import Sentence
from .described import zone_named
from .repeats import Rule, UnknownRuleError
from .uploaded import ZONE, events_in, opened

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # of an event that repeats: its dates are counted from there
LONGEST_NAME = 120
LONGEST = timedelta(days=3 * 366)
MOST_LOOKED_AT = 80_000  # days on which events that repeat might lie, in all
SOURCE_LENGTH = 32
_CLOCK = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One time of an event, with its title.

    `source` says which event it is, and which date of it: the same in a newer file of that calendar, whatever has
    become of its time and title. No two in one file have the same. `is_free`: it says that it keeps nobody busy.
    """

    time: Interval
    name: str
    source: str = ""
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a file, in order of time, and sentences about what could not be.

    `is_whole` unless there were too many dates to read them all.
    """

    found: tuple[Found, ...] = ()
    unread: tuple[Sentence, ...] = ()
    is_whole: bool = True


def read_events(data: bytes, zone: ZoneInfo, window: Interval, *, most: int) -> Read:
    """The times in a calendar file that lie within the window, at most `most`; no more of it is looked at.

    Whole days, and times without a zone, are meant in `zone`. Of an event that is wrong somewhere, nothing is taken.
    Raises UnreadableError.
    """
    components = opened(data)
    events = events_in(components)
    reading = _Reading(zone, window, _zones_in(components), _masters(events), _many(events))
    reading.override(events)
    found: dict[str, Found] = {}
    unread: list[Sentence] = []
    for event in events:
        try:
            several = list(islice(reading.times(event), most + 1))
            found.update((one.source, one) for one in several)
        except _UnreadError as error:
            unread.append(Sentence(error.text, {"name": _name(event), **error.values}))
        except _WRONG:
            unread.append(Sentence(N_("“%(name)s”: it could not be understood."), {"name": _name(event)}))
        if len(found) > most:
            unread.append(Sentence(N_("Only the first %(most)s dates were read."), {"most": most}))
            break
    once = {(one.time, one.name): one for one in islice(found.values(), most)}
    return Read(tuple(sorted(once.values())), tuple(unread), len(found) <= most)


_WRONG = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)  # what a broken event makes of reading


class _UnreadError(Exception):
    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def _zones_in(components: Iterable[Any]) -> dict[str, Any]:
    """The zones that the file describes itself, by their names; each is worked out only when it is needed."""
    return {str(one["TZID"]): one for one in components if one.name == ZONE and "TZID" in one}


def _masters(events: Iterable[Any]) -> dict[str, Any]:
    """The events that repeat, by UID."""
    return {_uid(one): one for one in events if "RRULE" in one and not _stands_in(one)}


def _many(events: Iterable[Any]) -> frozenset[str]:
    """The UIDs that several single events share, although none should."""
    counts = Counter(_uid(one) for one in events if not _stands_in(one))
    return frozenset(uid for uid, count in counts.items() if count > 1 or not uid)


def _uid(event: Any) -> str:
    return str(event.get("UID", ""))


def _stands_in(event: Any) -> bool:
    """Whether it is one date of an event that repeats."""
    return "RECURRENCE-ID" in event


def _name(event: Any) -> str:
    named = event.get("SUMMARY", "")
    return on_one_line(str(named[0] if isinstance(named, list) else named))[:LONGEST_NAME].strip() or "?"


@dataclass(slots=True)
class _Reading:
    zone: ZoneInfo
    window: Interval
    described: Mapping[str, Any]
    masters: Mapping[str, Any]
    many: frozenset[str]
    overridden: dict[str, set[datetime | date]] = field(default_factory=dict)
    known: dict[str, tzinfo] = field(default_factory=dict)
    left: int = MOST_LOOKED_AT

    def override(self, events: Iterable[Any]) -> None:
        """Note the dates of events that repeat for which there is an event of its own."""
        for one in events:
            with suppress(_UnreadError, *_WRONG):  # that is said where the event itself is read
                if _stands_in(one):
                    self.overridden.setdefault(_uid(one), set()).add(self._original(one))

    def times(self, event: Any) -> Iterator[Found]:
        """The times of one event within the window. Raises _UnreadError."""
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            raise _UnreadError(N_("“%(name)s”: it is cancelled, and was left out."))
        if "DTSTART" not in event:
            raise _UnreadError(N_("“%(name)s”: it has no start."))
        original = self._original(event) if _stands_in(event) else None
        end = None
        for time, on in self._occurrences(event, event["DTSTART"]):
            if end is not None and time.start < end:
                raise _UnreadError(N_("“%(name)s”: its dates overlap each other."))
            end = time.end
            if time.overlaps(self.window):
                yield Found(time, _name(event), self._source(event, original or on), _is_free(event))

    def _source(self, event: Any, on: datetime | date) -> str:
        """See `Found`: an event that repeats is named with the day of the date, any other one by its UID alone."""
        uid, day = _uid(event), on.date() if isinstance(on, datetime) else on
        if not _stands_in(event) and "RRULE" not in event:
            which = f"{on} {_name(event)}" if uid in self.many else ""
        else:
            which = day.isoformat()
        return sha256(f"{uid}\n{which}".encode()).hexdigest()[:SOURCE_LENGTH]

    def _original(self, event: Any) -> datetime | date:
        """In whose place a date of an event that repeats stands: on the wall of that event."""
        moment = event["RECURRENCE-ID"]
        if "RANGE" in moment.params:
            raise _UnreadError(N_("“%(name)s”: it changes all later dates as well, which cannot be read here."))
        master = self.masters.get(_uid(event), event)
        return self._wall(moment.dt, moment.params, master["DTSTART"])

    def _wall(self, at: datetime | date, params: Mapping[str, Any], start: Any) -> datetime | date:
        """The wall time of a date as the event's own start has it."""
        if not isinstance(at, datetime):
            return at
        zone, own = self._zone_of(at, params), self._zone_of(start.dt, start.params)
        bare = at.replace(tzinfo=None)
        return bare if zone is own else bare.replace(tzinfo=zone).astimezone(own).replace(tzinfo=None)

    def _occurrences(self, event: Any, start: Any) -> Iterator[tuple[Interval, datetime | date]]:
        """Each date's time, and its start on the wall."""
        if not isinstance(start.dt, datetime):
            yield from self._days(event, start.dt)
            return
        zone = self._zone_of(start.dt, start.params)
        length = self._length(event, start.dt, zone)
        if length < timedelta():
            raise _UnreadError(N_("“%(name)s”: it ends before it starts."))
        if not length:
            raise _UnreadError(N_("“%(name)s”: it has no length."))
        for wall in self._dates(event, start.dt.replace(tzinfo=None), length, zone):
            begins = wall.replace(tzinfo=zone).astimezone(UTC)
            yield Interval(begins, begins + length), wall

    def _days(self, event: Any, first: date) -> Iterator[tuple[Interval, date]]:
        after = event["DTEND"].dt if "DTEND" in event else first + event.get("DURATION", _A_DAY).dt
        if isinstance(after, datetime):
            raise _UnreadError(N_("“%(name)s”: it starts with a day but ends at a time."))
        if after < first:
            raise _UnreadError(N_("“%(name)s”: it ends before it starts."))
        length = max(after - first, _A_DAY.dt)
        for wall in self._dates(event, datetime.combine(first, clock()), length, self.zone):
            day, last = wall.date(), wall.date() + length
            yield Interval(local_day(day, self.zone).start, local_day(last, self.zone).start), day

    def _length(self, event: Any, start: datetime, zone: tzinfo) -> timedelta:
        if "DTEND" not in event:
            return event["DURATION"].dt if "DURATION" in event else timedelta()
        end = event["DTEND"]
        if not isinstance(end.dt, datetime):
            raise _UnreadError(N_("“%(name)s”: it starts at a time but ends with a day."))
        begins = start.replace(tzinfo=zone).astimezone(UTC)
        return end.dt.replace(tzinfo=self._zone_of(end.dt, end.params)).astimezone(UTC) - begins

    def _dates(self, event: Any, first: datetime, length: timedelta, zone: tzinfo) -> Iterator[datetime]:
        """The wall-clock starts of an event: one, or those of its rule without the ones that are left out."""
        if length > LONGEST:
            raise _UnreadError(N_("“%(name)s”: it is longer than three years."))
        if "RDATE" in event:
            raise _UnreadError(N_("“%(name)s”: dates that are listed one by one cannot be read."))
        if "RRULE" not in event:
            yield first
            return
        if isinstance(event["RRULE"], list):
            raise _UnreadError(N_("“%(name)s”: it has more than one rule by which it repeats."))
        if first.replace(tzinfo=UTC) < EARLIEST:
            raise _UnreadError(N_("“%(name)s”: it repeats since before the year 2000."))
        left_out = set(self._exceptions(event)) | self.overridden.get(_uid(event), set())
        parts = {name.upper(): values for name, values in event["RRULE"].items()}
        rule, latest = self._rule(parts, first), self._latest(parts, zone)
        since = max(self.window.start.astimezone(zone).replace(tzinfo=None) - length - _A_DAY.dt, first).date()
        for day in rule.days(since, latest.date(), self._look):
            wall = datetime.combine(day, first.time())
            if wall <= latest and wall not in left_out and day not in left_out:
                yield wall

    def _rule(self, parts: Mapping[str, Any], first: datetime) -> Rule:
        if str(parts["FREQ"][0]).upper() in _TOO_OFTEN:
            raise _UnreadError(N_("“%(name)s”: it repeats by the hour or more often."))
        try:
            of_days = {  # some name the time of the first date once more
                name: given for name, given in parts.items() if given != [getattr(first, _CLOCK.get(name, ""), None)]
            }
            return Rule.read(of_days, first.date())
        except UnknownRuleError:
            raise _UnreadError(N_("“%(name)s”: it repeats by a rule that cannot be read here.")) from None

    def _latest(self, parts: Mapping[str, Any], zone: tzinfo) -> datetime:
        """After that, no date matters or is."""
        latest = self.window.end.astimezone(zone).replace(tzinfo=None)
        until = parts.get("UNTIL", [None])[0]
        if isinstance(until, datetime):
            return min(latest, until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until)
        return latest if until is None else min(latest, datetime.combine(until, clock(23, 59, 59)))

    def _look(self, days: int) -> None:
        self.left -= days
        if self.left < 0:
            raise _UnreadError(N_("“%(name)s”: too much in this file repeats. Export a shorter time."))

    def _exceptions(self, event: Any) -> Iterator[datetime | date]:
        listed = event.get("EXDATE", [])
        for one in listed if isinstance(listed, list) else [listed]:
            for each in one.dts:
                yield self._wall(each.dt, one.params, event["DTSTART"])

    def _zone_of(self, at: datetime, params: Mapping[str, Any]) -> tzinfo:
        """The zone of a moment: by its name, else as the file describes it, else the place's own."""
        name = str(params.get("TZID", ""))
        if at.tzinfo is not None and not name:
            return UTC
        if not name:
            return self.zone
        if name not in self.known:
            known = zone_named(name, self.described, self.window)
            if known is None:
                raise _UnreadError(N_("“%(name)s”: its time zone “%(zone)s” is not known."), zone=name[:LONGEST_NAME])
            self.known[name] = known
        return self.known[name]


@dataclass(frozen=True, slots=True)
class _Day:
    dt: timedelta = timedelta(days=1)


_A_DAY = _Day()


def _is_free(event: Any) -> bool:
    return str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
