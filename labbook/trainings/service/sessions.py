"""Sessions: naming a day, taking a place, giving it back, cancelling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from ...catalogue.queries import is_shown, partners_at, site_by_slug
from ...core.interval import Interval
from ...core.language import N_
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import db, transactional
from ...models import Event, Person, TrainingPlace, TrainingSession, TrainingWish
from ...models.audit import happened
from ...models.training import Outcome
from .. import queries
from ..queries import SessionRow
from . import letters
from .errors import ClashError


@transactional
def schedule(
    actor: Actor, site_slug: str, training_slug: str, *, time: Interval, places: int, trainer: str, now: datetime
) -> str:
    """Schedule a session, taught by one of the site's staff (by key); those who wish for it are told. Returns its key.

    Raises NotFoundError, ForbiddenError, ClashError for a time that is past.
    """
    site = site_by_slug(actor, site_slug)
    require(actor, Do.SCHEDULE_TRAINING, Matter(site.id))
    training = next((one for one in queries.trainings_at(site.id) if one.slug == training_slug), None)
    today = now.astimezone(site.zoneinfo).date()
    teacher = next((one for one in queries.staff_at(site.id, today) if one.key == trainer), None)
    if training is None or teacher is None:
        raise NotFoundError
    if time.start <= now:
        raise ClashError(N_("This time is already past."))
    session = TrainingSession(
        training_id=training.id,
        site_id=site.id,
        trainer_id=teacher.id,
        starts_at=time.start,
        ends_at=time.end,
        places=places,
    )
    db.session.add(session)
    db.session.flush()
    said: dict[str, Any] = {
        "training": training.slug,
        "starts": time.start.isoformat(),
        "ends": time.end.isoformat(),
        "places": places,
    }
    db.session.add(_event("training-session-made", session, actor, now, **said))
    for row in queries.wishes_at(site.id):
        if row.training.id == training.id:
            letters.about_session("open", row.person, session, training, site, now)
    return session.key


@transactional
def take(actor: Actor, key: str, *, now: datetime) -> None:
    """Take a place; an open wish for it is settled. Two who race for the last place wait for one another.

    Raises NotFoundError, ForbiddenError, ClashError.
    """
    row = _locked(actor, key)
    require(actor, Do.TAKE_TRAINING_PLACE, Matter(row.site.id))
    _still_ahead(row, now)
    if row.own is not None:
        raise ClashError(N_("You have a place in this session already."))
    if not row.left:
        raise ClashError(N_("All places of this session are taken. Choose another one, or ask for the training."))
    db.session.add(TrainingPlace(session_id=row.session.id, person_id=actor.person_id, taken_at=now))
    wish = queries.open_wish(actor.person_id, row.training.id)
    if wish is not None:
        wish.settled_at = now
    partner_id = wish.partner_id if wish is not None else partners_at(actor, row.site.id)[0]
    db.session.add(_event("training-place-taken", row.session, actor, now, partner_id=partner_id))
    person = db.session.get_one(Person, actor.person_id)
    letters.about_session("taken", person, row.session, row.training, row.site, now)


@transactional
def give_back(actor: Actor, key: str, *, now: datetime) -> None:
    """Give one's place back to the others. Raises NotFoundError, ForbiddenError, ClashError."""
    row = _locked(actor, key)
    require(actor, Do.TAKE_TRAINING_PLACE, Matter(row.site.id))
    _still_ahead(row, now)
    if row.own is None:
        raise ClashError(N_("You have no place in this session."))
    mine = delete(TrainingPlace).where(TrainingPlace.session_id == row.session.id)
    db.session.execute(mine.where(TrainingPlace.person_id == actor.person_id))
    partner_id = partners_at(actor, row.site.id)[0]
    db.session.add(_event("training-place-given-back", row.session, actor, now, partner_id=partner_id))


@transactional
def cancel(actor: Actor, key: str, *, reason: str, now: datetime) -> str:
    """Cancel a session: its people are told, and their wishes are open again. Returns the site's slug.

    Raises NotFoundError, ForbiddenError, ClashError when it is cancelled already or over.
    """
    row = _locked(actor, key)
    require(actor, Do.SCHEDULE_TRAINING, Matter(row.site.id))
    _still_ahead(row, now)
    row.session.cancelled_at = now
    db.session.add(_event("training-session-cancelled", row.session, actor, now, reason=reason))
    for place, person in queries.places_of(row.session.id):
        reopened = update(TrainingWish).where(
            TrainingWish.person_id == person.id,
            TrainingWish.training_id == row.training.id,
            TrainingWish.settled_at == place.taken_at,  # it was settled by taking this place
        )
        if queries.open_wish(person.id, row.training.id) is None:
            db.session.execute(reopened.values(settled_at=None))
        if place.outcome is Outcome.OPEN:
            letters.about_session("cancelled", person, row.session, row.training, row.site, now, reason)
    return row.site.slug


def _locked(actor: Actor, key: str) -> SessionRow:
    """A session through the actor's scope, read again once nobody else can change it or its places."""
    number = queries.session_by_key(actor, key, is_shown(actor)).session.id
    db.session.execute(select(TrainingSession.id).where(TrainingSession.id == number).with_for_update())
    return queries.session_by_key(actor, key, is_shown(actor))


def _still_ahead(row: SessionRow, now: datetime) -> None:
    if row.session.cancelled_at is not None:
        raise ClashError(N_("This session was cancelled."))
    if row.session.starts_at <= now:
        raise ClashError(N_("This session has begun already."))


def _event(
    code: str, session: TrainingSession, actor: Actor, now: datetime, *, partner_id: int | None = None, **said: Any
) -> Event:
    return happened(
        code,
        at=now,
        actor_id=actor.person_id,
        subject="training-session",
        subject_id=session.id,
        body={name: value for name, value in said.items() if value not in (None, "")},
        site_id=session.site_id,
        partner_id=partner_id,
    )
