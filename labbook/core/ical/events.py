"""Reads the times of a calendar file that somebody else wrote (RFC 5545): single ones and those that repeat."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ..interval import Interval, local_day
from ..language import N_, on_one_line
from ..terms import Sentence
from .repeats import Rule, UnknownRuleError

MOST_BYTES = 200 * 1024
MOST_EVENTS = 500
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # of an event that repeats: its dates are counted from there
LONGEST_NAME = 120
MOST_LOOKED_AT = 80_000  # days on which events that repeat might lie, in all
_CLOCK = {"BYHOUR": "hour", "BYMINUTE": "minute", "BYSECOND": "second"}
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One time of an event, with its title."""

    time: Interval
    name: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a file, in order of time, and sentences about what could not be."""

    found: tuple[Found, ...] = ()
    unread: tuple[Sentence, ...] = ()


class UnreadableError(ValueError):
    """The file as a whole cannot be read; carries a sentence."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


def read_events(data: bytes, zone: ZoneInfo, window: Interval, *, most: int) -> Read:
    """The times in a calendar file that lie within the window, at most `most`; no more of it is looked at.

    Whole days, and times without a zone, are meant in `zone`. Raises UnreadableError.
    """
    calendar = _parsed(data)
    events = list(islice(calendar.walk("VEVENT"), MOST_EVENTS + 1))
    if not events:
        raise UnreadableError(Sentence(N_("There is no event in this file.")))
    if len(events) > MOST_EVENTS:
        raise UnreadableError(
            Sentence(N_("It has more than %(most)s events. Export a shorter time."), {"most": MOST_EVENTS})
        )
    reading = _Reading(zone, window, _zones_in(calendar), _overridden(events))
    found: list[Found] = []
    unread: list[Sentence] = []
    for event in events:
        try:
            found += islice(reading.times(event), most + 1 - len(found))
        except _UnreadError as error:
            unread.append(Sentence(error.text, {"name": _name(event), **error.values}))
        except _WRONG:
            unread.append(Sentence(N_("“%(name)s”: it could not be understood."), {"name": _name(event)}))
        if len(found) > most:
            unread.append(Sentence(N_("Only the first %(most)s dates were read."), {"most": most}))
            break
    return Read(tuple(sorted(set(found[:most]))), tuple(unread))


_WRONG = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)  # what a broken event makes of reading


class _UnreadError(Exception):
    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text)
        self.text, self.values = text, values


