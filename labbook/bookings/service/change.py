"""Withdrawing, cancelling and moving; and the record of looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...core.disclosure import Relation
from ...core.facts import Verdict
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.lifecycle import OPEN, Action, NotPossibleError, State, after
from ...core.permissions import Actor, Do, may, require
from ...db import Lock, OverlapError, db, take_locks, transactional
from ...models import Booking, Request, Unit
from ...models.audit import happened
from .. import findings, queries
from ..allocation import choose, cut, keep, let_go, used_up_to, wall
from ..facts import Around
from ..history import WHOLE, Step, settle
from . import deadlines
from .errors import StaleError
from .matters import (
    locked,
    matter_of,
    matter_of_booking,
    matter_to_decide,
    own_facts,
    place_of,
    refusal,
    site_lock,
    spelled,
    still_open,
    units_for,
    who_decides,
)
from .signing import is_signed
from .waiving import Allowed, allowed_at, forget_waivers, what_is_left


@transactional
def withdraw(actor: Actor, request_key: str, *, version: int, now: datetime) -> None:
    """Take back what of a request still waits. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError."""
    found = locked(actor, queries.request_by_key(actor, request_key))
    require(actor, Do.WITHDRAW_REQUEST, matter_of(found, now))
    end(found, still_open(found, version, Action.WITHDRAW), Action.WITHDRAW, actor, now, "")


@transactional
def cancel(actor: Actor, booking_key: str, *, reason: str, version: int, now: datetime, seen: str = "") -> str:
    """Cancel an approved booking, or release the rest of a running one. Returns the request's key.

    `seen` is what the page said would follow. Raises NotFoundError, ForbiddenError, StaleError, NotPossibleError,
    TooLateError, WorseError.
    """
    found, booking = _one(actor, booking_key, version, Do.CANCEL_BOOKING, Action.CANCEL)
    action = Action.RELEASE if booking.state is State.RUNNING else Action.CANCEL
    told = deadlines.follows_of_cancelling(booking, now)
    binds = deadlines.allow(actor, booking, told, seen)
    by, counts = "" if binds or told.is_free else "staff", WHOLE if binds and told.counts else ""
    end(found, [booking], action, actor, now, reason, by=by, counts=counts)
    if binds:
        deadlines.write(actor, booking, told, now)
    return found.key


def _one(
    actor: Actor, booking_key: str, version: int, do: Do, action: Action, units: Iterable[Unit] = ()
) -> tuple[Request, Booking]:
    booking = queries.booking_by_key(actor, booking_key)
    site = site_lock(booking.site_id, booking.partner_id)
    take_locks(
        [
            *site["wanted"],
            (Lock.AGREEMENT, booking.partner_id),
            (Lock.PERSON, booking.person_id),
            (Lock.UNIT, booking.unit_id),
            *((Lock.UNIT, unit.id) for unit in units),
        ],
        shared=site["shared"],
    )
    booking = queries.booking_by_key(actor, booking_key)
    found = booking.request
    require(actor, do, matter_of_booking(booking))
    if booking.state not in (State.WAITING, State.WISHED, State.APPROVED, State.RUNNING):
        raise NotPossibleError(booking.state, action)
    if booking.version != version:
        raise StaleError
    return found, booking


def end(
    found: Request,
    bookings: list[Booking],
    action: Action,
    actor: Actor,
    now: datetime,
    reason: str,
    *,
    by: str = "",
    counts: str = "",
) -> None:
    """Take a step that ends these bookings of a request, and let their units go; what was used of them stays held.

    History keeps `by` whom a deadline was passed over, and what still `counts` as used.
    """
    found.version += 1
    steps = []
    for booking in bookings:
        held_before = booking.holds_time
        event = booking.take(action, actor_id=actor.person_id, now=now, reason=reason, by=by, counts=counts)
        steps.append(Step(booking, action, event, _freed(booking, now) and held_before))
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)


def _freed(booking: Booking, now: datetime) -> bool:
    """Free what an ended booking need not hold any more; returns whether that changes what is held."""
    resource, site = place_of(booking)
    if booking.holds_time:
        booking.used_until = used_up_to(booking, now)
        return cut(booking, resource.terms, site)
    let_go(booking, resource.terms, site)
    return True


def move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str = ""
) -> str:
    """Give a booking another time or unit; the old time is kept until the new one is had. Returns the request's key.

    A waiver was for the old time: the new one is judged anew, and what is refused keeps the old one. What waits as an
    exception may stay one. To move it to where it stands is no step. `seen` is what the page said would follow. Raises
    as `request` does, and StaleError, NotPossibleError, TooLateError and WorseError.
    """
    try:
        return _move(actor, booking_key, wanted, unit=unit, version=version, now=now, seen=seen)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        facts, around = own_facts(booking, wanted, now)
        raise refusal(with_taken(Verdict(()), facts), facts, around) from None


@transactional
def _move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str
) -> str:
    as_it_was = queries.booking_by_key(actor, booking_key)
    resource, site = place_of(as_it_was)
    chosen = units_for(resource, unit)[0] if unit else db.session.get_one(Unit, as_it_was.unit_id)
    found, booking = _one(actor, booking_key, version, Do.MOVE_BOOKING, Action.MOVE, [chosen])
    after(booking.state, Action.MOVE)
    if (booking.unit_id, booking.time) == (chosen.id, wanted):
        return found.key  # it stands there already: nothing happened, and no feed has changed
    facts, around = own_facts(booking, wanted, now, unit_id=chosen.id)
    _, facts, verdict = choose([chosen], around)
    allowed = allowed_at(booking, chosen.id, wanted)
    left = what_is_left(verdict, allowed)
    if left.is_refused:
        raise refusal(left, facts, around)
    told = deadlines.follows_of_moving(booking, wanted, chosen.id, now)
    binds = deadlines.allow(actor, booking, told, seen)
    forget_waivers(booking, allowed.waived)
    before = spelled(booking)
    asks_again = left.needs_review and booking.state is State.APPROVED and not _decides(actor, booking, now)
    booking.unit_id = chosen.id
    booking.starts_at, booking.ends_at = wanted.start, wanted.end
    booking.wall_start, booking.wall_end = wall(wanted.start, site), wall(wanted.end, site)
    booking.findings = findings.stored(verdict)
    booking.checked_in_at = None  # it was for the old time
    found.version += 1
    action, by = Action.ASK_AGAIN if asks_again else Action.MOVE, "" if binds or told.is_free else "staff"
    event = booking.take(action, actor_id=actor.person_id, now=now, old=before, **spelled(booking), by=by)
    changes_holds = keep(booking, resource.terms, site)
    hear = who_decides(booking, now) if booking.state in OPEN else []
    settle([Step(booking, action, event, changes_holds)], actor_id=actor.person_id, deciders=hear, now=now)
    if binds:
        deadlines.write(actor, booking, told, now)
    return found.key


def _decides(actor: Actor, booking: Booking, now: datetime) -> bool:
    """Whether moving it is a decision already: by one who decides on it, and where no decision has to be signed."""
    return may(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now)) and not is_signed(booking.request, now)


@transactional
def note_look(actor: Actor, found: Request, relation: Relation, *, now: datetime) -> None:
    """Record that somebody opened another partner's request; written before the detail is shown."""
    db.session.add(
        happened(
            "request-looked-at",
            at=now,
            actor_id=actor.person_id,
            subject="request",
            subject_id=found.id,
            body={"as": str(relation)},
            site_id=found.site_id,
            partner_id=found.partner_id,
            request_id=found.id,
        )
    )


def look_at_move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, now: datetime
) -> tuple[Around, Unit, Allowed]:
    """The facts of a move without locks, for findings as one types, and what does not stand in the way.

    Raises NotFoundError, ForbiddenError.
    """
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.MOVE_BOOKING, matter_of_booking(booking))
    resource, _ = place_of(booking)
    chosen = units_for(resource, unit)[0] if unit else db.session.get_one(Unit, booking.unit_id)
    around = own_facts(booking, wanted, now, unit_id=chosen.id)[1]
    return around, chosen, allowed_at(booking, chosen.id, wanted)


def note_schedule_look(actor: Actor, site_id: int, window: Interval, *, now: datetime) -> None:
    """Record that somebody who sees by duty alone looks at a site's schedule; written before it is shown."""
    if actor.looks_at_everything and site_id not in actor.staffed_sites:
        _note_schedule_look(actor, site_id, window, now)


@transactional
def _note_schedule_look(actor: Actor, site_id: int, window: Interval, now: datetime) -> None:
    shown = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    looked = happened(
        "schedule-looked-at",
        at=now,
        actor_id=actor.person_id,
        subject="site",
        subject_id=site_id,
        body=shown,
        site_id=site_id,
    )
    db.session.add(looked)
