"""What whoever waits does: takes what is offered, or not, or waits no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...bookings.neighbours import holds_just
from ...bookings.service import Ask, request
from ...core.interval import Interval
from ...core.offering import Answer, Outcome
from ...core.permissions import Actor
from ...db import OverlapError, db, transactional
from ...models import Booking, Offer, Request, Resource, Wait
from .. import queries
from .errors import GoneError
from .steps import end_offer, end_wait, is_all_there_is, lock, places_held, raise_revisions


def accept(actor: Actor, offer_key: str, *, now: datetime) -> str:
    """Book what is offered; twice is as good as once. Returns the request's key.

    The hold passes from the offer to the booking in one transaction. Raises NotFoundError, ForbiddenError, GoneError
    when it has lapsed or was refused, and RefusedError when the rules would not allow it any more.
    """
    try:
        return _accept(actor, offer_key, now)
    except OverlapError:
        raise GoneError from None


@transactional
def _accept(actor: Actor, offer_key: str, now: datetime) -> str:
    row = queries.offer_by_key(actor.person_id, offer_key)
    offer_id, wait_id = row.offer.id, row.wait.id
    if row.offer.answer == Answer.TAKEN:
        return _request_key(row.wait)
    ask = ask_for(row.wait, row.resource, row.offer.starts_at, row.offer.ends_at)
    given_up: list[tuple[int, Interval]] = []
    held: set[int] = set()

    def give_up() -> list[tuple[int, Interval]]:
        given_up[:], held_now = _take(offer_id, actor.person_id, now)
        held.update(held_now)
        return given_up

    key = request(actor, ask, key=f"offer-{row.offer.key}", now=now, first=give_up)
    wait = db.session.get_one(Wait, wait_id, populate_existing=True)
    if wait.ended_at is None:
        wait.request_id = db.session.scalars(select(Request.id).where(Request.key == key)).one()
        end_wait(wait, Outcome.TAKEN, actor_id=actor.person_id, now=now)
    made = db.session.scalars(select(Booking).join(Request).where(Request.key == key)).first()
    raise_revisions(held, wait, is_busy_still=made is not None and holds_just(made, given_up))
    return key


def ask_for(wait: Wait, resource: Resource, start: datetime, end: datetime) -> Ask:
    """What somebody waited for, as they would ask for it; the kind of work where the resource knows it."""
    is_known = any(one.slug == wait.mode for one in resource.kinds_of_work)
    return Ask(
        resource.slug,
        start,
        end,
        wait.partner_id,
        wait.title,
        wait.purpose,
        project=queries.project_key(wait.project_id),
        mode=wait.mode if is_known else "",
        biosafety=wait.biosafety,
    )


def _take(offer_id: int, person_id: int, now: datetime) -> tuple[list[tuple[int, Interval]], set[int]]:
    """With the locks of an ask: the offer's hold goes, so that the booking can have it.

    Returns what it held of which unit, and the resources of these.
    """
    offer = db.session.get_one(Offer, offer_id, populate_existing=True)
    if offer.answered_at is not None or offer.until <= now:
        raise GoneError
    held, wait = places_held(offer), db.session.get_one(Wait, offer.wait_id)
    return held, end_offer(offer, wait, Answer.TAKEN, actor_id=person_id, now=now)


def _request_key(wait: Wait) -> str:
    return db.session.scalars(select(Request.key).where(Request.id == wait.request_id)).one()


@transactional
def refuse(actor: Actor, offer_key: str, *, now: datetime) -> None:
    """Let what is offered go to whoever comes next; twice is as good as once. Raises NotFoundError, GoneError."""
    seen = queries.offer_by_key(actor.person_id, offer_key)
    lock(seen.wait, seen.offer)
    row = queries.offer_by_key(actor.person_id, offer_key)
    if row.offer.answer == Answer.REFUSED:
        return
    if row.offer.answered_at is not None:
        raise GoneError
    held = end_offer(row.offer, row.wait, Answer.REFUSED, actor_id=actor.person_id, now=now)
    if row.wait.ended_at is None and is_all_there_is(row.wait, row.offer):
        end_wait(row.wait, Outcome.LEFT, actor_id=actor.person_id, now=now)
    raise_revisions(held, row.wait)


@transactional
def leave(actor: Actor, wait_key: str, *, now: datetime) -> None:
    """Wait no longer; what is offered meanwhile goes to whoever comes next. Twice is once. Raises NotFoundError."""
    wait = queries.wait_by_key(actor.person_id, wait_key)
    lock(wait, queries.open_offer(wait.id))
    wait = queries.wait_by_key(actor.person_id, wait_key)
    if wait.ended_at is not None:
        return
    offer = queries.open_offer(wait.id)
    held = end_offer(offer, wait, Answer.REFUSED, actor_id=actor.person_id, now=now) if offer else set()
    end_wait(wait, Outcome.LEFT, actor_id=actor.person_id, now=now)
    raise_revisions(held, wait)
