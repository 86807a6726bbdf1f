"""Changes that staff decide on: asked for, approved, declined, withdrawn. Until then the booking stands as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...core.facts import Verdict
from ...core.interval import Interval
from ...core.lifecycle import Action, NotPossibleError
from ...core.permissions import Actor, Do, require
from ...db import OverlapError, db, transactional
from ...models import Booking, PendingChange, Request, Unit
from ...people.queries import actor_of
from .. import findings, queries
from ..allocation import keep, wall
from ..history import Step, settle
from ..pending import asked, change_of, drop, end_changes
from . import deadlines
from .matters import (
    locked_booking,
    matter_of_booking,
    matter_of_change,
    matter_to_decide,
    place_of,
    spelled,
    taken,
)
from .signing import Signature, sign
from .waiving import allowed_at, forget_waivers, waive_what_is_in_the_way


def ask_change(
    actor: Actor, booking: Booking, unit: Unit, wanted: Interval, verdict: Verdict, *, now: datetime
) -> list[Step]:
    """Ask staff for another time or unit, in place of what was asked for before; the same again is no step.

    Returns the steps, with nobody told yet and no counter raised: `history.settle` does both.
    """
    before = change_of(booking)
    if before is not None and (before.unit_id, before.time) == (unit.id, wanted):
        return []
    steps = end_changes([booking], actor_id=actor.person_id, now=now)
    change = PendingChange(
        booking_id=booking.id,
        unit_id=unit.id,
        starts_at=wanted.start,
        ends_at=wanted.end,
        findings=findings.stored(verdict),
        asked_by_id=actor.person_id,
        asked_at=now,
    )
    db.session.add(change)
    db.session.flush()
    return [*steps, _step(booking, Action.ASK_CHANGE, actor, now, old=spelled(booking), **asked(change))]


def approve_change(
    actor: Actor,
    booking_key: str,
    *,
    version: int,
    now: datetime,
    signature: Signature | None = None,
    waiver: str = "",
) -> str:
    """Approve a change: the booking moves. What it is charged for being late it is charged now. Returns the request's.

    Raises as `approve` does of a request.
    """
    try:
        return _approve(actor, booking_key, signature, waiver, version=version, now=now)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        change = change_of(booking)
        wanted, unit_id = (change.time, change.unit_id) if change else (booking.time, booking.unit_id)
        raise taken(booking, wanted, now, unit_id=unit_id) from None


@transactional
def _approve(
    actor: Actor, booking_key: str, signature: Signature | None, waiver: str, *, version: int, now: datetime
) -> str:
    found, booking, change = _to_decide(actor, booking_key, version, Action.GRANT_CHANGE, now)
    sign(found, [booking], Action.GRANT_CHANGE, signature, actor=actor, now=now, change=change)
    told = deadlines.follows_of_moving(booking, change.time, change.unit_id, change.asked_at)
    forget_waivers(booking, allowed_at(booking, change.unit_id, change.time).waived)
    booking.findings = change.findings
    matter = matter_to_decide(booking, now)
    waive_what_is_in_the_way(booking, matter, waiver, actor=actor, now=now, change=change)
    before = spelled(booking)
    stand_at(booking, db.session.get_one(Unit, change.unit_id), change.time, booking.findings)
    drop(booking)
    found.version += 1
    step = _step(booking, Action.GRANT_CHANGE, actor, now, old=before, **spelled(booking))
    settle([step], actor_id=actor.person_id, deciders=(), now=now)
    asker = actor_of(change.asked_by_id, now)
    if asker is None or not deadlines.is_by_staff(asker, matter_of_booking(booking)):
        deadlines.write(actor, booking, told, now)
    return found.key


@transactional
def decline_change(
    actor: Actor, booking_key: str, *, reason: str, version: int, now: datetime, signature: Signature | None = None
) -> str:
    """Decline a change: everything stays as it was. Returns the request's key. Raises as `decline` does."""
    found, booking, change = _to_decide(actor, booking_key, version, Action.DECLINE_CHANGE, now)
    sign(found, [booking], Action.DECLINE_CHANGE, signature, actor=actor, now=now, change=change)
    return _without(found, booking, change, Action.DECLINE_CHANGE, actor, now, reason)


@transactional
def withdraw_change(actor: Actor, booking_key: str, *, version: int, now: datetime) -> str:
    """Take back what is asked for of a booking, which stays as it is. Returns the request's key.

    Staff who did not ask for it decline it, with a reason. Raises NotFoundError, ForbiddenError, StaleError,
    NotPossibleError.
    """
    found, booking = locked_booking(actor, booking_key, version, Do.MOVE_BOOKING, Action.WITHDRAW_CHANGE)
    change = _waiting(booking, Action.WITHDRAW_CHANGE)
    require(actor, Do.WITHDRAW_REQUEST, matter_of_change(booking, change))
    return _without(found, booking, change, Action.WITHDRAW_CHANGE, actor, now, "")


def _to_decide(
    actor: Actor, booking_key: str, version: int, action: Action, now: datetime
) -> tuple[Request, Booking, PendingChange]:
    seen = change_of(queries.booking_by_key(actor, booking_key))
    units = [db.session.get_one(Unit, seen.unit_id)] if seen else []
    found, booking = locked_booking(actor, booking_key, version, Do.DECIDE_REQUEST, action, units)
    require(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now))
    return found, booking, _waiting(booking, action)


def _waiting(booking: Booking, action: Action) -> PendingChange:
    change = change_of(booking)
    if change is None or change.is_proposal:
        raise NotPossibleError(booking.state, action)
    return change


def _without(
    found: Request, booking: Booking, change: PendingChange, action: Action, actor: Actor, now: datetime, reason: str
) -> str:
    """End a change by a step that leaves the booking as it is."""
    said = asked(change)
    drop(booking)
    found.version += 1
    step = _step(booking, action, actor, now, reason=reason, **said)
    settle([step], actor_id=actor.person_id, deciders=(), now=now)
    return found.key


def _step(booking: Booking, action: Action, actor: Actor, now: datetime, **said: Any) -> Step:
    """A step with the holds that follow of it."""
    event = booking.take(action, actor_id=actor.person_id, now=now, **said)
    resource, site = place_of(booking)
    return Step(booking, action, event, keep(booking, resource.terms, site))


def stand_at(booking: Booking, unit: Unit, wanted: Interval, said: list[dict[str, Any]]) -> None:
    """Put a booking elsewhere. That somebody has come was for the old start."""
    _, site = place_of(booking)
    if wanted.start != booking.starts_at:
        booking.checked_in_at = None
    booking.unit_id = unit.id
    booking.starts_at, booking.ends_at = wanted.start, wanted.end
    booking.wall_start, booking.wall_end = wall(wanted.start, site), wall(wanted.end, site)
    booking.findings = said
