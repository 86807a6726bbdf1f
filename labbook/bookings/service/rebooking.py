"""What becomes of bookings under a closure: each is kept, moved or cancelled, or waits on the closure's list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from ...catalogue.links import beside_with
from ...core.flags import Choice, Lost
from ...core.interval import Interval
from ...core.language import N_
from ...core.lifecycle import Action, State
from ...core.permissions import Actor, Do, may, require
from ...core.terms import Sentence
from ...db import Lock, db, take_locks
from ...models import Booking, Event, Flag, Resource, Site, Unit
from ...models.audit import happened
from .. import findings
from ..allocation import choose, keep, let_go, wall
from ..history import Step
from ..pending import end_changes
from ..proposing import around_of
from .ending import ended
from .matters import matter_of_booking, matter_to_decide, spelled
from .signing import is_signed
from .waiving import allowed_at, forget_waivers, what_is_left


class Fate(StrEnum):
    """What staff want for a booking. Part of forms."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a booking is to go: the key of a unit of its site, and the time."""

    unit: str
    time: Interval


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of one booking; where to, when it is to be moved."""

    fate: Fate
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A booking that was moved, and where it was before."""

    booking: Booking
    before: Interval


@dataclass(slots=True)
class Outcome:
    """What has become of bookings. `problems` say by a booking's key why it was not done: it stays on the list."""

    kept: list[Booking] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)
    cancelled: list[Booking] = field(default_factory=list)
    problems: dict[str, Sentence] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    left: set[int] = field(default_factory=set)  # resources that bookings left, and what was held with them

    @property
    def decided(self) -> list[Booking]:
        """Everything that something has become of."""
        return [*self.kept, *(one.booking for one in self.moved), *self.cancelled]


_NOT_NOW = Sentence(N_("It runs already: keep it, or end it."))
_NOT_THERE = Sentence(N_("That time is not possible any more. Choose another."))
_NOT_OURS = Sentence(N_("Others decide on bookings there. Choose another place, or ask them."))
_SIGNED = Sentence(N_("It waits for a decision that has to be signed. Decline it on its request's page."))


def lock_for(bookings: Iterable[Booking], decisions: Mapping[str, Decision]) -> None:
    """Lock whatever the decisions touch; the site is locked already, so that nothing new is asked for meanwhile."""
    several = list(bookings)
    wanted = [(Lock.AGREEMENT, one.partner_id) for one in several] + [(Lock.PERSON, one.person_id) for one in several]
    keys = [one.target.unit for one in decisions.values() if one.target]
    units = [one.unit_id for one in several] + list(db.session.scalars(select(Unit.id).where(Unit.key.in_(keys))))
    take_locks([*wanted, *((Lock.UNIT, one) for one in units)])


def rebook(
    actor: Actor,
    flagged: Iterable[tuple[Flag, Booking]],
    decisions: Mapping[str, Decision],
    *,
    reason: str,
    now: datetime,
) -> Outcome:
    """Carry the decisions out, by the bookings' keys; what cannot be done is said, and the others go on.

    Nobody is told and no counter is raised yet. Raises ForbiddenError for a booking of one's own.
    """
    outcome = Outcome()
    for flag, booking in flagged:
        wanted = decisions.get(booking.key)
        if wanted is None:
            continue
        require(actor, Do.SETTLE_FLAG, matter_of_booking(booking))
        problem = _CARRY_OUT[wanted.fate](actor, booking, wanted, reason, now, outcome)
        if problem is None:
            _settled(flag, booking, _CHOICES[wanted.fate], actor, reason, now, outcome)
        else:
            outcome.problems[booking.key] = problem
    return outcome


def _keep(
    actor: Actor, booking: Booking, wanted: Decision, reason: str, now: datetime, outcome: Outcome
) -> Sentence | None:
    outcome.kept.append(booking)
    return None


def _cancel(
    actor: Actor, booking: Booking, wanted: Decision, reason: str, now: datetime, outcome: Outcome
) -> Sentence | None:
    """What is approved is cancelled, what waits is declined, of what runs the rest is given back."""
    action = {State.APPROVED: Action.CANCEL, State.RUNNING: Action.RELEASE}.get(booking.state, Action.DECLINE)
    if action is Action.DECLINE:
        if not may(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now)):
            return _NOT_OURS
        if is_signed(booking.request, now):
            return _SIGNED
    booking.request.version += 1
    outcome.steps += ended(booking, action, actor, now, reason)
    outcome.cancelled.append(booking)
    return None


