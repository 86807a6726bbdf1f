"""Changes that wait for a decision, proposals that wait for an answer, and how they end.

Until then the booking stands as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from ..core.lifecycle import OPEN, Action, State
from ..db import db
from ..models import Booking, PendingChange, Resource, Site, Unit
from .allocation import keep
from .history import Step

_ENDS = {
    **dict.fromkeys((State.APPROVED, State.RUNNING), Action.END_CHANGE),
    **dict.fromkeys(OPEN, Action.END_PROPOSAL),
}


def change_of(booking: Booking) -> PendingChange | None:
    """What is asked for, or proposed, instead of what a booking is; None where nothing is."""
    return changes_of([booking.id]).get(booking.id)


def changes_of(booking_ids: Iterable[int]) -> dict[int, PendingChange]:
    """The same for several bookings; one statement."""
    found = select(PendingChange).where(PendingChange.booking_id.in_(sorted(set(booking_ids))))
    rows = db.session.scalars(found.execution_options(populate_existing=True))
    return {one.booking_id: one for one in rows}


def overdue_changes(now: datetime, most: int) -> list[int]:
    """The bookings whose new time has begun while nobody decided on it, or whose proposal nobody answered in time."""
    begun = and_(Booking.state == State.APPROVED, PendingChange.starts_at <= now)
    found = (
        select(PendingChange.booking_id)
        .join(Booking, Booking.id == PendingChange.booking_id)
        .where(or_(begun, PendingChange.until <= now))
        .order_by(PendingChange.booking_id)
        .limit(most)
    )
    return list(db.session.scalars(found))


def stands_until_later(now: datetime) -> ColumnElement[bool]:
    """Of a Booking that waits: something else is proposed for it, and there is time yet to answer."""
    return exists().where(PendingChange.booking_id == Booking.id, PendingChange.until > now)


def asked(change: PendingChange) -> dict[str, str]:
    """A change as history keeps it."""
    unit = db.session.get_one(Unit, change.unit_id).name
    return {"starts": change.starts_at.isoformat(), "ends": change.ends_at.isoformat(), "unit": unit}


def drop(booking: Booking) -> None:
    """Forget the change; its holds go with the booking's next `keep`."""
    db.session.execute(delete(PendingChange).where(PendingChange.booking_id == booking.id))


def end_changes(bookings: Iterable[Booking], *, actor_id: int | None, now: datetime) -> list[Step]:
    """End what waits to be changed of these bookings, or is proposed for them.

    Nobody decided or answered, or something else becomes of them. Its holds
    end; returns the steps that say so, to be written down with the others.
    """
    several = {one.id: one for one in bookings if one.state in _ENDS}
    waiting = changes_of(several) if several else {}
    return [_ended(several[number], change, actor_id, now) for number, change in sorted(waiting.items())]


def _ended(booking: Booking, change: PendingChange, actor_id: int | None, now: datetime) -> Step:
    said = asked(change)
    drop(booking)
    action = _ENDS[booking.state]
    event = booking.take(action, actor_id=actor_id, now=now, **said)
    resource, site = db.session.get_one(Resource, booking.resource_id), db.session.get_one(Site, booking.site_id)
    return Step(booking, action, event, keep(booking, resource.terms, site))
