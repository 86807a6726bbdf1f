"""What a subscription is about, how much it tells, and what it takes in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a feed is about. Stored; never rename. Each begins with a letter of its own, which begins its tokens."""

    MINE = "mine"
    PARTNER = "partner"  # all bookings of a partner that one works for
    RESOURCE = "resource"
    GROUP = "group"  # of resources
    AREA = "area"
    SITE = "site"
    WAITING = "waiting"  # requests that wait for one's decision


class Detail(StrEnum):
    """At most how much a feed tells; never more than its owner may see. Stored; never rename."""

    FULL = "full"
    BUSY = "busy"


OF_PLACES = frozenset({Scope.RESOURCE, Scope.GROUP, Scope.AREA, Scope.SITE})
"""Feeds about resources, whoever has booked them; the others are about people."""

HISTORY_DAYS = (7, 30, 90, 365)
"""How far back a feed may reach."""

ALARM_MINUTES = (10, 30, 60, 1440)
"""How long before a booking a calendar may ring."""


@dataclass(frozen=True, slots=True)
class Takes:
    """What a feed takes in, as its owner chose.

    `buffers` are entries of their own for set-up and clean-up, for staff alone; `expands` writes each date of a series
    by itself; `alarm_minutes` is for one's own bookings alone.
    """

    waiting: bool = True
    cancelled: bool = True
    closures: bool = True
    buffers: bool = False
    expands: bool = False
    history_days: int = 30
    alarm_minutes: int | None = None


USUAL = Takes()
"""What a feed takes in unless its owner chooses otherwise."""