def _move(
    actor: Actor, booking: Booking, wanted: Decision, reason: str, now: datetime, outcome: Outcome
) -> Sentence | None:
    if booking.state is State.RUNNING:
        return _NOT_NOW
    place = _place(booking, wanted.target)
    if place is None or wanted.target is None:
        return _NOT_THERE
    unit, resource, time = *place, wanted.target.time
    site = db.session.get_one(Site, booking.site_id)
    around = around_of(booking, resource, site, time, [unit], now)
    verdict = choose([unit], around)[2]
    allowed = allowed_at(booking, unit.id, time)
    left = what_is_left(verdict, allowed)
    if left.is_refused:
        return _NOT_THERE
    if left.needs_review and not decides(actor, booking, resource, now):
        return _NOT_OURS
    outcome.steps += end_changes([booking], actor_id=actor.person_id, now=now)
    forget_waivers(booking, allowed.waived)
    before, old_resource = booking.time, db.session.get_one(Resource, booking.resource_id)
    said = spelled(booking)
    if resource.id != old_resource.id:
        let_go(booking, old_resource.terms, site)
        own = old_resource.id
        outcome.left |= {own, *beside_with({own: booking.options or ()}, site.id)}
        _settle_in(booking, resource)
    booking.unit_id, booking.resource_id = unit.id, resource.id
    booking.starts_at, booking.ends_at = time.start, time.end
    booking.wall_start, booking.wall_end = wall(time.start, site), wall(time.end, site)
    booking.findings = findings.stored(verdict)
    booking.checked_in_at = None
    booking.request.version += 1
    event = booking.take(
        Action.MOVE, actor_id=actor.person_id, now=now, old=said, **spelled(booking), reason=reason, by="staff"
    )
    outcome.steps.append(Step(booking, Action.MOVE, event, keep(booking, resource.terms, site)))
    outcome.moved.append(Move(booking, before))
    return None


def _settle_in(booking: Booking, resource: Resource) -> None:
    """What was chosen among what the old resource offers means nothing at another one."""
    if booking.mode not in {one.slug for one in resource.kinds_of_work}:
        booking.mode = ""
    booking.options, booking.unit_is_fixed = None, False


def _place(booking: Booking, target: Target | None) -> tuple[Unit, Resource] | None:
    """The unit that a booking is to go to, if it is one of its site."""
    row = db.session.execute(
        select(Unit, Resource)
        .join(Resource, Resource.id == Unit.resource_id)
        .where(
            Unit.key == (target.unit if target else ""),
            Resource.site_id == booking.site_id,
            Resource.by_day == booking.by_day,
            Unit.is_active,
            Resource.is_active,
        )
    ).one_or_none()
    return (row.Unit, row.Resource) if row else None


def decides(actor: Actor, booking: Booking, resource: Resource, now: datetime) -> bool:
    """Whether a move to a resource by this person is a decision already, wherever staff decide on bookings of it."""
    may_decide = may(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now, resource_id=resource.id))
    return may_decide and not is_signed(booking.request, now)


_CARRY_OUT = {Fate.KEEP: _keep, Fate.MOVE: _move, Fate.CANCEL: _cancel}
_CHOICES = {Fate.KEEP: Choice.KEPT, Fate.MOVE: Choice.MOVED, Fate.CANCEL: Choice.CANCELLED}


def _settled(
    flag: Flag, booking: Booking, choice: Choice, actor: Actor, reason: str, now: datetime, outcome: Outcome
) -> None:
    flag.settled_at, flag.choice = now, str(choice)
    outcome.events.append(settled(flag, booking, choice, actor_id=actor.person_id, now=now, reason=reason))


def settled(
    flag: Flag, booking: Booking, choice: Choice, *, actor_id: int | None, now: datetime, reason: str = ""
) -> Event:
    """The event that says what became of a booking under a closure."""
    body = {"code": str(Lost.CLOSED), "choice": str(choice), "closing": flag.closing or "", "reason": reason}
    return happened(
        "flag-settled",
        at=now,
        actor_id=actor_id,
        subject="booking",
        subject_id=booking.id,
        body={name: value for name, value in body.items() if value},
        site_id=booking.site_id,
        partner_id=booking.partner_id,
        request_id=booking.request_id,
        booking_id=booking.id,
        state=str(booking.state),
    )
