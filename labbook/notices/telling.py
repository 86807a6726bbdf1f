"""The difference between what a calendar was told of a booking or a series, and what is true of it now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from ..core.ical import Method, Rule, edge, rule_between, series_sequence
from ..core.place import Place
from ..models import Invited
from .standing import Dated, Line, Standing

Units = Mapping[int, Place]


class Shown(NamedTuple):
    """When and where a calendar shows a booking: no word of what it is for. Kept as JSON."""

    start: str  # ISO 8601; an instant in UTC, or a date where it is by the day
    end: str
    unit: int

    @classmethod
    def of(cls, one: Dated, places: Units) -> Shown:
        """As a booking stands now."""
        row, place = one.row, places[one.row.unit_id]
        start, end = (edge(at, place, by_day=row.by_day).isoformat() for at in (row.time.start, row.time.end))
        return cls(start, end, row.unit_id)

    @property
    def edges(self) -> tuple[datetime | date, datetime | date]:
        """Its start and its end."""
        read = datetime.fromisoformat if "T" in self.start else date.fromisoformat
        return read(self.start), read(self.end)


@dataclass(frozen=True, slots=True)
class Change:
    """What a calendar is to hear of one UID: `before` is what it shows, `after` what it shall show, by date."""

    line: Line
    method: Method
    before: Mapping[str, Shown]
    after: Mapping[str, Shown]
    rule: Rule | None = None  # of a series
    removed: str = ""  # the one date of a series that is cancelled; empty: all of it is told

    @property
    def least(self) -> int:
        """The least SEQUENCE that it may have."""
        several = [one.row.sequence for one in self.line.dates.values()]
        return several[0] if self.line.repeat is None else series_sequence(several)


def changes(lines: Iterable[Line], told: Mapping[str, Invited], places: Units, *, begins: bool) -> Iterator[Change]:
    """What a person's calendar is to hear, one change a UID; where it `begins` nothing, only what it shows already."""
    for line in lines:
        for one, rule in _forms(line, told, places):
            change = _change(one, rule, shown_before(told.get(one.uid)), places)
            if change is not None and (begins or change.before):
                yield change


def shown_before(invited: Invited | None) -> dict[str, Shown]:
    """What a calendar shows of a UID, as it was last told; nothing of what was cancelled."""
    return {name: Shown(*one) for name, one in invited.told["dates"].items()} if invited else {}


def _forms(line: Line, told: Mapping[str, Invited], places: Units) -> Iterator[tuple[Line, Rule | None]]:
    """A series as one, where a rule can say it; else its bookings one by one. What was begun singly stays so."""
    if line.repeat is None:
        yield line, None
        return
    before = shown_before(told.get(line.uid))
    names = [name for name, one in line.dates.items() if _stands(name, one, before)]
    rule = None
    if names and not any(shown_before(told.get(one.uid)) for one in line.singles):
        by_days = {line.dates[name].row.by_day for name in names}
        rule = rule_between(line.repeat, names, line.zone, by_day=True in by_days) if len(by_days) == 1 else None
    if rule is not None:
        yield line, rule
        return
    if before:
        yield _ended(line), None
    if names:
        yield from ((one, None) for one in line.singles)


def _ended(line: Line) -> Line:
    gone = {name: Dated(one.row, Standing.GONE, one.may_read) for name, one in line.dates.items()}
    return Line(line.uid, gone, line.repeat, line.zone)


def _stands(name: str, one: Dated, before: Mapping[str, Shown]) -> bool:
    return one.standing is Standing.SHOWN or (one.standing is Standing.PAST and name in before)


def _change(line: Line, rule: Rule | None, before: Mapping[str, Shown], places: Units) -> Change | None:
    after = {
        name: before[name] if one.standing is Standing.PAST else Shown.of(one, places)
        for name, one in line.dates.items()
        if _stands(name, one, before)
    }
    if before == after:
        return None
    if not after:
        return Change(line, Method.CANCEL, before, after)
    removed = [name for name in before if name not in after]
    if len(removed) == 1 and all(before.get(name) == one for name, one in after.items()):
        return Change(line, Method.CANCEL, before, after, rule, removed[0])
    return Change(line, Method.REQUEST, before, after, rule)
