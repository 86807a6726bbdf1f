"""Where else a booking could be, as staff say it, and which places would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ...bookings import queries
from ...bookings.service.matters import matter_of, own_around, place_of, units_for
from ...catalogue.queries import units_of
from ...core.free import nearest_free
from ...core.interval import Interval
from ...core.permissions import Actor, Do, require
from ...core.rules import judge
from ...db import db
from ...models import Booking, Unit

MOST = 4
MOST_UNITS = 6  # that are searched for another time


class Otherwise(NamedTuple):
    """Another time, or another unit by its key, for one booking of a request."""

    booking_key: str
    time: Interval
    unit: str = ""


class Spot(NamedTuple):
    """A unit that is free for a time."""

    unit: Unit
    time: Interval


def chosen_unit(booking: Booking, key: str) -> Unit:
    """The unit of its resource with this key, or the one that it has. Raises NotFoundError."""
    resource, _ = place_of(booking)
    return units_for(resource, key)[0] if key else db.session.get_one(Unit, booking.unit_id)


def free_places(actor: Actor, booking_key: str, *, now: datetime) -> list[Spot]:
    """Other units at the time that was asked for, and the nearest times that are free: the nearest first.

    Raises NotFoundError, ForbiddenError.
    """
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.DECIDE_REQUEST, matter_of(booking.request, now))
    resource, _ = place_of(booking)
    units = units_of(resource.id)
    around = own_around(booking, booking.time, now, [one.id for one in units])
    spots: list[Spot] = []
    for number, unit in enumerate(sorted(units, key=lambda one: one.id != booking.unit_id)):
        facts = around.on(unit.id)
        if unit.id != booking.unit_id and not judge(facts).is_refused:
            spots.append(Spot(unit, booking.time))
        elif number < MOST_UNITS:
            spots += [Spot(unit, time) for time in nearest_free(facts, around.window, count=4)]
    return _best(booking, spots, now)


def _best(booking: Booking, spots: Sequence[Spot], now: datetime) -> list[Spot]:
    """The nearest, each time once, whichever of alike units it is on; never where it was asked for."""
    by_time: dict[Interval, Spot] = {}
    for one in spots:
        if one.time.start > now and (one.unit.id, one.time) != (booking.unit_id, booking.time):
            by_time.setdefault(one.time, one)
    return sorted(by_time.values(), key=lambda one: abs(one.time.start - booking.starts_at))[:MOST]
