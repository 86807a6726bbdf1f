"""Renewing a residency: another request for the same unit, which follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...core.buffers import held
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.language import N_
from ...core.lifecycle import State
from ...core.permissions import Actor, Do, Matter, may, require
from ...core.residency import following, may_be_renewed
from ...core.terms import Sentence
from ...db import OverlapError, db, transactional
from ...models import Booking, IdempotencyKey, Project, Resource, Site, Unit
from ...models.audit import happened
from ...people.queries import project_for
from .. import queries
from ..allocation import choose
from ..renewals import RENEWED, RENEWS, renewals_of, taken_from
from ..wanted import Ask
from .ask import look, request
from .errors import NotNowError
from .matters import place_of, refusal

_STAYS = (State.APPROVED, State.RUNNING)
_TOO_EARLY = N_("It can be renewed in the last 60 days before its end, and until then.")
_RENEWED = N_("It is renewed already. Look at the request that follows it.")


@dataclass(frozen=True, slots=True)
class Following:
    """What may follow a booking that can be renewed now."""

    booking_id: int
    booking_key: str
    unit_id: int
    ends_at: datetime
    time: Interval
    taken_from: datetime | None = None  # when somebody else has the unit, if so within that time


def may_renew(actor: Actor, booking: Booking, resource: Resource, now: datetime) -> bool:
    """Whether this person may ask for what follows a booking, at this time."""
    return (
        resource.is_active
        and resource.slot.is_by_calendar
        and booking.state in _STAYS
        and may_be_renewed(booking.time, now)
        and may(actor, Do.REQUEST_BOOKING, Matter(booking.site_id, booking.partner_id))
    )


def followings(actor: Actor, bookings: Sequence[Booking], now: datetime) -> list[Following]:
    """What may follow the last of these bookings on each unit; three statements, however many there are."""
    last = {one.unit_id: one for one in sorted(bookings, key=lambda one: one.ends_at) if one.state in _STAYS}
    if not any(may_be_renewed(one.time, now) for one in last.values()):
        return []
    resources = _resources({one.resource_id for one in last.values()})
    site = db.session.get_one(Site, bookings[0].site_id)
    found = {
        unit: (one, resources[one.resource_id], follows_on(actor, one, resources[one.resource_id], site))
        for unit, one in last.items()
        if may_renew(actor, one, resources[one.resource_id], now)
    }
    wide = {
        unit: Interval(time.start, held(time, resource.terms, site.zoneinfo).end)
        for unit, (_, resource, time) in found.items()
    }
    taken = taken_from(wide, but_claims=[one.claim_id for one, _, _ in found.values()])
    return [
        Following(one.id, one.key, unit, one.ends_at, time, taken.get(unit))
        for unit, (one, _, time) in sorted(found.items())
    ]


def _resources(ids: set[int]) -> dict[int, Resource]:
    return {one.id: one for one in db.session.scalars(select(Resource).where(Resource.id.in_(sorted(ids))))}


def follows_on(actor: Actor, booking: Booking, resource: Resource, site: Site) -> Interval:
    """As long again after a booking: at once where its buffers are shared with it, else after them."""
    terms = resource.terms
    is_shared = not (terms.before or terms.after) or (terms.shares_buffers and booking.person_id == actor.person_id)
    return following(booking.time, terms, site.zoneinfo, is_shared=is_shared)


def of_ones_own(actor: Actor, booking_key: str) -> Booking:
    """A booking of a partner that this person books for. Raises NotFoundError, ForbiddenError."""
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.REQUEST_BOOKING, Matter(booking.site_id, booking.partner_id))
    return booking


def renewable(actor: Actor, booking_key: str, now: datetime) -> Booking:
    """A booking that this person may renew now. Raises NotFoundError, ForbiddenError, NotNowError."""
    booking = of_ones_own(actor, booking_key)
    resource, _ = place_of(booking)
    if not may_renew(actor, booking, resource, now):
        raise NotNowError(Sentence(_TOO_EARLY))
    if any(one.stands for one in renewals_of([booking.id]) if one.earlier_id == booking.id):
        raise NotNowError(Sentence(_RENEWED))
    return booking


def ask_after(actor: Actor, booking: Booking, end: datetime, *, title: str, purpose: str) -> Ask:
    """What is asked for: the same unit for the same work, up to `end`, which comes after the start of what follows."""
    resource, site = place_of(booking)
    time = follows_on(actor, booking, resource, site)
    return Ask(
        resource.slug,
        time.start,
        end,
        booking.partner_id,
        title,
        purpose,
        db.session.get_one(Unit, booking.unit_id).key,
        _project(booking),
        booking.mode,
        booking.biosafety,
        options=_options(booking),
    )


def _project(booking: Booking) -> str:
    """The joint project, as long as the partner takes part in it."""
    project = db.session.get(Project, booking.project_id) if booking.project_id else None
    return project.key if project and project_for(project.key, booking.partner_id) else ""


def _options(booking: Booking) -> tuple[str, ...]:
    if not booking.options:
        return ()
    return tuple(db.session.scalars(select(Resource.slug).where(Resource.id.in_(booking.options))))


def renew(actor: Actor, booking_key: str, end: datetime, *, title: str, purpose: str, key: str, now: datetime) -> str:
    """Ask for what follows a booking, and say so in the history of both. Returns the key of the new request.

    Raises NotFoundError, ForbiddenError, NotNowError, RefusedError, KeyReusedError, BusyError, UnknownOutcomeError.
    """
    try:
        return _renew(actor, booking_key, end, title=title, purpose=purpose, key=key, now=now)
    except OverlapError:
        booking = renewable(actor, booking_key, now)
        ask = ask_after(actor, booking, end, title=title, purpose=purpose)
        around, units = look(actor, ask, now=now)
        _, facts, verdict = choose(units, around)
        raise refusal(with_taken(verdict, facts), facts, around) from None


@transactional
def _renew(actor: Actor, booking_key: str, end: datetime, *, title: str, purpose: str, key: str, now: datetime) -> str:
    if db.session.get(IdempotencyKey, (actor.person_id, key)) is not None:  # sent twice: the same request again
        earlier = of_ones_own(actor, booking_key)
        return request(actor, ask_after(actor, earlier, end, title=title, purpose=purpose), key=key, now=now)
    earlier = renewable(actor, booking_key, now)
    made = request(actor, ask_after(actor, earlier, end, title=title, purpose=purpose), key=key, now=now)
    [later] = queries.request_by_key(actor, made).bookings
    for code, one, other in ((RENEWED, earlier, later), (RENEWS, later, earlier)):
        db.session.add(
            happened(
                code,
                at=now,
                actor_id=actor.person_id,
                subject="booking",
                subject_id=other.id,
                site_id=one.site_id,
                partner_id=one.partner_id,
                request_id=one.request_id,
                booking_id=one.id,
                state=str(one.state),
            )
        )
    return made
