"""Flags on bookings that have lost what they rest on: raising them, which any slice's service may, and reading them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, distinct, exists, func, or_, select
from sqlalchemy.orm import joinedload

from ..core.flags import SUSPENDING, SUSPENDS, Choice, Lost
from ..db import db
from ..models import (
    Agreement,
    Booking,
    Event,
    Flag,
    Notice,
    Person,
    Request,
    ResourceTraining,
    RoleGrant,
    TrainingRecord,
)
from ..models.audit import happened
from ..people.named import approvers_by_resource
from ..people.queries import deciders
from .closed import is_closed_over
from .history import settle
from .pending import end_changes


def future_bookings(
    *,
    now: datetime,
    partner_id: int | None = None,
    site_id: int | None = None,
    person_id: int | None = None,
    resource_ids: Collection[int] | None = None,
    unflagged: str | None = None,
) -> list[int]:
    """The ids of bookings that are yet to begin and meet every condition given; one statement.

    `unflagged` leaves out those that have a flag of that code, unless it had mended.
    """
    found = select(Booking.id).where(Booking.state.in_(SUSPENDS), Booking.ends_at > now)
    if partner_id is not None:
        found = found.join(Request, Request.id == Booking.request_id).where(Request.partner_id == partner_id)
    if site_id is not None:
        found = found.where(Booking.site_id == site_id)
    if person_id is not None:
        found = found.where(Booking.person_id == person_id)
    if resource_ids is not None:
        found = found.where(Booking.resource_id.in_(list(resource_ids)))
    if unflagged is not None:
        stands = or_(Flag.choice.is_(None), Flag.choice != Choice.MENDED)
        found = found.where(~exists().where(Flag.booking_id == Booking.id, Flag.code == unflagged, stands))
    return list(db.session.scalars(found.order_by(Booking.id)))


def raise_flags(booking_ids: Iterable[int], code: str, *, now: datetime) -> int:
    """Flag these bookings, each once per code; returns how many flags were raised. Call it within a transaction.

    A flag that staff have settled stays settled, unless it is about a rule: that is then another change of rules. One
    that had mended is open again. Each raising leaves an event, and those who decide there and the person it is for are
    to hear of it.
    """
    bookings = _locked(sorted(set(booking_ids)))
    known = _flags_of([one.id for one in bookings], code)
    raised = [one for one in bookings if _raise(one, known.get(one.id), Lost(code), now)]
    against_rule = code == Lost.RULE
    events = [
        _event("booking-against-rule", one, code, now) if against_rule else _event("booking-flagged", one, code, now)
        for one in raised
    ]
    db.session.add_all(events)
    db.session.flush()
    db.session.add_all(_notices(list(zip(raised, events, strict=True)), now))
    db.session.flush()
    if not against_rule:  # what is suspended is not moved either
        settle(end_changes(raised, actor_id=None, now=now), actor_id=None, deciders=(), now=now)
    return len(raised)


def _locked(booking_ids: list[int]) -> list[Booking]:
    """The bookings that can still be flagged; their rows stay locked, so that two workers raise no flag twice."""
    if not booking_ids:
        return []
    return list(
        db.session.scalars(
            select(Booking)
            .options(joinedload(Booking.request, innerjoin=True))
            .where(Booking.id.in_(booking_ids), Booking.state.in_(SUSPENDS))
            .order_by(Booking.id)
            .with_for_update(of=Booking)
            .execution_options(populate_existing=True)
        )
    )


def _flags_of(booking_ids: list[int], code: str) -> dict[int, Flag]:
    flags = db.session.scalars(select(Flag).where(Flag.booking_id.in_(booking_ids), Flag.code == code))
    return {one.booking_id: one for one in flags}


def _raise(booking: Booking, flag: Flag | None, code: Lost, now: datetime) -> bool:
    """Add the flag, or open one again that had mended; False when there is nothing to do."""
    if flag is None:
        db.session.add(Flag(booking_id=booking.id, site_id=booking.site_id, code=str(code), raised_at=now))
        return True
    if flag.choice is None or (flag.choice != Choice.MENDED and code is not Lost.RULE):
        return False
    flag.raised_at, flag.settled_at, flag.choice = now, None, None
    return True


def _event(what: str, booking: Booking, code: str, now: datetime, **said: str) -> Event:
    return happened(
        what,
        at=now,
        actor_id=None,
        subject="booking",
        subject_id=booking.id,
        body={"code": str(code), **said},
        site_id=booking.site_id,
        partner_id=booking.request.partner_id,
        request_id=booking.request_id,
        booking_id=booking.id,
        state=str(booking.state),
    )


def _notices(flagged: list[tuple[Booking, Event]], now: datetime) -> list[Notice]:
    """One for each who decides there, and one for the person it is for."""
    approvers = approvers_by_resource({booking.resource_id for booking, _ in flagged}, now)
    known: dict[tuple[int, frozenset[int]], list[int]] = {}
    notices = []
    for booking, event in flagged:
        named = approvers.get(booking.resource_id, frozenset()) - {booking.person_id}
        place = (booking.site_id, named)
        if place not in known:
            known[place] = deciders(booking.site_id, named, now)
        hear = {booking.person_id, *known[place]}
        notices += [
            Notice(event_id=event.id, person_id=one, channel="mail", created_at=now, due_at=now) for one in sorted(hear)
        ]
    return notices


# --- reading ----------------------------------------------------------------------------------------------------------

_IS_OPEN = and_(Flag.settled_at.is_(None), Booking.state.in_(SUSPENDS))
_OPEN_FLAGS = (
    select(Flag.key, Flag.code, Flag.raised_at, Flag.closing, Flag.booking_id, Booking.key.label("booking_key"))
    .join(Booking, Booking.id == Flag.booking_id)
    .where(_IS_OPEN)
    .order_by(Booking.starts_at, Flag.id)
)


def flags_at(site_ids: Iterable[int]) -> list[Any]:
    """What is flagged at these sites, by start: key, code, raised_at, closing, booking_id, booking_key."""
    return list(db.session.execute(_OPEN_FLAGS.where(Flag.site_id.in_(list(site_ids)))))


def flags_of_request(request_id: int) -> list[Any]:
    """The same for the bookings of one request."""
    return list(db.session.execute(_OPEN_FLAGS.where(Booking.request_id == request_id)))


def suspended(booking_ids: Iterable[int]) -> frozenset[int]:
    """Those of these bookings that have an open flag which keeps them from beginning."""
    open_ = select(Flag.booking_id).where(
        Flag.booking_id.in_(list(booking_ids)), Flag.settled_at.is_(None), Flag.code.in_(sorted(SUSPENDING))
    )
    return frozenset(db.session.scalars(open_))


class Flagged(NamedTuple):
    """How many bookings wait for a choice, and when the first of them begins."""

    bookings: int
    starts_at: datetime | None


def flagged_at(site_ids: Iterable[int]) -> Flagged:
    """What waits for a choice at these sites; one statement."""
    of_each = (func.count(distinct(Flag.booking_id)), func.min(Booking.starts_at))
    open_ = select(*of_each).join(Booking, Booking.id == Flag.booking_id)
    return Flagged(*db.session.execute(open_.where(_IS_OPEN, Flag.site_id.in_(list(site_ids)))).one())


def against_rules(site_ids: Iterable[int] | None = None) -> list[tuple[Flag, Booking]]:
    """The open flags of bookings that go against a changed rule, at these sites or at all."""
    here = [] if site_ids is None else [Flag.site_id.in_(list(site_ids))]
    rows = db.session.execute(
        select(Flag, Booking)
        .join(Booking, Booking.id == Flag.booking_id)
        .options(joinedload(Booking.request, innerjoin=True))
        .where(_IS_OPEN, Flag.code == Lost.RULE, *here)
        .order_by(Flag.id)
    )
    return [(flag, booking) for flag, booking in rows]


def keep_rules_again(flagged: Iterable[tuple[Flag, Booking]], *, now: datetime) -> int:
    """Settle the flags of bookings that no rule is against any more; returns how many. Call it within a transaction."""
    settled = 0
    for flag, booking in flagged:
        flag.settled_at, flag.choice = now, str(Choice.MENDED)
        db.session.add(_event("flag-settled", booking, Lost.RULE, now, choice=str(Choice.MENDED)))
        settled += 1
    db.session.flush()
    return settled


def mendable(now: datetime) -> list[int]:
    """The open flags whose cause may be gone: there is an agreement, a proof or a role again. The rules decide."""
    ended = (now - timedelta(days=1)).date()  # before which a day is over in every zone
    agreement = exists().where(
        Agreement.partner_id == Request.partner_id,
        Agreement.site_id == Booking.site_id,
        Agreement.ended_at.is_(None),
        _lasts(Agreement.ends_on, ended),
    )
    proof = exists().where(
        TrainingRecord.person_id == Booking.person_id,
        TrainingRecord.training_id == ResourceTraining.training_id,
        ResourceTraining.resource_id == Booking.resource_id,
        TrainingRecord.revoked_at.is_(None),
        _lasts(TrainingRecord.expires_on, ended),
    )
    role = exists().where(
        RoleGrant.person_id == Booking.person_id,
        RoleGrant.partner_id == Request.partner_id,
        Person.id == RoleGrant.person_id,
        Person.is_active,
        RoleGrant.ended_at.is_(None),
        _lasts(RoleGrant.ends_on, ended),
    )
    found = (
        select(Flag.id)
        .join(Booking, Booking.id == Flag.booking_id)
        .join(Request, Request.id == Booking.request_id)
        .where(
            _IS_OPEN,
            or_(
                and_(Flag.code == Lost.AGREEMENT, agreement),
                and_(Flag.code == Lost.TRAINING, proof),
                and_(Flag.code == Lost.PERSON, role),
                and_(Flag.code == Lost.CLOSED, ~is_closed_over(now)),
            ),
        )
        .order_by(Flag.id)
    )
    return list(db.session.scalars(found))


def _lasts(ends_on: Any, ended: Any) -> ColumnElement[bool]:
    return or_(ends_on.is_(None), ends_on >= ended)
