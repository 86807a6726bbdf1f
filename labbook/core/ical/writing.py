"""What a feed keeps of a booking or a series: its components, written once in each manner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid5

from icalendar import Event

from ..disclosure import BookingRow
from ..interval import Interval
from ..place import Place
from ..recurrence import Repeat
from .booked import booked
from .entry import Entry, Language, Rendered, Status, event_of, written_in
from .series import Dated, Rule, rule_between, series_events, series_sequence

_BUFFER = {"en": "Set-up and clean-up", "ja": "準備・片付け"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How bookings are written in a feed: what differs in it gives other texts.

    `waiting` and `cancelled` are whether dates of a series are left out that wait or are no more; `keeps_place` writes
    only those on the series' own resource, and leaves out cancelled ones while any other stands.
    """

    language: Language
    is_own: bool
    alarm_minutes: int | None = None
    buffers: bool = False
    waiting: bool = True
    cancelled: bool = True
    keeps_place: bool = False

    @property
    def of_single(self) -> str:
        """Its name among the texts of single bookings; at most 20 characters."""
        parts = (self.language, "own" if self.is_own else "all", f"a{self.alarm_minutes}" if self.alarm_minutes else "")
        return "-".join(filter(None, (*parts, "b" if self.buffers else "")))

    @property
    def of_series(self) -> str:
        """Its name among those of series; at most 26 characters."""
        flags = (("w", self.waiting), ("c", self.cancelled), ("p", self.keeps_place))
        return f"{self.of_single}-{''.join(flag for flag, is_meant in flags if is_meant)}"


class Standing(NamedTuple):
    """A booking with what a calendar says of its state, and the name of its date, if it is one of a series."""

    row: BookingRow
    status: Status
    on: str = ""


class Besides(NamedTuple):
    """What has happened to a series besides what its dates say themselves: how much of it, and when last."""

    steps: int = 0
    last_at: datetime | None = None


NOTHING_BESIDES = Besides()


def booking_text(one: Standing, place: Place, manner: Manner, base_url: str) -> Rendered:
    """The components of a booking by itself, under its own UID."""
    entry = _entry(one, place, manner, base_url)
    return written([_event(entry), *_buffers([one], {one.row.unit_id: place}, manner)])


def series_text(
    uid: str,
    repeat: Repeat,
    dates: Sequence[Standing],
    shown: Sequence[Standing],
    where: dict[int, Place],
    manner: Manner,
    base_url: str,
    besides: Besides = NOTHING_BESIDES,
) -> Rendered:
    """The components of a series (RFC 5545 3.8.5): `shown` of all its `dates`, or nothing when none is shown.

    SEQUENCE and stamps are those of all dates, and of what happened `besides`, so that they rise and never fall
    whichever of them is shown. Where no rule tells the dates to all clients, each is written by itself under its own
    UID.
    """
    if not shown:
        return Rendered("", None)
    zone = where[shown[0].row.unit_id].zone
    rule = _rule(repeat, shown, zone)
    entries = {one.on: _entry(one, where[one.row.unit_id], manner, base_url) for one in shown}
    if rule is None:
        events = [_event(entry) for entry in entries.values()]
    else:
        whole = partial(
            replace,
            uid=uid,
            sequence=besides.steps + series_sequence(one.row.sequence for one in dates),
            stamp=max(filter(None, (besides.last_at, *(one.row.stamp for one in dates)))),
            created=min(one.row.created_at for one in dates),
        )
        events = series_events(rule, [Dated(on, whole(entry)) for on, entry in entries.items()])
    return written([*events, *_buffers(shown, where, manner)])


def written(events: Iterable[Event]) -> Rendered:
    """Components as text, lines folded and ended with CRLF, with the one TZID that they name, if any."""
    several = list(events)
    tzids = {one["DTSTART"].params.get("TZID") for one in several} - {None}
    return Rendered("".join(str(one.to_ical(), "utf-8") for one in several), next(iter(tzids), None))


def _rule(repeat: Repeat, shown: Sequence[Standing], zone: str) -> Rule | None:
    by_day = {one.row.by_day for one in shown}
    return rule_between(repeat, (one.on for one in shown), zone, by_day=True in by_day) if len(by_day) == 1 else None


def _entry(one: Standing, place: Place, manner: Manner, base_url: str) -> Entry:
    entry = booked(one.row, place, one.status, language=manner.language, base_url=base_url, is_own=manner.is_own)
    alarm = timedelta(minutes=manner.alarm_minutes) if manner.alarm_minutes else None
    return replace(entry, alarm=alarm)


def _event(entry: Entry) -> Event:
    return event_of(entry, written_in(entry))


def _buffers(several: Sequence[Standing], where: dict[int, Place], manner: Manner) -> list[Event]:
    """Set-up and clean-up as entries of their own, for those who are to tell them apart."""
    if not manner.buffers:
        return []
    return [
        _event(_buffer(one, time, name, where[one.row.unit_id], manner.language))
        for one in several
        for name, time in _around(one)
    ]


def _around(one: Standing) -> list[tuple[str, Interval]]:
    hold, time = one.row.hold, one.row.time
    if hold is None or one.status is Status.CANCELLED or not hold.covers(time):
        return []
    sides: tuple[tuple[str, datetime, datetime], ...] = (
        ("before", hold.start, time.start),
        ("after", time.end, hold.end),
    )
    return [(name, Interval(start, end)) for name, start, end in sides if start < end]


def _buffer(one: Standing, time: Interval, name: str, place: Place, language: Language) -> Entry:
    return Entry(
        uid=str(uuid5(UUID(one.row.uid), name)),
        sequence=one.row.sequence,
        stamp=one.row.stamp,
        start=time.start,
        end=time.end,
        zone=place.zone,
        status=one.status,
        summary=f"{_BUFFER[language]} · {place.what(language)}",
        language=language,
        location=place.text(language),
    )
