"""Undoing one's own decision a moment later, before anybody is written to: all of that step, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from ...bookings import queries
from ...bookings.allocation import keep
from ...bookings.history import Step, settle
from ...bookings.service.awaiting import await_decision
from ...bookings.service.changing import stand_at
from ...bookings.service.errors import StaleError
from ...bookings.service.matters import lock_all, matter_of, place_of, refusal, spelled, taken
from ...bookings.service.signing import is_signed
from ...bookings.service.waiving import forget_waivers, in_the_way
from ...core.facts import Verdict
from ...core.hearing import UNDOABLE, UNDONE_WITHIN
from ...core.interval import Interval
from ...core.lifecycle import Action, State, is_possible
from ...core.permissions import Actor, Do, require
from ...db import OverlapError, db, transactional
from ...models import Booking, Event, EventDetail, Notice, PendingChange, Request, Unit
from .errors import TooLateError

_CODES = {f"booking-{one}": one for one in UNDOABLE}
_BACK_TO = {State.WAITING: Action.UNDO, State.WISHED: Action.UNDO_WISH}


class Decided(NamedTuple):
    """What was decided on one booking, and what it was before."""

    event_id: int
    booking: Booking
    before: State
    old: dict[str, str] | None  # where it stood, if it was approved elsewhere


class Decision(NamedTuple):
    """One step of somebody's: on all bookings of a request, and on rivals that became impossible by it."""

    action: Action
    at: datetime
    decided: tuple[Decided, ...]
    rivals: tuple[Decided, ...]

    @property
    def until(self) -> datetime:
        """Until when it can be undone."""
        return self.at + UNDONE_WITHIN


def decision_to_undo(actor: Actor, found: Request, now: datetime) -> Decision | None:
    """The decision on a request that this person has just taken, if it can be undone still.

    What was signed stands; so does what something else has become of since.
    """
    events = _since_undone(_events(Event.request_id == found.id, Event.at > now - UNDONE_WITHIN))
    mine = [event for event, _ in events if event.code in _CODES and event.actor_id == actor.person_id]
    if not mine or is_signed(found, now):
        return None
    last, bookings = mine[-1], {one.id: one for one in found.bookings}
    decided = _decided([one for one in events if one[0] in mine and _same_step(one[0], last)], bookings)
    if decided is None or {one.event_id for one in decided} - _last_of_each(events):
        return None
    return Decision(_CODES[last.code], last.at, decided, _rivals(found, last))


def _events(*conditions: Any) -> list[tuple[Event, EventDetail]]:
    rows = db.session.execute(
        select(Event, EventDetail)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.booking_id.is_not(None), *conditions)
        .order_by(Event.id)
        .execution_options(populate_existing=True)
    )
    return [(row.Event, row.EventDetail) for row in rows]


def _since_undone(events: Sequence[tuple[Event, EventDetail]]) -> list[tuple[Event, EventDetail]]:
    """What happened after the last undoing, if anything was undone."""
    codes = {f"booking-{one}" for one in _BACK_TO.values()}
    undone = max((event.id for event, _ in events if event.code in codes), default=0)
    return [one for one in events if one[0].id > undone]


def _same_step(one: Event, last: Event) -> bool:
    return (one.code, one.at) == (last.code, last.at)


def _last_of_each(events: Iterable[tuple[Event, EventDetail]]) -> set[int]:
    """The last event of each booking."""
    return set({event.booking_id: event.id for event, _ in events}.values())


def _decided(events: Sequence[tuple[Event, EventDetail]], bookings: dict[int, Booking]) -> tuple[Decided, ...] | None:
    """What these events did; None where one of the bookings cannot go back any more."""
    several = []
    for event, detail in events:
        body, booking = detail.body or {}, bookings[event.booking_id or 0]
        before = State(body["before"]) if "before" in body else None
        if before not in _BACK_TO or not is_possible(booking.state, _BACK_TO[before]):
            return None
        several.append(Decided(event.id, booking, before, body.get("old")))
    return tuple(several)


def _rivals(found: Request, last: Event) -> tuple[Decided, ...]:
    """What was declined of others in the same step, as far as it still is."""
    if _CODES[last.code] is not Action.APPROVE:
        return ()
    at, code = last.at, f"booking-{Action.DECLINE}"
    others = _events(Event.actor_id == last.actor_id, Event.at == at, Event.code == code, Event.request_id != found.id)
    lost = [(event, detail) for event, detail in others if (detail.body or {}).get("for_id") == found.id]
    numbers = [event.booking_id for event, _ in lost]
    rows = db.session.scalars(select(Booking).where(Booking.id.in_(numbers)).execution_options(populate_existing=True))
    bookings = {one.id: one for one in rows}
    still = _last_of_each(_events(Event.booking_id.in_(numbers))) if numbers else set()
    each = [_decided([one], bookings) for one in lost if one[0].id in still]
    return tuple(one for few in each if few for one in few)


