"""Reading when somebody last used what a training is for, as a column of any query that selects from Training."""

from __future__ import annotations

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.orm import aliased

from ..core.lifecycle import State
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
