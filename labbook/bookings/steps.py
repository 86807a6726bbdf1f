"""Whose turn it is to decide on bookings: in one step, or, where their resource asks for it, in two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime

from sqlalchemy import delete, select

from ..core.lifecycle import OPEN
from ..core.steps import Named, Turn, Waiting, needs_clearing, turn_of
from ..db import db
from ..models import Booking, Clearance
from ..people.named import named_by_resource


def turn_with(
    bookings: Sequence[Booking], asked_by: Set[int], now: datetime, *, resource_id: int | None = None
) -> Turn:
    """Whose turn it is with bookings of a request, as one; as if one were of another resource, where that is given."""
    places = {resource_id} if resource_id else {one.resource_id for one in bookings}
    named = named_by_resource(places, now)
    return turn_of(named, _waiting(bookings, named, resource_id), asked_by)


def _waiting(bookings: Iterable[Booking], named: dict[int, Named], resource_id: int | None) -> list[Waiting]:
    several = [(one.id, Waiting(resource_id or one.resource_id, is_decided=one.state not in OPEN)) for one in bookings]
    cleared = cleared_by(number for number, one in several if needs_clearing(named, one))
    return [one._replace(cleared_by=cleared.get(number)) for number, one in several]


def cleared_by(booking_ids: Iterable[int]) -> dict[int, int]:
    """Who had no objection to these bookings as for safety, by the booking; none is left out, and none is asked for."""
    numbers = sorted(set(booking_ids))
    if not numbers:
        return {}
    rows = db.session.execute(
        select(Clearance.booking_id, Clearance.person_id).where(Clearance.booking_id.in_(numbers))
    )
    return {row.booking_id: row.person_id for row in rows}


def forget_clearance(booking: Booking) -> None:
    """What was cleared is not what is asked for any more: safety looks at it again."""
    db.session.execute(delete(Clearance).where(Clearance.booking_id == booking.id))


def uncleared(bookings: Iterable[Booking], now: datetime) -> list[Booking]:
    """Those of these bookings to which safety has still to say that it has no objection."""
    several = [one for one in bookings if one.state in OPEN]
    named = named_by_resource({one.resource_id for one in several}, now)
    waiting = _waiting(several, named, None)
    return [one for one, other in zip(several, waiting, strict=True) if needs_clearing(named, other)]
