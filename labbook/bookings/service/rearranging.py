"""Letting bookings change unit, so that there is room for one more."""

from __future__ import annotations

from datetime import datetime

from ...catalogue.queries import resource_by_slug, units_of
from ...core.interval import Interval
from ...core.lifecycle import Action
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, take_locks, transactional
from ...models import Booking, Unit
from .. import queries
from ..allocation import change_units
from ..history import Step, settle
from ..pending import end_changes
from ..room import room_for
from .errors import StaleError
from .matters import spelled


class NoRoomError(Exception):
    """However the bookings are laid, there is no room; or it is no question of room."""


def request_key_of(actor: Actor, booking_key: str) -> str:
    """The key of the request that a booking belongs to. Raises NotFoundError."""
    return queries.booking_by_key(actor, booking_key).request.key


@transactional
def make_room(actor: Actor, slug: str, time: Interval, *, seen: str, booking_key: str = "", now: datetime) -> str:
    """Let the bookings change unit that the page named (`seen`), and put a booking that waits where room was made.

    Returns the key of the unit that has room. Each person whose bookings these are is told once. Raises NotFoundError,
    ForbiddenError, NoRoomError, StaleError when others would have to change now.
    """
    resource, site = resource_by_slug(actor, slug)
    require(actor, Do.REARRANGE, Matter(site.id))
    units = units_of(resource.id)
    take_locks([(Lock.SITE, site.id), *((Lock.UNIT, one.id) for one in units)])  # nobody asks for anything meanwhile
    waiting = queries.booking_by_key(actor, booking_key) if booking_key else None
    if waiting is not None and (waiting.resource_id != resource.id or waiting.time != time):
        raise NotFoundError
    room = room_for(resource, site, time, now=now, but=waiting)
    if room is None:
        raise NoRoomError
    if room.seen != seen:
        raise StaleError
    moved, ended = list(room.moved), []
    if waiting is not None and waiting.unit_id != room.unit.id:
        if waiting.unit_is_fixed or waiting.holds_time:
            raise NoRoomError
        ended = end_changes([waiting], actor_id=actor.person_id, now=now)  # what staff proposed instead
        moved.append((waiting, room.unit))
    _move(actor, moved, ended, now)
    return room.unit.key


def _move(actor: Actor, moved: list[tuple[Booking, Unit]], ended: list[Step], now: datetime) -> None:
    """Let all of them change unit in one go, each with its line in the history."""
    before = [spelled(booking) for booking, _ in moved]
    change_units({booking: unit.id for booking, unit in moved})
    steps = list(ended)
    for (booking, _), old in zip(moved, before, strict=True):
        event = booking.take(Action.MOVE, actor_id=actor.person_id, now=now, old=old, **spelled(booking), by="staff")
        steps.append(Step(booking, Action.MOVE, event, booking.holds_time))
    for found in {booking.request for booking, _ in moved}:
        found.version += 1
    settle(steps, actor_id=actor.person_id, deciders=(), now=now, tells_once=True)
