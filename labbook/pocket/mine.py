"""Reads about one's own bookings for a phone; each one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from ..bookings.queries import booking_rows
from ..core.disclosure import BookingRow, Full, shown_to
from ..core.lifecycle import HOLDS_TIME, OPEN
from ..core.permissions import Actor
from ..db import db
from ..models import Booking, Request

MOST_AHEAD = 60


@dataclass(frozen=True, slots=True)
class LastUse:
    """What one wrote when one last booked a resource."""

    title: str
    partner_id: int
    mode: str
    biosafety: int
    length: timedelta


def last_use(person_id: int, resource_id: int) -> LastUse | None:
    """A person's own last booking of a resource, whatever became of it, as the next one is likely to be."""
    row = db.session.execute(
        select(
            *(Request.title, Booking.partner_id, Booking.mode, Booking.biosafety),
            *(Booking.starts_at, Booking.ends_at),
        )
        .join(Request, Request.id == Booking.request_id)
        .where(Booking.person_id == person_id, Booking.resource_id == resource_id, Request.asked_by_id == person_id)
        .order_by(Booking.created_at.desc(), Booking.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return LastUse(row.title, row.partner_id, row.mode, row.biosafety, row.ends_at - row.starts_at)


def own_here(viewer: Actor, resource_id: int, after: datetime, before: datetime) -> list[BookingRow]:
    """The viewer's own bookings of a resource that stand or wait and lie within these instants, by start."""
    return _own(viewer, Booking.resource_id == resource_id, Booking.ends_at > after, Booking.starts_at < before)


def own_ahead(viewer: Actor, now: datetime) -> list[BookingRow]:
    """The viewer's own bookings that stand or wait and are not over, by start, the first few dozen."""
    return _own(viewer, Booking.ends_at > now)[:MOST_AHEAD]


def _own(viewer: Actor, *conditions: ColumnElement[bool]) -> list[BookingRow]:
    stands = Booking.state.in_(sorted(HOLDS_TIME | OPEN))
    rows = booking_rows(Booking.person_id == viewer.person_id, stands, *conditions)
    return [row for row in rows if isinstance(shown_to(viewer, row), Full)]
