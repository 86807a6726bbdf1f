"""A series as one event (RFC 5545 3.8.4.4, 3.8.5): a rule, the dates left out, and those that stand otherwise.

Only what all clients read alike is written: DAILY, WEEKLY or MONTHLY with UNTIL; all times of the series in its zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from icalendar import Event
from icalendar.prop import vRecur

from ..hours import WallTime, wall_time
from ..recurrence import Repeat, named, wall_of
from .entry import Entry, comes_twice, event_of, written_in
from .zones import holds_since, wall_clock

_MOST = 4000  # daily for ten years


class Dated(NamedTuple):
    """One date of a series: its name, which is the wall-clock start that the rule gives it, and how it stands."""

    on: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule from the first of some dates to their last one: its RRULE, and the names of all dates that it gives."""

    text: str
    names: tuple[str, ...]


def rule_between(repeat: Repeat, names: Iterable[str], zone: str, *, by_day: bool) -> Rule | None:
    """The rule that gives these dates, from the first to the last of them, or None where calendars could not tell.

    That is where a date is not on the rule; and, unless it goes by days, where the clocks of the zone skip the time of
    a date, or no VTIMEZONE says what they do. `repeat` is fitted to the first date of all.
    """
    wanted = sorted(names)
    first, last = wall_of(wanted[0]), wall_of(wanted[-1])
    cut = replace(repeat, until=last.date(), count=None)
    dates = cut.dates(first, _MOST)
    found = tuple(map(named, dates))
    if not set(wanted) <= set(found) or not (by_day or _is_plain(dates, zone)):
        return None
    spelled = replace(cut, day=0)  # the day of the month is that of DTSTART
    return Rule(spelled.rule if by_day else spelled.rule_in(wall_clock(zone)), found)


def series_events(rule: Rule, dates: Sequence[Dated]) -> list[Event]:
    """The event with the rule, and one for each date that stands otherwise than it says, in order of their names.

    The entries of all dates (at least one) share UID, SEQUENCE and stamp, are all by day or all by time, and are in one
    zone. A single date is written without a rule.
    """
    several = sorted(dates, key=lambda one: one.on)
    if len(several) == 1:
        return [_single(several[0].entry)]
    shapes = [_shape(one) for one in several]
    usual = _usual(shapes, rule.names[0], several[0].entry)
    master = event_of(usual, usual.zone)
    master.add("RRULE", vRecur.from_ical(rule.text))
    there = {one.on for one in several}
    for name in rule.names:
        if name not in there:
            master.add("EXDATE", _named_in(name, usual))
    as_usual = _shape(Dated(rule.names[0], usual))
    is_told = as_usual if as_usual.is_plain else None
    return [master, *(date_event(one) for one, shape in zip(several, shapes, strict=True) if shape != is_told)]


def date_event(one: Dated) -> Event:
    """One date of a series by itself: it stands otherwise, or is cancelled."""
    event = _single(one.entry)
    event.add("RECURRENCE-ID", _named_in(one.on, one.entry))
    return event


def series_sequence(sequences: Iterable[int]) -> int:
    """SEQUENCE of a series, from those of its dates: it rises when one changes, and when one is added."""
    return sum(one + 1 for one in sequences)


def _is_plain(dates: Sequence[datetime], zone: str) -> bool:
    clock, since = wall_clock(zone), holds_since(zone)
    if since is None or dates[0].replace(tzinfo=clock) < since:
        return False
    return all(wall_time(one, clock) is not WallTime.SKIPPED for one in dates)


def _single(entry: Entry) -> Event:
    return event_of(entry, written_in(entry))


class _Shape(NamedTuple):
    """How a date stands, seen from its name: what differs in it must be said of that date by itself.

    A length that the clocks change is not left to clients: some go by the wall, some by the time that passes.
    """

    late: timedelta
    on_the_wall: timedelta
    passing: timedelta
    is_doubtful: bool
    entry: Entry

    @property
    def is_plain(self) -> bool:
        """It begins when its name says, is as long as it seems to be, and no clock shows its start or end twice."""
        return not self.late and self.on_the_wall == self.passing and not self.is_doubtful


_SOME_DAY, _NEXT_DAY = date(1970, 1, 1), date(1970, 1, 2)


def _shape(one: Dated) -> _Shape:
    entry, named_at = one.entry, wall_of(one.on)
    start, end = _on_the_wall(entry.start, entry.zone), _on_the_wall(entry.end, entry.zone)
    late, passing, is_doubtful = start - named_at, end - start, False
    if isinstance(entry.start, datetime) and isinstance(entry.end, datetime):
        clock = wall_clock(entry.zone)
        late = entry.start - named_at.replace(tzinfo=clock).astimezone(UTC)
        passing = entry.end - entry.start
        is_doubtful = comes_twice(entry.start, clock) or comes_twice(entry.end, clock)
    return _Shape(late, end - start, passing, is_doubtful, replace(entry, start=_SOME_DAY, end=_NEXT_DAY, created=None))


def _on_the_wall(at: datetime | date, zone: str) -> datetime:
    if isinstance(at, datetime):
        return at.astimezone(wall_clock(zone)).replace(tzinfo=None)
    return datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall time has no zone


def _usual(shapes: Sequence[_Shape], first: str, example: Entry) -> Entry:
    """What the rule says of each date, put on the first: as most of those stand that are where it would have them."""
    for shape, _ in Counter(shapes).most_common():
        usual = _on(first, shape, example)
        if shape.is_plain and _shape(Dated(first, usual)) == shape:
            return usual
    return _on(first, shapes[0], example)


def _on(name: str, shape: _Shape, example: Entry) -> Entry:
    """What stands like that, put on the date of this name."""
    start = wall_of(name)
    end = start + shape.on_the_wall
    if not isinstance(example.start, datetime):
        return replace(shape.entry, start=start.date(), end=end.date(), created=example.created)
    clock = wall_clock(example.zone)
    begins = start.replace(tzinfo=clock).astimezone(UTC)
    ends = max(end.replace(tzinfo=clock).astimezone(UTC), begins + timedelta(minutes=1))
    return replace(shape.entry, start=begins, end=ends, created=example.created)


def _named_in(name: str, entry: Entry) -> datetime | date:
    """A date's name in the form of DTSTART."""
    wall = wall_of(name)
    return wall.replace(tzinfo=wall_clock(entry.zone)) if isinstance(entry.start, datetime) else wall.date()