def _parsed(data: bytes) -> Calendar:
    if len(data) > MOST_BYTES:
        raise UnreadableError(Sentence(N_("The file is larger than %(size)s KB."), {"size": MOST_BYTES // 1024}))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses at zones, which are looked up anew here
            calendar = Calendar.from_ical(data.decode("utf-8-sig"))
    except Exception as error:  # whatever a broken file makes of its reader
        raise UnreadableError(Sentence(N_("This is no calendar file that can be read (.ics)."))) from error
    if not isinstance(calendar, Calendar):
        raise UnreadableError(Sentence(N_("This is no calendar file that can be read (.ics).")))
    return calendar


def _zones_in(calendar: Calendar) -> dict[str, Any]:
    """The zones that the file describes itself, by their names; each is worked out only when it is needed."""
    return {str(one["TZID"]): one for one in calendar.walk("VTIMEZONE") if "TZID" in one}


def _overridden(events: Iterable[Any]) -> dict[str, set[datetime | date]]:
    """Dates of events that repeat for which there is an event of its own, by UID."""
    found: dict[str, set[datetime | date]] = {}
    for one in events:
        with suppress(*_WRONG):  # that is said where the event itself is read
            if (of := _stands_for(one)) is not None:
                found.setdefault(str(one.get("UID", "")), set()).add(of)
    return found


def _stands_for(event: Any) -> datetime | date | None:
    """The date of an event that repeats in whose place this one stands."""
    return _naive(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None


def _name(event: Any) -> str:
    named = event.get("SUMMARY", "")
    return on_one_line(str(named[0] if isinstance(named, list) else named))[:LONGEST_NAME].strip() or "?"


def _naive(at: datetime | date) -> datetime | date:
    return at.replace(tzinfo=None) if isinstance(at, datetime) else at


@dataclass(slots=True)
class _Reading:
    zone: ZoneInfo
    window: Interval
    described: Mapping[str, Any]
    overridden: Mapping[str, set[datetime | date]]
    known: dict[str, tzinfo] = field(default_factory=dict)
    left: int = MOST_LOOKED_AT

    def times(self, event: Any) -> Iterator[Found]:
        """The times of one event within the window. Raises _UnreadError."""
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            raise _UnreadError(N_("“%(name)s”: it is cancelled, and was left out."))
        _stands_for(event)
        if "DTSTART" not in event:
            raise _UnreadError(N_("“%(name)s”: it has no start."))
        start = event["DTSTART"].dt
        if not isinstance(start, datetime):
            yield from self._days(event, start)
            return
        zone = self._zone_of(event["DTSTART"])
        length = self._length(event, start, zone)
        if length <= timedelta():
            raise _UnreadError(N_("“%(name)s”: it has no length."))
        for wall in self._dates(event, start.replace(tzinfo=None), length, zone):
            begins = wall.replace(tzinfo=zone).astimezone(UTC)
            yield from self._within(Interval(begins, begins + length), event)

    def _days(self, event: Any, first: date) -> Iterator[Found]:
        after = event["DTEND"].dt if "DTEND" in event else first + event.get("DURATION", _A_DAY).dt
        if isinstance(after, datetime) or after <= first:
            after = first + timedelta(days=1)
        for wall in self._dates(event, datetime.combine(first, clock()), after - first, self.zone):
            last = wall.date() + (after - first)
            yield from self._within(
                Interval(local_day(wall.date(), self.zone).start, local_day(last, self.zone).start), event
            )

    def _within(self, time: Interval, event: Any) -> Iterator[Found]:
        if time.overlaps(self.window):
            yield Found(time, _name(event))

    def _length(self, event: Any, start: datetime, zone: tzinfo) -> timedelta:
        if "DTEND" not in event:
            return event["DURATION"].dt if "DURATION" in event else timedelta()
        end = event["DTEND"].dt
        if not isinstance(end, datetime):
            raise _UnreadError(N_("“%(name)s”: it starts at a time but ends with a day."))
        begins = start.replace(tzinfo=zone).astimezone(UTC)
        return end.replace(tzinfo=self._zone_of(event["DTEND"])).astimezone(UTC) - begins

    def _dates(self, event: Any, first: datetime, length: timedelta, zone: tzinfo) -> Iterator[datetime]:
        """The wall-clock starts of an event: one, or those of its rule without the ones that are left out."""
        if "RDATE" in event:
            raise _UnreadError(N_("“%(name)s”: dates that are listed one by one cannot be read."))
        if "RRULE" not in event:
            yield first
            return
        if isinstance(event["RRULE"], list):
            raise _UnreadError(N_("“%(name)s”: it has more than one rule by which it repeats."))
        if first.replace(tzinfo=UTC) < EARLIEST:
            raise _UnreadError(N_("“%(name)s”: it repeats since before the year 2000."))
        left_out = set(self._exceptions(event, zone)) | self.overridden.get(str(event.get("UID", "")), set())
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

    def _exceptions(self, event: Any, zone: tzinfo) -> Iterator[datetime | date]:
        listed = event.get("EXDATE", [])
        for one in listed if isinstance(listed, list) else [listed]:
            for at in (each.dt for each in one.dts):
                yield _naive(at.astimezone(zone) if isinstance(at, datetime) and at.tzinfo else at)

    def _zone_of(self, moment: Any) -> tzinfo:
        """The zone of a start or an end: by its name, else as the file describes it, else the place's own."""
        name = str(moment.params.get("TZID", ""))
        if moment.dt.tzinfo is not None and not name:
            return UTC
        if not name:
            return self.zone
        if name not in self.known:
            self.known[name] = self._looked_up(name)
        return self.known[name]

    def _looked_up(self, name: str) -> tzinfo:
        plain = name.strip("/")
        for one in (plain, WINDOWS_TO_OLSON.get(plain, ""), "/".join(plain.split("/")[-2:])):
            try:
                if one:
                    return ZoneInfo(one)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
        if name in self.described:
            return self.described[name].to_tz(lookup_tzid=False)  # type: ignore[no-any-return]
        raise _UnreadError(N_("“%(name)s”: its time zone “%(zone)s” is not known."), zone=name[:LONGEST_NAME])


@dataclass(frozen=True, slots=True)
class _Day:
    dt: timedelta = timedelta(days=1)


_A_DAY = _Day()
