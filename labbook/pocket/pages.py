"""What the pages for a phone show: values whose labels are already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ..core.interval import local_day
from ..core.walking_up import Presence
from ..web import times


@dataclass(frozen=True, slots=True)
class Now:
    """How a resource stands: a tone for the eye, a few words, and until when."""

    tone: str  # free, busy, shut
    said: str
    until: str
    units: str = ""  # how many of several are free


@dataclass(frozen=True, slots=True)
class EndChoice:
    """A length to choose."""

    value: str
    length: str
    until: str
    asks: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Onward:
    """Somewhere to go on to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """One's own booking of the resource that one stands before."""

    key: str
    title: str
    when: str
    state: str
    state_label: str
    version: int
    is_running: bool
    may_check_in: bool
    may_give_back: bool
    note: str
    url: str
    end_url: str
    later: list[Onward] = field(default_factory=list)  # ends that could be had


@dataclass(frozen=True, slots=True)
class NearLine:
    """A resource in the list of what is free."""

    name: str
    unit: str
    icon: str
    url: str
    now: Now
    tag: str = ""  # that staff decide, or why not


@dataclass(frozen=True, slots=True)
class NearGroup:
    """Favourites, or an area."""

    name: str
    lines: list[NearLine]
    is_open: bool = True


def now_of(presence: Presence, now: datetime, zone: ZoneInfo, language: str, *, is_short: bool = False) -> Now:
    """How a resource stands, in words; where space is `short`, what is free into another day is free today."""
    is_free = presence.free > 0
    until = clock_label(presence.until, now, zone, language, ends=is_free) if presence.until else ""
    if is_free:
        units = gettext("%(free)s of %(of)s free", free=presence.free, of=presence.of) if presence.of > 1 else ""
        said = gettext("until %(time)s", time=until) if until else gettext("nothing is booked for days")
        if is_short and (presence.until is None or presence.until > end_of_day(now, zone)):
            said = gettext("all of today")
        return Now("free", gettext("Free now"), said, units)
    said = gettext("free again from %(time)s", time=until) if until else gettext("not free again for days")
    return Now("shut", gettext("Closed"), said) if presence.is_shut else Now("busy", gettext("In use"), said)


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight that ends today."""
    return local_day(now.astimezone(zone).date(), zone).end


def clock_label(at: datetime, now: datetime, zone: ZoneInfo, language: str, *, ends: bool = True) -> str:
    """14:30; with its date where that is not today's. What `ends` at midnight does so at 24:00 of the day before."""
    on, clock = times.day_and_clock(at, zone, ends=ends)
    return clock if on == now.astimezone(zone).date() else f"{times.short_date(on, language)} {clock}"


def last_day_label(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Of what is booked by the day the last day: Mon 23 Nov."""
    return times.short_date((at - timedelta(microseconds=1)).astimezone(zone).date(), language)
