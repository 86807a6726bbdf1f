"""Whether a resource has room for one more booking once others change unit, and which those would be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, select

from ..catalogue.queries import closures_at, units_of
from ..core.buffers import held
from ..core.interval import Interval
from ..core.lifecycle import State
from ..core.rearranging import Laid, rearranged
from ..db import db
from ..models import Booking, Hold, PendingChange, Resource, Site, Unit

_AROUND, _AROUND_BY_DAY = timedelta(days=21), timedelta(days=400)


class Moved(NamedTuple):
    """A booking that would change unit, as pages show it."""

    title: str
    request_key: str
    person_id: int
    time: Interval
    by_day: bool
    unit: str
    to: str


@dataclass(frozen=True, slots=True)
class Room:
    """The unit that has room, and the bookings that change unit for it, each with its new one."""

    unit: Unit
    moved: tuple[tuple[Booking, Unit], ...]
    names: Mapping[int, str]  # of the resource's units

    @property
    def shown(self) -> list[Moved]:
        """The bookings that would change unit, in order of time."""
        return [
            Moved(
                one.request.title,
                one.request.key,
                one.person_id,
                one.time,
                one.by_day,
                self.names.get(one.unit_id, ""),
                to.name,
            )
            for one, to in self.moved
        ]

    @property
    def seen(self) -> str:
        """A mark of what would be done: a page shows one plan, and only that is carried out."""
        plan = [self.unit.key, *sorted([one.key, str(one.version), to.key] for one, to in self.moved)]
        return hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:16]


def room_for(
    resource: Resource, site: Site, time: Interval, *, now: datetime, but: Booking | None = None
) -> Room | None:
    """Room for a booking of a resource; three or four statements. None where there is none, however others are laid.

    Bookings change unit that are still to begin, may be on any unit, and wait for no other change; what is further away
    than some weeks stays as it is. The holds of one booking do not count.
    """
    units = {one.id: one for one in units_of(resource.id)}
    apart = _AROUND_BY_DAY if resource.terms.slot.is_by_calendar else _AROUND
    window = Interval(time.start - apart, time.end + apart)
    bookings: dict[int, Booking] = {}
    laid = [*_laid(resource, site, window, list(units), now, but, bookings), *_shut(resource, window, list(units))]
    found = rearranged(held(time, resource.terms, site.zoneinfo), laid, list(units))
    if found is None:
        return None
    moved = [(bookings[number], units[to]) for number, to in found.moved.items() if isinstance(number, int)]
    order = sorted(moved, key=lambda one: (one[0].starts_at, one[0].id))
    return Room(units[found.unit], tuple(order), {number: one.name for number, one in units.items()})


def _laid(
    resource: Resource,
    site: Site,
    window: Interval,
    units: Sequence[int],
    now: datetime,
    but: Booking | None,
    bookings: dict[int, Booking],
) -> Iterator[Laid]:
    """Everything that is held on the units; what may move is called by its booking's id, which is noted."""
    waits = exists().where(PendingChange.booking_id == Booking.id)
    rows: Iterable[tuple[Hold, Booking | None, bool]] = db.session.execute(
        select(Hold, Booking, waits)
        .outerjoin(
            Booking, and_(Booking.claim_id == Hold.claim_id, Booking.unit_id == Hold.unit_id, ~Booking.unit_is_fixed)
        )
        .where(
            Hold.unit_id.in_(units),
            Hold.ends_at > window.start,
            Hold.starts_at < window.end,
            *([Hold.claim_id != but.claim_id] if but else []),
        )
        .order_by(Hold.starts_at, Hold.id)
    )
    for hold, booking, is_waiting in rows:
        time = Interval(hold.starts_at, hold.ends_at)
        moves = bool(
            booking
            and not is_waiting
            and booking.state in (State.WAITING, State.APPROVED)
            and booking.starts_at > now
            and time == held(booking.time, resource.terms, site.zoneinfo)
            and window.covers(time)
        )
        if booking and moves:
            bookings[booking.id] = booking
        yield Laid(booking.id if booking and moves else f"hold {hold.id}", time, hold.unit_id, moves)


def _shut(resource: Resource, window: Interval, units: Sequence[int]) -> Iterator[Laid]:
    """When single units are shut: nothing is laid there."""
    for one in closures_at(resource.site_id, window):
        if one.unit_id is not None and one.resource_id == resource.id and one.unit_id in units:
            yield Laid(f"shut {one.id}", Interval(one.starts_at, one.ends_at), one.unit_id, moves=False)
