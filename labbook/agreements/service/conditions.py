"""Publishing and accepting a site's conditions of use."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from ...catalogue.queries import site_by_slug
from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Acceptance, Conditions
from ...models.audit import happened
from ...models.columns import new_key
from .. import queries
from .errors import EditionTakenError, StaleError


@transactional
def publish(actor: Actor, site_slug: str, edition: str, text: Words, published_on: date, *, now: datetime) -> str:
    """Publish an edition that counts from a day of the site's calendar on; returns its key.

    What was accepted before stays accepted; everybody is asked for this one. Raises NotFoundError, ForbiddenError,
    EditionTakenError.
    """
    site = site_by_slug(actor, site_slug)
    require(actor, Do.PUBLISH_CONDITIONS, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    same = select(Conditions.id).where(Conditions.site_id == site.id, Conditions.edition == edition)
    if db.session.scalar(same) is not None:
        raise EditionTakenError
    made = Conditions(key=new_key(), site_id=site.id, edition=edition, text=text, published_on=published_on)
    db.session.add(made)
    db.session.flush()
    said = {"edition": edition, "published_on": published_on.isoformat()}
    db.session.add(
        happened(
            "conditions-published",
            at=now,
            actor_id=actor.person_id,
            subject="conditions",
            subject_id=made.id,
            body=said,
            site_id=site.id,
        )
    )
    return made.key


@transactional
def accept(actor: Actor, site_slug: str, key: str, *, now: datetime) -> None:
    """Accept the edition that counts today; accepting it twice is accepting it once.

    Raises NotFoundError, ForbiddenError, StaleError when another edition counts by now.
    """
    site = site_by_slug(actor, site_slug)
    current = queries.conditions_that_count(site.id, now.astimezone(site.zoneinfo).date())
    if current is None:
        raise NotFoundError
    require(actor, Do.ACCEPT_CONDITIONS, Matter(site.id))
    if current.key != key:
        raise StaleError
    take_locks([(Lock.PERSON, actor.person_id)])
    if queries.accepted_at(current.id, actor.person_id) is not None:
        return
    db.session.add(Acceptance(conditions_id=current.id, person_id=actor.person_id, accepted_at=now))
    db.session.add(
        happened(
            "conditions-accepted",
            at=now,
            actor_id=actor.person_id,
            subject="conditions",
            subject_id=current.id,
            body={"edition": current.edition},
            site_id=site.id,
        )
    )
