"""VTIMEZONE (RFC 5545 3.6.5): as little as every client reads right, made from the zone's own rule.

All is read from the tzdata package, never from the operating system, so that two machines with the same lock file write
the same bytes, and the local times in a feed always belong to the VTIMEZONE beside them.
"""

from __future__ import annotations

import re
import struct
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from .posix import Half, Rule, parsed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_HEADER = struct.Struct(">4sc15x6I")  # magic, version, six counts: RFC 8536 3.1


@cache
def wall_clock(zone: str) -> ZoneInfo:
    """The zone as the tzdata package knows it. Raises LookupError for a name that is not an IANA one."""
    return ZoneInfo.from_file(BytesIO(_data(zone)), key=zone)


@cache
def holds_since(zone: str) -> datetime | None:
    """The instant from which vtimezone(zone) is true; what starts earlier is to be written in UTC.

    None: never, because no VTIMEZONE of two yearly halves can say what the zone does (Africa/Cairo).
    Raises LookupError for a name that is not an IANA one.
    """
    rule = _rule(zone)
    if rule is None or not all(_days(half) for half in rule.halves):
        return None
    since = _last_change(zone)
    if not rule.halves:
        return since
    return min(instant for instant, _ in rule.changes(since.year, since.year + 1) if instant >= since)


@cache
def vtimezone(zone: str) -> str:
    """The VTIMEZONE of an IANA zone: a yearly RRULE with BYDAY for each change of clocks, or one STANDARD without any.

    Its lines are folded and end CRLF. Raises LookupError for a name that is not an IANA one, ValueError where
    holds_since(zone) is None.
    """
    since, rule = holds_since(zone), _rule(zone)
    if since is None or rule is None:
        raise ValueError(f"no yearly rule describes {zone}")
    component = Timezone()
    component.add("TZID", zone)
    # By offset, not by POSIX's word: Ireland calls its summer time standard, which clients do not expect.
    for half in sorted(rule.halves, key=lambda half: half.after, reverse=True):
        year = since.year if half.instant(since.year) >= since else since.year + 1
        observance = _observance(half.local(year), half.before, half.after)
        observance.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": half.month, **_days(half)})
        component.add_component(observance)
    if not rule.halves:
        component.add_component(_observance(_EPOCH.replace(tzinfo=None), rule.standard, rule.standard))
    return str(component.to_ical(), "utf-8")


def _observance(start: datetime, before: timedelta, after: timedelta) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if after > before else TimezoneStandard()
    observance.add("DTSTART", start)
    observance.add("TZOFFSETFROM", before)
    observance.add("TZOFFSETTO", after)
    return observance


def _days(half: Half) -> dict[str, object]:
    """The BY-parts that find the day of a change in its month (RFC 5545 3.3.10). Empty when it may be in two months.

    POSIX counts hours on into other days: Jerusalem's "fourth Thursday, 26:00" is the Friday among the 23rd to 29th,
    but Cairo's "last Thursday of October, 24:00" may be the first of November.
    """
    moved = half.at // _DAY
    if not moved:
        return {"BYDAY": ("-1" if half.week == 5 else str(half.week)) + _WEEKDAYS[half.weekday]}
    length = monthrange(2001, half.month)[1]
    last = (length if half.week == 5 else 7 * half.week) + moved
    if not 7 <= last <= length or (half.week == 5 and half.month == 2):
        return {}
    return {"BYDAY": _WEEKDAYS[(half.weekday + moved) % 7], "BYMONTHDAY": list(range(last - 6, last + 1))}


def _rule(zone: str) -> Rule | None:
    return parsed(_data(zone).rstrip(b"\n").rpartition(b"\n")[2].decode("ascii"))


def _last_change(zone: str) -> datetime:
    """The last instant at which the zone's data itself changes something, 1970 at the earliest.

    From then on the rule is all there is (RFC 8536 3.3). The package's data is slim: it stops where the rule starts.
    """
    data = _data(zone)
    _, _, utc, standard, leaps, times, types, letters = _HEADER.unpack_from(data)
    second = _HEADER.size + times * 5 + types * 6 + letters + leaps * 8 + standard + utc  # the 64-bit block, 3.2
    count = _HEADER.unpack_from(data, second)[5]
    seconds = struct.unpack_from(f">{count}q", data, second + _HEADER.size)
    return datetime.fromtimestamp(max((0, *seconds)), UTC)


@cache
def _data(zone: str) -> bytes:
    source = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/"))
    if _NAME.fullmatch(zone) and source.is_file():
        return source.read_bytes()
    raise ZoneInfoNotFoundError(f"{zone} is not the name of an IANA time zone")
