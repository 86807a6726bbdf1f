"""What the clock does to bookings: they begin, end, expire undecided or suspended, or are freed as nobody came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from ...core.lifecycle import OPEN, Action, State
from ...db import Lock, db, take_locks, transactional
from ...models import Booking
from ..allocation import let_go
from ..flags import suspended
from ..history import Step, settle
from ..pending import changes_of, end_changes, overdue_changes, stands_until_later
from .arriving import free_no_shows
from .awaiting import await_decision
from .matters import place_of

BATCH = 200


def tick(*, now: datetime) -> int:
    """Bring every booking to the state that it has at `now`; returns how many steps were taken."""
    steps = 0
    while taken := _batch(now):
        steps += taken
    return steps + _end_overdue_changes(now) + free_no_shows(now=now)


@transactional
def _batch(now: datetime) -> int:
    due = _due(now)
    if not due:
        return 0
    people = [(Lock.PERSON, booking.person_id) for booking in due]
    take_locks([*people, *((Lock.UNIT, booking.unit_id) for booking in due)])
    flagged, due = suspended(one.id for one in due), _due(now, [one.id for one in due])
    taken = end_changes(due, actor_id=None, now=now)
    for booking in due:
        action, held_before = _step(booking, booking.id in flagged), booking.holds_time
        event = booking.take(action, actor_id=None, now=now)
        if not booking.holds_time:
            resource, site = place_of(booking)
            let_go(booking, resource.terms, site)
        taken.append(Step(booking, action, event, held_before and not booking.holds_time))
    settle(taken, actor_id=None, deciders=(), now=now)
    return len(taken)


def _end_overdue_changes(now: datetime) -> int:
    """A change to a time that has begun is not decided on any more, nor a proposal accepted that has lapsed.

    Returns how many of them ended.
    """
    ended = 0
    while ids := overdue_changes(now, BATCH):
        ended += _end_batch(ids, now)
    return ended


@transactional
def _end_batch(ids: list[int], now: datetime) -> int:
    found = select(Booking).options(joinedload(Booking.request)).where(Booking.id.in_(ids))
    seen = list(db.session.scalars(found))
    people = [(Lock.PERSON, booking.person_id) for booking in seen]
    take_locks([*people, *((Lock.UNIT, booking.unit_id) for booking in seen)])
    still = set(overdue_changes(now, BATCH))  # others may have been quicker
    several = list(db.session.scalars(found.execution_options(populate_existing=True)))
    proposers = {number: one.asked_by_id for number, one in changes_of(still).items() if one.is_proposal}
    steps = end_changes([one for one in several if one.id in still], actor_id=None, now=now)
    for step in steps:
        proposer = proposers.get(step.booking.id)
        settle([step], actor_id=None, deciders={proposer} if proposer else (), now=now)
        if proposer:
            await_decision(step.booking.request.bookings, now, anew=True)  # staff have their time again
    return len(steps)


def _due(now: datetime, only: Iterable[int] | None = None) -> list[Booking]:
    """Bookings that the clock has overtaken; read anew, since others may have been quicker."""
    can_still = and_(Booking.state.in_(OPEN), stands_until_later(now))  # be accepted, at another time
    begun = and_(Booking.state.in_({State.APPROVED, *OPEN}), Booking.starts_at <= now, ~can_still)
    ended = and_(Booking.state == State.RUNNING, Booking.ends_at <= now)
    found = select(Booking).options(joinedload(Booking.request)).where(or_(begun, ended))
    if only is not None:
        found = found.where(Booking.id.in_(list(only)))
    return list(
        db.session.scalars(
            found.order_by(Booking.starts_at, Booking.id).limit(BATCH).execution_options(populate_existing=True)
        )
    )


def _step(booking: Booking, is_suspended: bool) -> Action:
    """What has lost what it rests on does not begin, unless staff have settled that."""
    if booking.state is State.RUNNING:
        return Action.FINISH
    return Action.START if booking.state is State.APPROVED and not is_suspended else Action.EXPIRE
