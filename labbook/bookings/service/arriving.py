"""Checking in, and giving back what nobody has come for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from ...core.arriving import CheckIn
from ...core.language import N_
from ...core.letters import thread_of
from ...core.lifecycle import Action, NotPossibleError, State
from ...core.permissions import Actor, Do, require
from ...core.terms import Sentence
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Notice, Person, Site
from ...models.audit import happened
from ...models.letter import letter
from .. import queries
from ..allocation import cut, used_up_to
from ..binding import binding, binding_of, sites_with_check_ins, standing
from ..history import WHOLE, Step, settle
from ..pending import end_changes
from .errors import NotNowError, StaleError
from .matters import matter_of_booking, place_of

BATCH = 200
SHORTEST_GRACE = timedelta(minutes=1)  # as the rules allow it


@transactional
def check_in(actor: Actor, booking_key: str, *, version: int, now: datetime) -> str:
    """Say that somebody has come; a second time is no step. Returns the request's key.

    That the clock has let the booking begin meanwhile makes no page out of date. Raises NotFoundError, ForbiddenError,
    NotPossibleError, NotNowError, StaleError.
    """
    seen = queries.booking_by_key(actor, booking_key)
    take_locks([(Lock.PERSON, seen.person_id), (Lock.UNIT, seen.unit_id)], shared=[(Lock.SITE, seen.site_id)])
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.CHECK_IN, matter_of_booking(booking))
    if booking.checked_in_at is not None:
        return booking.request.key
    if booking.state not in (State.APPROVED, State.RUNNING) or booking.ends_at <= now:
        raise NotPossibleError(booking.state, Action.START)
    if booking.version != version and not _has_only_begun(booking, version):
        raise StaleError
    _require_open(booking, now)
    booking.checked_in_at = now
    booking.version += 1
    db.session.add(
        happened(
            "booking-checked-in",
            at=now,
            actor_id=actor.person_id,
            subject="booking",
            subject_id=booking.id,
            site_id=booking.site_id,
            partner_id=booking.request.partner_id,
            request_id=booking.request_id,
            booking_id=booking.id,
            state=str(booking.state),
        )
    )
    return booking.request.key


def _has_only_begun(booking: Booking, version: int) -> bool:
    step = queries.last_step(booking.key)
    return booking.version == version + 1 and step is not None and step[0] == f"booking-{Action.START}"


def _require_open(booking: Booking, now: datetime) -> None:
    one, bound = binding_of([booking.key], now)[booking.key]
    if bound.check_in is None:
        raise NotNowError(Sentence(N_("This booking needs no check-in.")))
    opens, closes = (at.astimezone(one.zoneinfo) for at in (bound.check_in.opens, bound.check_in.closes))
    if bound.check_in.is_early(now):
        raise NotNowError(Sentence(N_("Check-in opens at %(opens)s."), {"opens": opens}))
    if bound.check_in.is_over(now):
        raise NotNowError(Sentence(N_("Check-in closed at %(closes)s."), {"closes": closes}))


def free_no_shows(*, now: datetime) -> int:
    """Give back every running booking that nobody has checked in for in time; returns how many.

    One statement where no rule asks for a check-in. What has ended meanwhile is left to end as booked.
    """
    sites = sites_with_check_ins()
    if not sites:
        return 0
    running = standing(
        Booking.state == State.RUNNING,
        Booking.site_id.in_(sites),
        Booking.starts_at <= now - SHORTEST_GRACE,
        Booking.ends_at > now,
        Booking.checked_in_at.is_(None),
    )
    bound = binding(running, now)
    missed = {one.id: found for one in running if (found := bound[one.id].check_in) and found.is_over(now)}
    ids = sorted(missed)
    return sum(_free({one: missed[one] for one in ids[at : at + BATCH]}, now) for at in range(0, len(ids), BATCH))


@transactional
def _free(missed: Mapping[int, CheckIn], now: datetime) -> int:
    several = _still_missed(missed, now)
    people = [(Lock.PERSON, one.person_id) for one in several]
    take_locks([*people, *((Lock.UNIT, one.unit_id) for one in several)])
    steps, noted = [], []
    for booking in _still_missed(missed, now):  # somebody may have checked in while we waited for the locks
        noted += end_changes([booking], actor_id=None, now=now)
        resource, site = place_of(booking)
        counts = WHOLE if missed[booking.id].counts else ""
        event = booking.take(Action.NO_SHOW, actor_id=None, now=now, counts=counts)
        booking.used_until = used_up_to(booking, now)
        freed = cut(booking, resource.terms, site)
        booking.counts_anyway = missed[booking.id].counts
        steps.append(Step(booking, Action.NO_SHOW, event, freed))
    settle([*noted, *steps], actor_id=None, deciders=(), now=now)
    _write(steps, now)
    return len(steps)


def _still_missed(missed: Mapping[int, CheckIn], now: datetime) -> list[Booking]:
    found = select(Booking).options(joinedload(Booking.request))
    still = (Booking.state == State.RUNNING, Booking.checked_in_at.is_(None), Booking.ends_at > now)
    return list(
        db.session.scalars(
            found.where(Booking.id.in_(list(missed)), *still)
            .order_by(Booking.starts_at, Booking.id)
            .execution_options(populate_existing=True)
        )
    )


def _write(steps: list[Step], now: datetime) -> None:
    """A letter to each person at once, since the time is lost now; what it was for is read after signing in."""
    for booking, _, event, *_ in steps:
        person, site = db.session.get_one(Person, booking.person_id), db.session.get_one(Site, booking.site_id)
        if not person.is_active:
            continue
        said = {"site": site.name.text(person.language), "path": f"/requests/{booking.request.key}"}
        about = {"person_id": person.id, "once": f"no-show {booking.key}", "site_id": site.id}
        about["thread"] = thread_of(booking.request_id, person.id)
        db.session.add(letter("no-show", person.email, person.language, now=now, **about, **said))
        db.session.execute(update(Notice).where(Notice.event_id == event.id).values(sent_at=now))
