"""The first of two decisions: whoever answers for safety has no objection; then somebody else approves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...core.lifecycle import Action
from ...core.permissions import Actor, Do, require
from ...db import db, transactional
from ...models import Booking, Clearance
from .. import queries
from ..history import Step, settle
from ..steps import uncleared
from .errors import NotClearedError, StaleError
from .matters import locked, matter_of, still_open, who_decides
from .signing import Signature, sign


@transactional
def clear(actor: Actor, request_key: str, *, version: int, now: datetime, signature: Signature | None = None) -> None:
    """Say that safety has no objection to what of a request waits for that; those who approve then hear of it.

    Raises NotFoundError, ForbiddenError, NotPossibleError, StaleError where nothing waits for it any more, and
    UnsignedError where an agreement asks for a signature.
    """
    found = locked(actor, queries.request_by_key(actor, request_key))
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    waiting = uncleared(still_open(found, version, Action.CLEAR), now)
    if not waiting:
        raise StaleError
    sign(found, waiting, Action.CLEAR, signature, actor=actor, now=now)
    found.version += 1
    steps = []
    for one in waiting:
        db.session.add(Clearance(booking_id=one.id, person_id=actor.person_id, at=now))
        event = one.take(Action.CLEAR, actor_id=actor.person_id, now=now)
        steps.append(Step(one, Action.CLEAR, event, changes_holds=False))
    db.session.flush()
    approvers = {
        person for one in {two.resource_id: two for two in waiting}.values() for person in who_decides(one, now)
    }
    if found.assigned_to_id not in approvers:
        found.assigned_to_id = None  # it was given to somebody for the first step
    settle(steps, actor_id=actor.person_id, deciders=approvers, now=now)


def require_cleared(bookings: Iterable[Booking], now: datetime) -> None:
    """Raises NotClearedError where safety has still to say that it has no objection to one of these."""
    if uncleared(bookings, now):
        raise NotClearedError
