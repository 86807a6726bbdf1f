"""Reads about the units of a resource, those that are out of use included."""

from __future__ import annotations

from sqlalchemy import select

from ..db import db
from ..models import Unit


def all_units_of(resource_id: int) -> list[Unit]:
    """The units of a resource in order, those that are out of use included."""
    of_it = select(Unit).where(Unit.resource_id == resource_id).order_by(Unit.position, Unit.id)
    return list(db.session.scalars(of_it.execution_options(populate_existing=True)))