def undo(actor: Actor, request_key: str, *, version: int, now: datetime) -> Action:
    """Let what one has just decided wait again, as it did before. Returns what is undone.

    Raises NotFoundError, ForbiddenError, StaleError, TooLateError, and RefusedError where its time is taken meanwhile
    or the rules would not let it wait there any more.
    """
    try:
        return _undo(actor, request_key, version=version, now=now)
    except OverlapError:
        found = queries.request_by_key(actor, request_key)
        raise taken(found.bookings[0], found.bookings[0].time, now) from None


@transactional
def _undo(actor: Actor, request_key: str, *, version: int, now: datetime) -> Action:
    seen = queries.request_by_key(actor, request_key)
    as_seen = decision_to_undo(actor, seen, now)
    rivals, decided = (as_seen.rivals, as_seen.decided) if as_seen else ((), ())
    lock_all([seen, *{one.booking.request for one in rivals}], [_old_unit(one).id for one in decided if one.old])
    found = queries.request_by_key(actor, request_key)
    require(actor, Do.DECIDE_REQUEST, matter_of(found, now))
    decision = decision_to_undo(actor, found, now)
    if decision is None or {one.event_id for one in decision.rivals} != {one.event_id for one in rivals}:
        raise TooLateError
    if found.version != version:
        raise StaleError
    several = (*decision.decided, *decision.rivals)
    _forget_notices(several)
    steps = [_back(one, actor, now) for one in several]
    requests = {step.booking.request for step in steps}
    for one in requests:
        one.version += 1
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)
    for one in sorted(requests, key=lambda one: one.id):
        await_decision(one.bookings, now, anew=True)
    return decision.action


def _old_unit(one: Decided) -> Unit:
    """Where it stood: history keeps the unit's name. Raises TooLateError where none is called so any more."""
    there = (Unit.resource_id == one.booking.resource_id, Unit.name == (one.old or {})["unit"])
    found = db.session.scalar(select(Unit).where(*there).limit(1))
    if found is None:
        raise TooLateError
    return found


def _forget_notices(several: Iterable[Decided]) -> None:
    """Nobody hears of it. Raises TooLateError where somebody has been written to already."""
    about = Notice.event_id.in_([one.event_id for one in several])
    db.session.execute(delete(Notice).where(about, Notice.sent_at.is_(None)))
    if db.session.scalar(select(Notice.id).where(about).limit(1)) is not None:
        raise TooLateError


def _back(one: Decided, actor: Actor, now: datetime) -> Step:
    """Let it wait again, where it did; where it holds another time for that, it must be possible there."""
    booking, moved, was_declined = one.booking, {}, one.booking.state is State.DECLINED
    if one.old:
        before, time = (
            spelled(booking),
            Interval(*(datetime.fromisoformat(one.old[name]) for name in ("starts", "ends"))),
        )
        stand_at(booking, _old_unit(one), time, booking.findings)
        moved = {"old": before, **spelled(booking)}
    forget_waivers(booking, ())
    if one.before is State.WAITING and (one.old or was_declined):
        _require_possible(booking, actor, now)
    event = booking.take(_BACK_TO[one.before], actor_id=actor.person_id, now=now, **moved)
    resource, site = place_of(booking)
    return Step(booking, _BACK_TO[one.before], event, keep(booking, resource.terms, site))


def _require_possible(booking: Booking, actor: Actor, now: datetime) -> None:
    """It is judged like what is new there. Raises RefusedError."""
    place = PendingChange(
        booking_id=booking.id,
        unit_id=booking.unit_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        findings=booking.findings,
        asked_by_id=actor.person_id,
        asked_at=now,
        until=now,
    )
    way = in_the_way(booking, now, place)
    if way.refusals:
        raise refusal(Verdict(way.refusals), way.facts, way.around)


def is_undone(actor: Actor, booking_key: str) -> bool:
    """Whether the booking's last step was this person's undoing."""
    queries.booking_by_key(actor, booking_key)
    return queries.last_step(booking_key) in {(f"booking-{one}", actor.person_id) for one in _BACK_TO.values()}
