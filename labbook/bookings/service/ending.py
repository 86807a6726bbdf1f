"""Withdrawing and cancelling: what ends bookings, and lets their units go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...core.lifecycle import Action, State
from ...core.permissions import Actor, Do, require
from ...core.reasons import Reason
from ...db import transactional
from ...models import Booking, Request
from .. import queries
from ..allocation import cut, let_go, used_up_to
from ..history import WHOLE, Step, settle
from ..pending import end_changes
from . import deadlines
from .matters import locked, locked_booking, matter_to_withdraw, place_of, still_open


@transactional
def withdraw(actor: Actor, request_key: str, *, version: int, now: datetime) -> None:
    """Take back what of a request still waits. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError."""
    found = locked(actor, queries.request_by_key(actor, request_key))
    require(actor, Do.WITHDRAW_REQUEST, matter_to_withdraw(found))
    end(found, still_open(found, version, Action.WITHDRAW), Action.WITHDRAW, actor, now, "")


@transactional
def cancel(actor: Actor, booking_key: str, *, reason: str, version: int, now: datetime, seen: str = "") -> str:
    """Cancel an approved booking, or release the rest of a running one. Returns the request's key.

    `seen` is what the page said would follow. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError,
    TooLateError, WorseError.
    """
    found, booking = locked_booking(actor, booking_key, version, Do.CANCEL_BOOKING, Action.CANCEL)
    action = Action.RELEASE if booking.state is State.RUNNING else Action.CANCEL
    told = deadlines.follows_of_cancelling(booking, now)
    binds = deadlines.allow(actor, booking, told, seen)
    by, counts = "" if binds or told.is_free else "staff", WHOLE if binds and told.counts else ""
    end(found, [booking], action, actor, now, reason, by=by, counts=counts)
    if binds:
        deadlines.write(actor, booking, told, now)
    return found.key


def end(
    found: Request,
    bookings: list[Booking],
    action: Action,
    actor: Actor,
    now: datetime,
    reason: Reason,
    **said: Any,
) -> None:
    """Take a step that ends these bookings of a request, and let their units go; what was used of them stays held.

    History keeps what is `said` besides: `by` whom a deadline was passed over, what still `counts` as used, or the
    request `for_id` whose approval left no place for it.
    """
    found.version += 1
    steps = [step for one in bookings for step in ended(one, action, actor, now, reason, **said)]
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)


def ended(
    booking: Booking, action: Action, actor: Actor | None, now: datetime, reason: Reason, **said: Any
) -> list[Step]:
    """The same for one booking, by somebody or by the clock, with nobody told yet: `history.settle` does that, too.

    What was asked for instead of the booking ends before it.
    """
    actor_id = actor.person_id if actor else None
    before = end_changes([booking], actor_id=actor_id, now=now)
    held_before = booking.holds_time
    event = booking.take(action, actor_id=actor_id, now=now, reason=reason, **said)
    return [*before, Step(booking, action, event, _freed(booking, now) and held_before)]


def _freed(booking: Booking, now: datetime) -> bool:
    """Free what an ended booking need not hold any more; returns whether that changes what is held."""
    resource, site = place_of(booking)
    if booking.holds_time:
        booking.used_until = used_up_to(booking, now)
        return cut(booking, resource.terms, site)
    let_go(booking, resource.terms, site)
    return True
