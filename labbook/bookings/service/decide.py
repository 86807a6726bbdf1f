"""Approving and declining."""

from __future__ import annotations

from datetime import datetime

from ...core.facts import Verdict
from ...core.free import with_taken
from ...core.lifecycle import OPEN, Action
from ...core.permissions import Actor, Do, require
from ...db import OverlapError, transactional
from ...models import Booking, Request
from .. import queries
from ..allocation import keep
from ..history import Step, settle
from .ending import end
from .matters import locked, matter_of, own_facts, place_of, refusal, still_open
from .signing import Signature, sign
from .waiving import waive_what_is_in_the_way


def approve(
    actor: Actor,
    request_key: str,
    *,
    version: int,
    now: datetime,
    signature: Signature | None = None,
    waiver: str = "",
) -> None:
    """Approve what of a request still waits; a wished booking takes its holds now. `waiver` says why, against rules.

    Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError, RefusedError when its time is no longer free or
    a rule is in the way that this person may not waive, WaiverNeededError when one is that they may, and there is no
    reason; UnsignedError where an agreement asks for a signature.
    """
    try:
        _approve(actor, request_key, signature, waiver, version=version, now=now)
    except OverlapError:
        found = queries.request_by_key(actor, request_key)
        booking = next((one for one in found.bookings if one.state in OPEN), found.bookings[0])
        facts, around = own_facts(booking, booking.time, now)
        raise refusal(with_taken(Verdict(()), facts), facts, around) from None


@transactional
def _approve(
    actor: Actor, request_key: str, signature: Signature | None, waiver: str, *, version: int, now: datetime
) -> None:
    found, open_ = _to_decide(actor, request_key, version, now)
    matter = matter_of(found, now)
    sign(found, open_, Action.APPROVE, signature, actor=actor, now=now)
    found.version += 1
    steps = []
    for booking in open_:  # one after the other: each counts for the next
        waive_what_is_in_the_way(booking, matter, waiver, actor=actor, now=now)
        resource, site = place_of(booking)
        event = booking.take(Action.APPROVE, actor_id=actor.person_id, now=now)
        steps.append(Step(booking, Action.APPROVE, event, keep(booking, resource.terms, site)))
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)


@transactional
def decline(
    actor: Actor, request_key: str, *, reason: str, version: int, now: datetime, signature: Signature | None = None
) -> None:
    """Decline what of a request still waits.

    Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError, and UnsignedError as `approve` does.
    """
    found, open_ = _to_decide(actor, request_key, version, now)
    sign(found, open_, Action.DECLINE, signature, actor=actor, now=now)
    end(found, open_, Action.DECLINE, actor, now, reason)


def _to_decide(actor: Actor, request_key: str, version: int, now: datetime) -> tuple[Request, list[Booking]]:
    found = locked(actor, queries.request_by_key(actor, request_key))
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    return found, still_open(found, version, Action.APPROVE)
