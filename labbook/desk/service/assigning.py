"""Giving a request to one of those who decide on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...bookings import queries
from ...bookings.service.matters import locked, matter_of, still_open, who_decides
from ...core.lifecycle import OPEN, Action
from ...core.permissions import Actor, Do, require
from ...core.searching import by_reading
from ...db import db, transactional
from ...models import Person, Request
from .errors import NobodyError
from .telling import tell


def assignable(found: Request, now: datetime) -> list[Person]:
    """Those who decide on what of a request waits, by reading."""
    numbers = {person for one in found.bookings if one.state in OPEN for person in who_decides(one, now)}
    rows = db.session.scalars(select(Person).where(Person.id.in_(numbers)))
    return sorted(rows, key=lambda one: (by_reading(one), one.id))


@transactional
def assign(actor: Actor, request_key: str, to: str, *, version: int, now: datetime) -> None:
    """Give a request to one of those who decide, by their key, or to all of them again; that person hears of it.

    The same again is no step. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError, NobodyError.
    """
    found = locked(actor, queries.request_by_key(actor, request_key))
    require(actor, Do.ASSIGN_REQUEST, matter_of(found, now))
    chosen = next((one for one in assignable(found, now) if one.key == to), None)
    if found.assigned_to_id == (chosen.id if chosen else None) and (chosen or not to):
        return
    still_open(found, version, Action.APPROVE)
    if to and chosen is None:
        raise NobodyError
    found.assigned_to_id = chosen.id if chosen else None
    found.version += 1
    body = {"to_id": chosen.id} if chosen else {}
    tell("request-assigned", found, body.values(), actor_id=actor.person_id, now=now, **body)
