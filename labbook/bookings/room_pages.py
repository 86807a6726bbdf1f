"""What pages say of bookings that would change unit to make room for another one."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import url_for

from ..core.interval import Interval
from ..core.language import person_name
from ..people.queries import names_by_id
from ..web import times
from .room import Room


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A booking, whose it is, and from which unit it would go to which."""

    title: str
    url: str
    person: str
    when: str
    units: str


@dataclass(frozen=True, slots=True)
class RoomOffer:
    """What would be done, and what a form sends back of it."""

    action: str
    starts: str
    ends: str
    booking: str
    seen: str
    unit: str
    lines: list[MovedLine]


def room_offer(room: Room, slug: str, time: Interval, zone: ZoneInfo, language: str, *, booking: str = "") -> RoomOffer:
    """The plan in words; one statement."""
    names = names_by_id([one.person_id for one in room.shown])
    return RoomOffer(
        url_for("bookings.make_room", slug=slug),
        time.start.isoformat(),
        time.end.isoformat(),
        booking,
        room.seen,
        room.unit.name,
        [
            MovedLine(
                one.title,
                url_for("bookings.request_page", key=one.request_key),
                person_name(*names[one.person_id], language) if one.person_id in names else "",
                times.when(one.time, zone, language, by_day=one.by_day),
                f"{one.unit} → {one.to}",
            )
            for one in room.shown
        ],
    )
