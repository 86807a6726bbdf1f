"""The ends that a booking could have instead."""

from __future__ import annotations

from datetime import datetime

from ...core.ends import End, possible_ends
from ...core.facts import Verdict
from ...core.interval import Interval
from ...core.permissions import Actor, Do, require
from .. import queries
from .matters import matter_of_booking, own_facts
from .waiving import allowed_at, what_is_left


def ends_of(actor: Actor, booking_key: str, *, now: datetime) -> list[End]:
    """The nearest ends that the rules would let it have, earlier and later. Raises NotFoundError, ForbiddenError."""
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.MOVE_BOOKING, matter_of_booking(booking))
    facts, around = own_facts(booking, booking.time, now)

    def left(verdict: Verdict, wanted: Interval) -> Verdict:
        return what_is_left(verdict, allowed_at(booking, booking.unit_id, wanted))

    return possible_ends(facts, around.window, left)
