"""Proposals: staff would approve another time or unit, which is held until whoever asked takes it or not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from ...bookings import findings, queries
from ...bookings.allocation import keep
from ...bookings.history import Step, settle
from ...bookings.pending import asked, change_of, changes_of, drop, end_changes
from ...bookings.series import of_one_date
from ...bookings.service.awaiting import await_decision
from ...bookings.service.changing import stand_at
from ...bookings.service.clearing import require_cleared
from ...bookings.service.errors import StaleError
from ...bookings.service.matters import (
    locked,
    matter_of,
    matter_of_booking,
    place_of,
    refusal,
    spelled,
    still_open,
    taken,
)
from ...bookings.service.signing import Signature, sign
from ...bookings.service.waiving import forget_waivers, in_the_way
from ...core.facts import Effect, Verdict
from ...core.interval import Interval
from ...core.lifecycle import OPEN, Action, NotPossibleError
from ...core.permissions import Actor, Do, require
from ...db import OverlapError, db, transactional
from ...models import Booking, Event, Notice, PendingChange, Request, Unit
from .errors import BegunError, GoneError, SameError
from .places import Otherwise, chosen_unit


def propose(
    actor: Actor,
    request_key: str,
    otherwise: Otherwise,
    *,
    note: str,
    version: int,
    longest: timedelta,
    now: datetime,
    signature: Signature | None = None,
) -> datetime:
    """Keep another time or unit for a booking that waits, in place of what was proposed before; until then it waits.

    Returns until when it is kept: for `longest`, but no longer than until it begins. Raises NotFoundError,
    ForbiddenError, StaleError, NotPossibleError, BegunError, SameError, UnsignedError, and RefusedError where it is not
    free, or a rule is in the way.
    """
    try:
        return _propose(actor, request_key, otherwise, note, longest, signature, version=version, now=now)
    except OverlapError:
        booking = queries.booking_by_key(actor, otherwise.booking_key)
        unit = chosen_unit(booking, otherwise.unit)
        raise taken(booking, otherwise.time, now, unit_id=unit.id) from None


@transactional
def _propose(
    actor: Actor,
    request_key: str,
    otherwise: Otherwise,
    note: str,
    longest: timedelta,
    signature: Signature | None,
    *,
    version: int,
    now: datetime,
) -> datetime:
    found, booking, unit = to_decide(actor, request_key, otherwise, version, Action.PROPOSE, now)
    if (booking.unit_id, booking.time) == (unit.id, otherwise.time):
        raise SameError
    require_cleared([booking], now)
    change = proposed(booking, unit, otherwise.time, actor, note=note, longest=longest, now=now)
    way = in_the_way(booking, now, change)
    if way.refusals:
        raise refusal(Verdict(way.refusals), way.facts, way.around)
    change.findings = findings.stored(Verdict(tuple(one for one in way.verdict.findings if not _refuses(one.effect))))
    sign(found, [booking], Action.PROPOSE, signature, actor=actor, now=now, change=change)
    _say_no_more([booking.id], now)
    steps = end_changes([booking], actor_id=actor.person_id, now=now)
    db.session.add(change)
    db.session.flush()
    found.version += 1
    until = change.until or now
    said = {**asked(change), "until": until.isoformat(), "note": note}
    steps.append(_step(booking, Action.PROPOSE, actor, now, old=spelled(booking), **said))
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)
    return until


def proposed(
    booking: Booking, unit: Unit, time: Interval, actor: Actor, *, now: datetime, note: str = "", longest: timedelta
) -> PendingChange:
    """What staff would approve, not added yet. Raises BegunError for what is not to come."""
    if time.start <= now:
        raise BegunError
    return PendingChange(
        booking_id=booking.id,
        unit_id=unit.id,
        starts_at=time.start,
        ends_at=time.end,
        findings=booking.findings,
        asked_by_id=actor.person_id,
        asked_at=now,
        until=min(now + longest, time.start),
        note=note,
    )


def to_decide(
    actor: Actor, request_key: str, otherwise: Otherwise, version: int, action: Action, now: datetime
) -> tuple[Request, Booking, Unit]:
    """With all locks: a request, that of its bookings that waits, and the unit. Raises StaleError where it does not."""
    unit = chosen_unit(queries.booking_by_key(actor, otherwise.booking_key), otherwise.unit)
    found = locked(actor, queries.request_by_key(actor, request_key), [unit.id])
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    booking = next((one for one in still_open(found, version, action) if one.key == otherwise.booking_key), None)
    if booking is None:
        raise StaleError
    return found, booking, unit


def _refuses(effect: Effect) -> bool:
    return effect is Effect.REFUSE


# --- answering --------------------------------------------------------------------------------------------------------


def accept(actor: Actor, booking_key: str, *, version: int, now: datetime) -> str:
    """Take what is proposed: it is approved there, with all that is decided with it. Returns the request's key.

    It is judged once more. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError, GoneError when it has
    lapsed, and RefusedError.
    """
    try:
        return _accept(actor, booking_key, version=version, now=now)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        raise taken(booking, booking.time, now) from None


@transactional
def _accept(actor: Actor, booking_key: str, *, version: int, now: datetime) -> str:
    found, date, changes = _to_answer(actor, booking_key, version, Action.ACCEPT_PROPOSAL, now)
    require_cleared(date, now)
    found.version += 1
    _say_no_more(changes, now)
    steps, proposers = [], {one.asked_by_id for one in changes.values()}
    for booking in date:  # one after the other: each counts for the next
        change = changes.get(booking.id)
        way = in_the_way(booking, now, change)
        if way.refusals:
            raise refusal(Verdict(way.refusals), way.facts, way.around)
        before = spelled(booking)
        if change is not None:
            stand_at(booking, db.session.get_one(Unit, change.unit_id), change.time, change.findings)
            drop(booking)
        forget_waivers(booking, ())
        steps.append(_step(booking, Action.ACCEPT_PROPOSAL, actor, now, old=before, **spelled(booking)))
    settle(steps, actor_id=actor.person_id, deciders=proposers, now=now)
    return found.key


@transactional
def refuse(actor: Actor, booking_key: str, *, reason: str, version: int, now: datetime) -> str:
    """Leave what is proposed: staff decide on what was asked for. Returns the request's key.

    Raises as `accept` does.
    """
    found, date, changes = _to_answer(actor, booking_key, version, Action.REFUSE_PROPOSAL, now)
    proposers = {one.asked_by_id for one in changes.values()}
    _without(found, date, changes, Action.REFUSE_PROPOSAL, actor, proposers, now, reason=reason)
    await_decision(found.bookings, now, anew=True)  # staff have their time again
    return found.key


@transactional
def take_back(actor: Actor, booking_key: str, *, version: int, now: datetime) -> str:
    """Propose it no longer; what was asked for waits. Returns the request's key. Raises as `accept` does."""
    found = _locked(actor, booking_key)
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    date, changes = _of_date(found, booking_key, version, Action.END_PROPOSAL, now)
    _without(found, date, changes, Action.END_PROPOSAL, actor, (), now)
    return found.key


