"""Which bookings somebody waits for again since they were declined."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select

from ...db import db
from ...models import Booking, Wait


def waited_for(booking_ids: Iterable[int]) -> frozenset[int]:
    """Those of these bookings for whose very time their person waits; one statement."""
    same = and_(
        Wait.person_id == Booking.person_id,
        Wait.partner_id == Booking.partner_id,
        Wait.resource_id == Booking.resource_id,
        Wait.starts_at == Booking.starts_at,
        Wait.ends_at == Booking.ends_at,
        Wait.ended_at.is_(None),
    )
    return frozenset(db.session.scalars(select(Booking.id).join(Wait, same).where(Booking.id.in_(sorted(booking_ids)))))
