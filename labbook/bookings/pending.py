"""Changes that wait for a decision, and how they end; until then the booking stands as it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from ..core.lifecycle import Action, State
from ..db import db
from ..models import Booking, PendingChange, Resource, Site, Unit
from .allocation import keep
from .history import Step


class Waits(NamedTuple):
    """A change that waits, with its booking."""

    change: PendingChange
    booking: Booking


def change_of(booking: Booking) -> PendingChange | None:
    """What is asked for instead of what a booking is; None where nothing is."""
    return changes_of([booking.id]).get(booking.id)


def changes_of(booking_ids: Iterable[int]) -> dict[int, PendingChange]:
    """The same for several bookings; one statement."""
    found = select(PendingChange).where(PendingChange.booking_id.in_(sorted(set(booking_ids))))
    rows = db.session.scalars(found.execution_options(populate_existing=True))
    return {one.booking_id: one for one in rows}


def changes_at(site_ids: Iterable[int]) -> list[Waits]:
    """Everything at these sites that waits to be changed, by its new start."""
    found = (
        select(PendingChange, Booking)
        .join(Booking, Booking.id == PendingChange.booking_id)
        .options(joinedload(Booking.request, innerjoin=True))
        .where(Booking.site_id.in_(sorted(site_ids)))
        .order_by(PendingChange.starts_at, Booking.id)
    )
    return [Waits(*row) for row in db.session.execute(found)]


def begun_changes(now: datetime, most: int) -> list[int]:
    """The bookings that are yet to begin, and whose new time has begun while nobody decided on it."""
    found = (
        select(PendingChange.booking_id)
        .join(Booking, Booking.id == PendingChange.booking_id)
        .where(Booking.state == State.APPROVED, PendingChange.starts_at <= now)
        .order_by(PendingChange.booking_id)
        .limit(most)
    )
    return list(db.session.scalars(found))


def asked(change: PendingChange) -> dict[str, str]:
    """A change as history keeps it."""
    unit = db.session.get_one(Unit, change.unit_id).name
    return {"starts": change.starts_at.isoformat(), "ends": change.ends_at.isoformat(), "unit": unit}


def drop(booking: Booking) -> None:
    """Forget the change; its holds go with the booking's next `keep`."""
    db.session.execute(delete(PendingChange).where(PendingChange.booking_id == booking.id))


def end_changes(bookings: Iterable[Booking], *, actor_id: int | None, now: datetime) -> list[Step]:
    """End what waits to be changed of these bookings, since nobody decided or something else becomes of them.

    Its holds end; returns the steps that say so, to be written down with the others.
    """
    several = {one.id: one for one in bookings if one.state in (State.APPROVED, State.RUNNING)}
    waiting = changes_of(several) if several else {}
    return [_ended(several[number], change, actor_id, now) for number, change in sorted(waiting.items())]


def _ended(booking: Booking, change: PendingChange, actor_id: int | None, now: datetime) -> Step:
    said = asked(change)
    drop(booking)
    event = booking.take(Action.END_CHANGE, actor_id=actor_id, now=now, **said)
    resource, site = db.session.get_one(Resource, booking.resource_id), db.session.get_one(Site, booking.site_id)
    return Step(booking, Action.END_CHANGE, event, keep(booking, resource.terms, site))