def _to_answer(
    actor: Actor, booking_key: str, version: int, action: Action, now: datetime
) -> tuple[Request, list[Booking], dict[int, PendingChange]]:
    found = _locked(actor, booking_key)
    require(actor, Do.ANSWER_PROPOSAL, matter_of_booking(queries.booking_by_key(actor, booking_key)))
    return found, *_of_date(found, booking_key, version, action, now)


def _locked(actor: Actor, booking_key: str) -> Request:
    """The request of a booking, with its locks and those of the units that are proposed."""
    found = queries.booking_by_key(actor, booking_key).request
    proposed_units = [one.unit_id for one in changes_of(booking.id for booking in found.bookings).values()]
    return locked(actor, found, proposed_units)


def _of_date(
    found: Request, booking_key: str, version: int, action: Action, now: datetime
) -> tuple[list[Booking], dict[int, PendingChange]]:
    """What is decided together with a booking, and what is proposed for it.

    Raises NotPossibleError where it waits no more, GoneError where nothing is proposed (any more), StaleError.
    """
    booking = next(one for one in found.bookings if one.key == booking_key)
    if booking.state not in OPEN:
        raise NotPossibleError(booking.state, action)
    open_ = [one for one in found.bookings if one.state in OPEN]
    date = next(several for several in of_one_date(open_, found.id) if booking in several)
    changes = {number: one for number, one in changes_of(one.id for one in date).items() if one.is_proposal}
    if booking.id not in changes or any(one.until is None or one.until <= now for one in changes.values()):
        raise GoneError
    if found.version != version:
        raise StaleError
    return date, changes


def _without(
    found: Request,
    date: Iterable[Booking],
    changes: dict[int, PendingChange],
    action: Action,
    actor: Actor,
    hear: Iterable[int],
    now: datetime,
    *,
    reason: str = "",
) -> None:
    """End proposals by a step that leaves what was asked for as it is."""
    found.version += 1
    _say_no_more(changes, now)
    steps = []
    for booking in date:
        if booking.id in changes:
            said = asked(changes[booking.id])
            drop(booking)
            steps.append(_step(booking, action, actor, now, reason=reason, **said))
    settle(steps, actor_id=actor.person_id, deciders=hear, now=now)


def _say_no_more(booking_ids: Iterable[int], now: datetime) -> None:
    """Nobody who has not been written to yet of what was proposed is asked by mail for an answer any more."""
    about = select(Event.id).where(Event.booking_id.in_(list(booking_ids)), Event.code == f"booking-{Action.PROPOSE}")
    unwritten = update(Notice).where(Notice.event_id.in_(about), Notice.sent_at.is_(None))
    db.session.execute(unwritten.values(sent_at=now))


def _step(booking: Booking, action: Action, actor: Actor, now: datetime, **said: object) -> Step:
    """A step with the holds that follow of it."""
    event = booking.take(action, actor_id=actor.person_id, now=now, **said)
    resource, site = place_of(booking)
    return Step(booking, action, event, keep(booking, resource.terms, site))


# --- second clicks ----------------------------------------------------------------------------------------------------


def is_proposed(actor: Actor, otherwise: Otherwise) -> bool:
    """Whether just that is proposed, and was by this person in the booking's last step."""
    booking = queries.booking_by_key(actor, otherwise.booking_key)
    change = change_of(booking)
    if change is None or not change.is_proposal:
        return False
    same = (change.unit_id, change.time) == (chosen_unit(booking, otherwise.unit).id, otherwise.time)
    return same and queries.last_step(booking.key) == (f"booking-{Action.PROPOSE}", actor.person_id)


def is_answered(actor: Actor, booking_key: str, action: Action) -> bool:
    """Whether the booking's last step was this person's very answer."""
    queries.booking_by_key(actor, booking_key)
    return queries.last_step(booking_key) == (f"booking-{action}", actor.person_id)
