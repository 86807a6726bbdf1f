"""Wishes, sessions and the places in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from ...core.language import Words
from ...core.permissions import Actor, NotFoundError
from ...core.searching import by_reading
from ...db import db
from ...models import (
    Partner,
    Person,
    Resource,
    ResourceTraining,
    Site,
    Training,
    TrainingPlace,
    TrainingSession,
    TrainingWish,
)
from ...models.training import Outcome


class SessionRow(NamedTuple):
    """A session with what it teaches, where, how many places are taken, and the reader's own."""

    session: TrainingSession
    training: Training
    site: Site
    taken: int
    own: Outcome | None
    family_name: str  # of the trainer
    given_name: str

    @property
    def left(self) -> int:
        """How many places are free."""
        return max(0, self.session.places - self.taken)


class WishRow(NamedTuple):
    """An open wish, whose it is, and through which partner."""

    wish: TrainingWish
    training: Training
    person: Person
    partner: Words


class PlaceRow(NamedTuple):
    """Somebody's place in a session."""

    place: TrainingPlace
    person: Person


_Own = aliased(TrainingPlace)


def _sessions(person_id: int) -> Select[*tuple[Any, ...]]:
    taken = (
        select(func.count(TrainingPlace.person_id))
        .where(TrainingPlace.session_id == TrainingSession.id)
        .correlate(TrainingSession)
        .scalar_subquery()
    )
    return (
        select(TrainingSession, Training, Site, taken, _Own.outcome, Person.family_name, Person.given_name)
        .join(Training, Training.id == TrainingSession.training_id)
        .join(Site, Site.id == TrainingSession.site_id)
        .join(Person, Person.id == TrainingSession.trainer_id)
        .outerjoin(_Own, and_(_Own.session_id == TrainingSession.id, _Own.person_id == person_id))
        .order_by(TrainingSession.starts_at, TrainingSession.id)
    )


def sessions_at(site_id: int, reader_id: int, now: datetime, *, unsettled: bool = False) -> list[SessionRow]:
    """The sessions of a site that are yet to begin; with `unsettled` also those whose people are not all signed off."""
    ahead = TrainingSession.starts_at > now
    if unsettled:
        waits = exists().where(TrainingPlace.session_id == TrainingSession.id, TrainingPlace.outcome == Outcome.OPEN)
        ahead = or_(TrainingSession.ends_at > now, waits)
    rows = db.session.execute(
        _sessions(reader_id).where(TrainingSession.site_id == site_id, TrainingSession.cancelled_at.is_(None), ahead)
    )
    return [SessionRow(*row) for row in rows]


def session_by_key(viewer: Actor, key: str, shown: ColumnElement[bool]) -> SessionRow:
    """A session through the viewer's scope: at their site, of a training of which they may know. Raises NotFoundError.

    `shown` is the condition under which the viewer may see a Resource. Cancelled ones are found, too.
    """
    demand = ResourceTraining.training_id == TrainingSession.training_id
    seen = exists().where(demand, ResourceTraining.resource_id == Resource.id, Resource.is_active, shown)
    scope = [TrainingSession.key == key, or_(seen, ~exists().where(demand))]
    if not viewer.looks_at_everything:
        sites = viewer.staffed_sites | {site for _, site in viewer.agreements}
        scope.append(TrainingSession.site_id.in_(sorted(sites)))
    row = db.session.execute(
        _sessions(viewer.person_id).where(*scope).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return SessionRow(*row)


def places_of(session_id: int) -> list[PlaceRow]:
    """Who takes part in a session, by reading: for staff, and for the letters."""
    rows = db.session.execute(
        select(TrainingPlace, Person)
        .join(Person, Person.id == TrainingPlace.person_id)
        .where(TrainingPlace.session_id == session_id)
        .execution_options(populate_existing=True)
    )
    return sorted((PlaceRow(*row) for row in rows), key=lambda one: (by_reading(one.person), one.person.id))


def places_of_person(person_id: int, site_id: int, now: datetime) -> dict[int, TrainingSession]:
    """The sessions to come at a site in which somebody has a place, by training; the first of several."""
    rows = db.session.scalars(
        select(TrainingSession)
        .join(TrainingPlace, TrainingPlace.session_id == TrainingSession.id)
        .where(
            TrainingPlace.person_id == person_id,
            TrainingSession.site_id == site_id,
            TrainingSession.cancelled_at.is_(None),
            TrainingSession.ends_at > now,
        )
        .order_by(TrainingSession.starts_at.desc())
    )
    return {one.training_id: one for one in rows}


def wishes_at(site_id: int) -> list[WishRow]:
    """The open wishes at a site, the oldest first."""
    rows = db.session.execute(
        select(TrainingWish, Training, Person, Partner.name)
        .join(Training, Training.id == TrainingWish.training_id)
        .join(Person, Person.id == TrainingWish.person_id)
        .join(Partner, Partner.id == TrainingWish.partner_id)
        .where(TrainingWish.site_id == site_id, TrainingWish.settled_at.is_(None), Person.is_active)
        .order_by(TrainingWish.asked_at, TrainingWish.id)
    )
    return [WishRow(*row) for row in rows]


def wished_by(person_id: int) -> set[int]:
    """The trainings for which somebody has an open wish, at whichever site."""
    return set(
        db.session.scalars(
            select(TrainingWish.training_id).where(
                TrainingWish.person_id == person_id, TrainingWish.settled_at.is_(None)
            )
        )
    )


def has_asked(person_id: int, training_id: int, site_id: int, since: datetime) -> bool:
    """Whether somebody has asked this site's staff for a training since then, whatever became of it."""
    wish = select(TrainingWish.id).where(
        TrainingWish.person_id == person_id,
        TrainingWish.training_id == training_id,
        TrainingWish.site_id == site_id,
        TrainingWish.asked_at > since,
    )
    return db.session.scalar(wish.limit(1)) is not None


def open_wish(person_id: int, training_id: int) -> TrainingWish | None:
    """Somebody's open wish for a training."""
    return db.session.scalar(
        select(TrainingWish)
        .where(
            TrainingWish.person_id == person_id,
            TrainingWish.training_id == training_id,
            TrainingWish.settled_at.is_(None),
        )
        .limit(1)
    )
