"""Columns about use: until when a booking was used and counts, and when somebody last used what a training is for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from ..core.lifecycle import Action, State
from .audit import Event
from .booking import Booking
from .resource import ResourceTraining
from .training import Training


def last_use(person_id: SQLColumnExpression[int] | int) -> ColumnElement[str | None]:
    """When the person's last booking of what demands a Training ends, by its site's clock; none if none can matter."""
    booking, demand = aliased(Booking), aliased(ResourceTraining)
    return (
        select(func.max(booking.wall_end))
        .join(demand, demand.resource_id == booking.resource_id)
        .where(
            booking.person_id == person_id,
            booking.state.in_((State.RUNNING, State.FINISHED)),
            demand.training_id == Training.id,
            Training.disuse_days.is_not(None),
        )
        .correlate_except(booking, demand)
        .scalar_subquery()
    )


def used_until() -> SQLColumnExpression[datetime]:
    """Until when a Booking was used: to its end, unless it was given back before."""
    return func.coalesce(Booking.used_until, Booking.ends_at)


def counted_until() -> SQLColumnExpression[datetime]:
    """Until when a Booking counts: what was lost without being used may count whole."""
    return case((Booking.counts_anyway, Booking.ends_at), else_=used_until())


def was_used() -> ColumnElement[bool]:
    """The condition under which somebody used a Booking; one that was freed because nobody came is none, ever."""
    missed = select(Event.id).where(Event.booking_id == Booking.id, Event.code == f"booking-{Action.NO_SHOW}")
    return or_(
        Booking.state == State.FINISHED,
        and_(Booking.state == State.RELEASED, ~missed.correlate(Booking).exists()),
    )
