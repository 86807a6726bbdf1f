"""What the worker does each round: ends what is over, and offers time that has become free, in the order of asking."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from ...bookings.allocation import keep_offer
from ...bookings.facts import facts_for
from ...bookings.service import RefusedError, matters, request
from ...core.finding_times import Pick
from ...core.offering import Answer, Outcome, is_past, kept_until
from ...core.permissions import Actor, ForbiddenError, NotFoundError
from ...core.rules import judge
from ...db import Lock, OverlapError, db, take_locks, transactional
from ...models import Claim, Offer, Request, Resource, Site, Wait
from ...people.queries import actor_of
from .. import queries
from ..queries import Live
from . import letters
from .answering import ask_for
from .errors import GoneError
from .searching import first_time, whose_of, wish_of
from .steps import end_offer, end_wait, is_all_there_is, lock, raise_revisions, resources_held, wait_event

_NOT_TO_BE = (RefusedError, ForbiddenError, NotFoundError, OverlapError, GoneError)


def serve(*, longest: timedelta, now: datetime) -> int:
    """End, lapse and offer what is due; returns how many steps were taken. Offers stand for `longest` at most.

    Where nobody waits that is two statements. Nothing of it is remembered from round to round but in the tables.
    """
    steps = sum(_lapse(one, now=now) for one in queries.lapsed_offers(now))
    seen: list[Live] = []
    actors: dict[int, Actor | None] = {}
    for one in queries.live_waits(now):
        if one.person_id not in actors and (one.is_due or one.has_offer):
            actors[one.person_id] = actor_of(one.person_id, now)
        actor = actors.get(one.person_id)
        if why := _why_over(one, actor, now):
            steps += _end(one.wait_id, why, now=now)
        elif one.is_due and actor is not None:
            if _look(actor, one.wait_id, longest, now):
                steps += 1
            else:
                seen.append(one)
    if seen:
        _note_seen(seen, now=now)
    return steps


def _why_over(one: Live, actor: Actor | None, now: datetime) -> Outcome | None:
    """Why somebody waits in vain from now on. Rights are looked at with what is offered, and before it is."""
    if not one.has_offer and is_past(one.stretch, timedelta(minutes=one.minutes), now):
        return Outcome.PASSED
    if not (one.has_offer or one.is_due):
        return None
    has_rights = actor is not None and (one.partner_id, one.site_id) in actor.agreements
    return None if has_rights else Outcome.RIGHTS


@transactional
def _end(wait_id: int, why: Outcome, *, now: datetime) -> int:
    """The wait ends, and with it what is offered to it; what was offered a moment ago can be taken until it lapses."""
    wait = db.session.get_one(Wait, wait_id)
    lock(wait, queries.open_offer(wait_id))
    wait = db.session.get_one(Wait, wait_id, populate_existing=True)
    offer = queries.open_offer(wait_id)
    if wait.ended_at is not None or (offer is not None and why is Outcome.PASSED):
        return 0
    held = end_offer(offer, wait, Answer.LAPSED, actor_id=None, now=now) if offer else set()
    end_wait(wait, why, actor_id=None, now=now)
    raise_revisions(held, wait)
    return 1


@transactional
def _lapse(offer_id: int, *, now: datetime) -> int:
    """Nobody has answered in time: it goes to whoever comes next."""
    seen = queries.offer_row(offer_id)
    lock(seen.wait, seen.offer)
    row = queries.offer_row(offer_id)
    if row.offer.answered_at is not None:
        return 0
    held = end_offer(row.offer, row.wait, Answer.LAPSED, actor_id=None, now=now)
    letters.lapsed(row, now=now)
    if row.wait.ended_at is None and is_all_there_is(row.wait, row.offer):
        end_wait(row.wait, Outcome.PASSED, actor_id=None, now=now)
    raise_revisions(held, row.wait)
    return 1


def _look(actor: Actor, wait_id: int, longest: timedelta, now: datetime) -> bool:
    """Offer the first time that would do, or take it; whether there was one."""
    wait = db.session.get_one(Wait, wait_id)
    found = first_time(wish_of(wait, actor), queries.passed_by(wait_id), now=now)
    if not found.offers:
        return False
    pick = found.offers[0][0]
    until = kept_until(now, pick.time.start, longest)
    if until is None:
        return False
    try:
        if wait.takes_it:
            return _take(actor, wait_id, pick, now=now)
        return _offer(wait_id, pick, until, now=now)
    except _NOT_TO_BE:
        return False


@transactional
def _take(actor: Actor, wait_id: int, pick: Pick, *, now: datetime) -> bool:
    """Book it for whoever asked for that, as they would themselves, and tell them."""
    wait = db.session.get_one(Wait, wait_id)
    resource = db.session.get_one(Resource, pick.resource_id)
    ask = ask_for(wait, resource, pick.time.start, pick.time.end)
    key = request(actor, ask, key=f"wait-{wait.key}", now=now, first=lambda: _require_waiting(wait_id))
    wait = db.session.get_one(Wait, wait_id, populate_existing=True)
    if wait.ended_at is not None:
        return False
    wait.request_id = db.session.scalars(select(Request.id).where(Request.key == key)).one()
    end_wait(wait, Outcome.TAKEN, actor_id=None, now=now)
    letters.taken(wait, resource.id, pick.time, key, asks=pick.asks, now=now)
    return True


def _require_waiting(wait_id: int) -> tuple[()]:
    """Nothing is given up for it. Raises GoneError when they wait no longer."""
    if db.session.get_one(Wait, wait_id, populate_existing=True).ended_at is not None:
        raise GoneError
    return ()


@transactional
def _offer(wait_id: int, pick: Pick, until: datetime, *, now: datetime) -> bool:
    """Keep it for whoever waits, if with the locks held it is still free and the rules still allow it."""
    wait = db.session.get_one(Wait, wait_id)
    resource, site = db.session.get_one(Resource, pick.resource_id), db.session.get_one(Site, wait.site_id)
    at_site = matters.site_lock(site.id, wait.partner_id)
    take_locks(
        [
            *at_site["wanted"],
            (Lock.AGREEMENT, wait.partner_id),
            (Lock.PERSON, wait.person_id),
            (Lock.UNIT, pick.unit_id),
            *matters.unit_locks({resource.id}, site.id),
        ],
        shared=[*at_site["shared"], (Lock.AREA, resource.area_id)],
    )
    wait = db.session.get_one(Wait, wait_id, populate_existing=True)
    if wait.ended_at is not None or queries.open_offer(wait_id) is not None:
        return False
    around = facts_for(resource, site, pick.time, whose=whose_of(wait), units=[pick.unit_id], now=now)
    if judge(around.on(pick.unit_id)).is_refused:
        return False
    offer = Offer(
        wait_id=wait_id,
        claim_id=_new_claim(),
        resource_id=resource.id,
        unit_id=pick.unit_id,
        starts_at=pick.time.start,
        ends_at=pick.time.end,
        made_at=now,
        until=until,
    )
    db.session.add(offer)
    db.session.flush()
    keep_offer(offer, resource.terms, site)
    db.session.add(wait_event("offer-made", wait, actor_id=None, now=now))
    letters.offered(queries.offer_row(offer.id), asks=pick.asks, now=now)
    db.session.flush()
    raise_revisions(resources_held(offer), wait)
    return True


def _new_claim() -> int:
    claim = Claim(kind="offer")
    db.session.add(claim)
    db.session.flush()
    return claim.id


@transactional
def _note_seen(seen: list[Live], *, now: datetime) -> None:
    """So that it is not looked again before something has changed."""
    for one in seen:
        noted = {"seen_at": now, "seen_revision": one.revision}
        db.session.execute(update(Wait).where(Wait.id == one.wait_id).values(noted))
