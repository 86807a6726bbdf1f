"""What the pages of messages show; of the other side nothing, unless it has told its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ..core.interval import Interval
from ..core.place import Place
from ..web import times

STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class NewPage:
    """The form for a new message: about which unit, of which resource and site."""

    unit: str
    url: str
    zone_label: str
    sentence: str  # why nobody can be asked
    thread_url: str  # of the open thread about the same block
    can_send: bool


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One thread in the list."""

    url: str
    heading: str
    last: str
    unread: int
    is_closed: bool


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message."""

    who: str
    is_mine: bool
    body: str
    at: str
    is_new: bool  # to the reader, from the other side


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A thread as one of its sides has it."""

    key: str
    heading: str
    resource_url: str
    zone_label: str
    lines: list[MessageLine]
    is_asker: bool
    is_closed: bool
    is_named: bool
    own_name: str
    other_name: str  # empty until told
    booking_url: str  # for the holder: which of their bookings it is about
    booking_title: str


def moments(block: Interval, zone: ZoneInfo, language: str, *, by_day: bool, now: datetime) -> list[tuple[str, str]]:
    """The moments of a block that one can ask about: its start or now, then every half hour, or every midnight."""
    quarter = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    at = max(block.start, quarter)
    found = [at]
    while at < block.end:
        local = at.astimezone(zone)
        if by_day:
            at = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone).astimezone(at.tzinfo)
        else:
            at += STEP - timedelta(minutes=local.minute % 30)
        found.append(at)
    label = _day if by_day else times.moment
    return [(one.isoformat(), label(one, zone, language)) for one in found if one < block.end]


def _day(at: datetime, zone: ZoneInfo, language: str) -> str:
    return times.dated(at.astimezone(zone).date(), language)


def unit_label(place: Place, language: str) -> str:
    """The resource, with its unit where there are several."""
    return f"{place.resource.text(language)} {place.unit}".strip()


def heading(place: Place, at: datetime, language: str, *, is_asker: bool) -> str:
    """What a thread is about, from one of its sides."""
    unit, when = unit_label(place, language), times.moment(at, place.zoneinfo, language)
    if is_asker:
        return gettext("Holder of %(unit)s, %(when)s", unit=unit, when=when)
    return gettext("Somebody who would like %(unit)s, %(when)s", unit=unit, when=when)
