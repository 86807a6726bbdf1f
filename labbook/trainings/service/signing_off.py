"""Signing off: proofs are given to many at once after a session, or to one; and taken away again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from ...bookings.flags import future_bookings, raise_flags
from ...catalogue.queries import is_shown, site_by_slug
from ...core.flags import Lost
from ...core.language import N_
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Event, Person, Site, Training, TrainingRecord, TrainingSession, TrainingWish
from ...models.audit import happened
from ...models.training import Outcome
from .. import queries
from ..queries import PersonRow
from . import letters
from .errors import ClashError


@dataclass(frozen=True, slots=True)
class Given:
    """A proof to be written; without a last day the training says how long it is good."""

    granted_on: date
    expires_on: date | None = None
    is_trainee: bool = False  # not yet on their own


def good_until(training: Training, granted_on: date) -> date | None:
    """The last day of a proof given on that day; None: it does not lapse by date."""
    return granted_on + timedelta(days=training.valid_days) if training.valid_days is not None else None


@transactional
def sign_off(
    actor: Actor,
    session_key: str,
    *,
    passed: Collection[str],
    absent: Collection[str],
    now: datetime,
    as_trainees: bool = False,
) -> int:
    """Settle the places of a session, people by key; whoever is in neither stays open. Returns how many passed.

    Those who pass `as_trainees` do not work on their own yet.
    Raises NotFoundError, ForbiddenError (also when one's own place is among them), ClashError.
    """
    row = queries.session_by_key(actor, session_key, is_shown(actor))
    db.session.execute(select(TrainingSession.id).where(TrainingSession.id == row.session.id).with_for_update())
    row = queries.session_by_key(actor, session_key, is_shown(actor))
    open_ = {one.person.key: one for one in queries.places_of(row.session.id) if one.place.outcome is Outcome.OPEN}
    chosen = {*passed, *absent}
    require(
        actor,
        Do.SIGN_OFF_TRAINING,
        Matter(row.site.id, person_ids=frozenset(one.person.id for key, one in open_.items() if key in chosen)),
    )
    if row.session.cancelled_at is not None:
        raise ClashError(N_("This session was cancelled."))
    if row.session.starts_at > now:
        raise ClashError(N_("This session has not begun yet."))
    if not chosen <= open_.keys():
        raise ClashError(N_("Somebody on this page was signed off meanwhile. Look at it again."))
    granted_on = row.session.starts_at.astimezone(row.site.zoneinfo).date()
    people = {one.person.id: one for one in queries.people_at(row.site.id, now.astimezone(row.site.zoneinfo).date())}
    for key in sorted(chosen):
        place, person = open_[key]
        place.outcome = Outcome.PASSED if key in passed else Outcome.ABSENT
        partner_id = people[person.id].partner_id if person.id in people else None
        if key in passed:
            given = Given(granted_on, is_trainee=as_trainees)
            grant_to(actor, person, row.training, row.site, given, partner_id=partner_id, now=now)
            until = good_until(row.training, granted_on)
            letters.passed(person, row.training, row.site, until, now, is_trainee=as_trainees)
        else:
            body = {"training": row.training.slug, "on": granted_on.isoformat()}
            db.session.add(_event("training-absent", person, row.site, actor, now, partner_id, body))
    return len(passed)


@transactional
def grant(
    actor: Actor,
    site_slug: str,
    person_key: str,
    training_slug: str,
    *,
    granted_on: date,
    now: datetime,
    as_trainee: bool = False,
) -> None:
    """Sign somebody off without a session; a full proof makes a trainee one who works on their own.

    Raises NotFoundError, ForbiddenError, ClashError for a day to come.
    """
    site, row, training = _named(actor, Do.SIGN_OFF_TRAINING, site_slug, person_key, training_slug, now)
    if granted_on > now.astimezone(site.zoneinfo).date():
        raise ClashError(N_("A proof is given on the day itself or afterwards."))
    given = Given(granted_on, is_trainee=as_trainee)
    grant_to(actor, row.person, training, site, given, partner_id=row.partner_id, now=now)
    letters.passed(row.person, training, site, good_until(training, granted_on), now, is_trainee=as_trainee)


@transactional
def revoke(actor: Actor, site_slug: str, person_key: str, training_slug: str, *, reason: str, now: datetime) -> None:
    """Take somebody's proof of a training away: all records of it, and their bookings that rest on it are flagged.

    Raises NotFoundError, ForbiddenError, ClashError when there is no proof.
    """
    site, row, training = _named(actor, Do.REVOKE_TRAINING, site_slug, person_key, training_slug, now)
    take_locks([(Lock.PERSON, row.person.id)])
    theirs = (
        TrainingRecord.person_id == row.person.id,
        TrainingRecord.training_id == training.id,
        TrainingRecord.revoked_at.is_(None),
    )
    if db.session.scalar(select(TrainingRecord.id).where(*theirs).limit(1)) is None:
        raise ClashError(N_("There is no proof of this training that could be revoked."))
    db.session.execute(update(TrainingRecord).where(*theirs).values(revoked_at=now))
    body = {"training": training.slug, "reason": reason}
    db.session.add(_event("training-revoked", row.person, site, actor, now, row.partner_id, body))
    letters.lapses(row.person, training, step="revoked", now=now, reason=reason)
    demanding = [one.id for one in queries.demanding(training.id)]
    raise_flags(future_bookings(now=now, person_id=row.person.id, resource_ids=demanding), Lost.TRAINING, now=now)


def grant_to(
    actor: Actor,
    person: Person,
    training: Training,
    site: Site,
    given: Given,
    *,
    partner_id: int | None,
    now: datetime,
) -> None:
    """Write one proof and its history, and settle the person's open wishes for it. Within a transaction."""
    until = given.expires_on if given.expires_on is not None else good_until(training, given.granted_on)
    record = TrainingRecord(
        person_id=person.id,
        training_id=training.id,
        granted_on=given.granted_on,
        expires_on=until,
        is_trainee=given.is_trainee,
    )
    db.session.add(record)
    wishes = update(TrainingWish).where(TrainingWish.person_id == person.id, TrainingWish.training_id == training.id)
    db.session.execute(wishes.where(TrainingWish.settled_at.is_(None)).values(settled_at=now))
    body = {
        "training": training.slug,
        "granted_on": given.granted_on.isoformat(),
        "as": "trainee" if given.is_trainee else "",
    }
    if until is not None:
        body["expires_on"] = until.isoformat()
    db.session.add(_event("training-granted", person, site, actor, now, partner_id, body))


def _named(
    actor: Actor, do: Do, site_slug: str, person_key: str, training_slug: str, now: datetime
) -> tuple[Site, PersonRow, Training]:
    """What a verb of the staff page is about. Raises NotFoundError, ForbiddenError."""
    site = site_by_slug(actor, site_slug)
    require(actor, do, Matter(site.id))  # before the person is looked up: only staff learn who is there
    row = queries.person_at(person_key, site.id, now.astimezone(site.zoneinfo).date())
    require(actor, do, Matter(site.id, person_ids=frozenset({row.person.id})))
    training = next((one for one in queries.trainings_at(site.id) if one.slug == training_slug), None)
    if training is None:
        raise NotFoundError
    return site, row, training


def _event(
    code: str, person: Person, site: Site, actor: Actor, now: datetime, partner_id: int | None, body: dict[str, str]
) -> Event:
    return happened(
        code,
        at=now,
        actor_id=actor.person_id,
        subject="person",
        subject_id=person.id,
        body={name: value for name, value in body.items() if value},
        site_id=site.id,
        partner_id=partner_id,
    )
