"""Time zones by the names that calendar files give them, and as the files themselves describe them.

Only the years that matter are looked at, and what is looked at is counted: whatever a description says, it ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ..interval import Interval
from .repeats import Rule

MOST_OBSERVANCES = 60
MOST_LOOKED_AT = 20_000  # days, in all
_BEFORE = timedelta(days=800)  # so that a rule by the year has a date before any time that matters

Onset = tuple[datetime, timedelta, timedelta]  # on the wall before it; the offset until then; the one from then on


class DescribedZone(tzinfo):
    """Offsets by when they begin, in order."""

    def __init__(self, name: str, onsets: list[Onset]) -> None:
        self._name, self._onsets = name, onsets
        self._walls = [wall for wall, _, _ in onsets]
        self._instants = [wall - before for wall, before, _ in onsets]

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """As the clocks show it; of an hour that comes twice, the first."""
        return None if dt is None else self._offset(bisect_right(self._walls, dt.replace(tzinfo=None)))

    def fromutc(self, dt: datetime) -> datetime:
        """The wall time of an instant."""
        return dt + self._offset(bisect_right(self._instants, dt.replace(tzinfo=None)))

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Nobody knows."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """The file's name for it."""
        return self._name

    def _offset(self, place: int) -> timedelta:
        return self._onsets[place - 1][2] if place else self._onsets[0][1]


def zone_named(name: str, described: Mapping[str, Any], window: Interval) -> tzinfo | None:
    """The zone of an IANA name, also with something before it, or of a Windows name, else one that is described."""
    plain = name.strip("/")
    for one in (plain, WINDOWS_TO_OLSON.get(plain, ""), "/".join(plain.split("/")[-2:])):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            if one:
                return ZoneInfo(one)
    with suppress(ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        if name in described:
            return _described(name, described[name], window)
    return None


def _described(name: str, component: Any, window: Interval) -> DescribedZone:
    """The zone of a VTIMEZONE (RFC 5545 section 3.6.5), right within the window, unless it makes no sense."""
    observances = component.subcomponents
    if not 0 < len(observances) <= MOST_OBSERVANCES:
        raise ValueError(name)
    left = [MOST_LOOKED_AT]

    def look(days: int) -> None:
        left[0] -= days
        if left[0] < 0:
            raise ValueError(name)

    onsets = {onset for one in observances for onset in _onsets(one, window, look)}
    return DescribedZone(name, sorted(onsets))


def _onsets(observance: Any, window: Interval, look: Any) -> Iterator[Onset]:
    first = _wall(observance["DTSTART"].dt)
    before, after = observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td
    for wall in {first, *_listed(observance), *_repeated(observance, first, before, window, look)}:
        yield wall, before, after


def _listed(observance: Any) -> Iterator[datetime]:
    listed = observance.get("RDATE", [])
    for one in listed if isinstance(listed, list) else [listed]:
        yield from (_wall(each.dt) for each in one.dts)


def _repeated(observance: Any, first: datetime, before: timedelta, window: Interval, look: Any) -> Iterator[datetime]:
    if "RRULE" not in observance:
        return
    parts = {name.upper(): values for name, values in observance["RRULE"].items()}
    until = parts.pop("UNTIL", [None])[0]
    latest = (window.end + _BEFORE).replace(tzinfo=None)
    if until is not None:
        latest = min(latest, _until(until, before))
    since = max(first, min(latest, window.start.replace(tzinfo=None)) - _BEFORE)
    for day in Rule.read(parts, first.date()).days(since.date(), latest.date(), look):
        yield datetime.combine(day, first.time())


def _until(until: Any, before: timedelta) -> datetime:
    if not isinstance(until, datetime):
        return datetime.combine(until, datetime.max.time())
    return until.astimezone(UTC).replace(tzinfo=None) + before if until.tzinfo else until


def _wall(at: Any) -> datetime:
    if not isinstance(at, date):
        raise TypeError(at)
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())
