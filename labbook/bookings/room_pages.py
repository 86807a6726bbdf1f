"""What pages say of bookings that would change unit to make room for another one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from ..catalogue import queries as catalogue
from ..core.interval import Interval
from ..core.language import person_name
from ..models import Booking, Site, Unit
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


def room_offer(room: Room, slug: str, time: Interval, site: Site, language: str, *, booking: str = "") -> RoomOffer:
    """The plan in words; two statements."""
    units = catalogue.places([one.unit_id for one, _ in room.moved])
    names = names_by_id([one.person_id for one, _ in room.moved])
    return RoomOffer(
        url_for("bookings.make_room", slug=slug),
        time.start.isoformat(),
        time.end.isoformat(),
        booking,
        room.seen,
        room.unit.name,
        [_line(one, to, units[one.unit_id].unit, names, site, language) for one, to in room.moved],
    )


def _line(
    booking: Booking, to: Unit, unit: str, names: dict[int, tuple[str, str]], site: Site, language: str
) -> MovedLine:
    return MovedLine(
        booking.request.title,
        url_for("bookings.request_page", key=booking.request.key),
        person_name(*names[booking.person_id], language) if booking.person_id in names else "",
        times.when(booking.time, site.zoneinfo, language, by_day=booking.by_day),
        f"{unit} → {to.name}",
    )
