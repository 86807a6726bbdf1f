"""What the verbs have in common: locks, what ends a wait or an offer, and what that leaves behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from ...bookings.allocation import let_go_offer
from ...core.interval import Interval
from ...core.offering import Answer, Outcome
from ...db import Lock, db, take_locks
from ...models import Event, Hold, Offer, Partner, Resource, Site, Unit, Wait
from ...models.audit import happened

OVER = {Answer.TAKEN: "offer-taken", Answer.REFUSED: "offer-refused", Answer.LAPSED: "offer-lapsed"}  # as history says


def lock(wait: Wait, offer: Offer | None = None) -> None:
    """What is done with a wait and its offer is done one after the other, and beside nobody who books the unit."""
    units = [(Lock.UNIT, offer.unit_id)] if offer else []
    take_locks([(Lock.PERSON, wait.person_id), *units])


def wait_event(code: str, wait: Wait, *, actor_id: int | None, now: datetime, state: str = "") -> Event:
    """Something that happened to a wait; without words."""
    return happened(
        code,
        at=now,
        actor_id=actor_id,
        subject="wait",
        subject_id=wait.id,
        site_id=wait.site_id,
        partner_id=wait.partner_id,
        state=state or None,
    )


def end_wait(wait: Wait, outcome: Outcome, *, actor_id: int | None, now: datetime) -> None:
    """Somebody waits no longer."""
    wait.ended_at, wait.outcome = now, str(outcome)
    wait.version += 1
    db.session.add(wait_event("wait-ended", wait, actor_id=actor_id, now=now, state=str(outcome)))


def end_offer(offer: Offer, wait: Wait, answer: Answer, *, actor_id: int | None, now: datetime) -> set[int]:
    """An offer is over, and what it held is free; returns the resources whose revisions are to be raised for that."""
    resource, site = db.session.get_one(Resource, offer.resource_id), db.session.get_one(Site, wait.site_id)
    held = resources_held(offer)
    offer.answered_at, offer.answer = now, str(answer)
    let_go_offer(offer, resource.terms, site)
    db.session.add(wait_event(OVER[answer], wait, actor_id=actor_id, now=now, state=str(answer)))
    db.session.flush()
    return held


def resources_held(offer: Offer) -> set[int]:
    """The resources of which an offer holds units."""
    found = select(Unit.resource_id).join(Hold, Hold.unit_id == Unit.id).where(Hold.claim_id == offer.claim_id)
    return set(db.session.scalars(found))


def places_held(offer: Offer) -> list[tuple[int, Interval]]:
    """What an offer holds of which unit, with the buffers."""
    rows = db.session.scalars(select(Hold).where(Hold.claim_id == offer.claim_id))
    return [(one.unit_id, Interval(one.starts_at, one.ends_at)) for one in rows]


def raise_revisions(resources: set[int], wait: Wait, *, is_busy_still: bool = False) -> None:
    """Feeds show what is offered as they show a booking; last, and in key order.

    Those that show only busy times do not change where just that is held by a booking then.
    """
    if not resources:
        return
    for number in sorted(resources):
        raised = {"full_revision": Resource.full_revision + 1}
        if not is_busy_still:
            raised["busy_revision"] = Resource.busy_revision + 1
        db.session.execute(update(Resource).where(Resource.id == number).values(raised))
    raised = {"full_revision": Partner.full_revision + 1}
    db.session.execute(update(Partner).where(Partner.id == wait.partner_id).values(raised))


def is_all_there_is(wait: Wait, offer: Offer) -> bool:
    """Whether the offer was of the only time that would do: then there is nothing left to wait for."""
    return wait.resource_id is not None and (wait.starts_at, wait.ends_at) == (offer.starts_at, offer.ends_at)
