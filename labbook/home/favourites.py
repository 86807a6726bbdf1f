"""Reads about the resources that somebody wants to see first."""

from __future__ import annotations

from sqlalchemy import select

from ..db import db
from ..models import Favourite


def favourite_ids(person_id: int) -> frozenset[int]:
    """The ids of somebody's favourites, those too that are hidden from them by now: to mark what is shown anyway."""
    return frozenset(db.session.scalars(select(Favourite.resource_id).where(Favourite.person_id == person_id)))
