"""Asking to be trained."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...catalogue.queries import is_shown, partners_at, site_by_slug
from ...core.language import N_
from ...core.permissions import Actor, Do, ForbiddenError, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models import Person, TrainingRecord, TrainingWish
from ...models.audit import happened
from .. import queries
from ..queries import training_by_slug
from . import letters
from .errors import ClashError

ONE_LETTER = timedelta(days=1)  # for one person, training and site: a note to all of the staff is no way to flood them


@transactional
def ask(actor: Actor, site_slug: str, training_slug: str, *, partner_id: int | None, note: str, now: datetime) -> None:
    """Ask the site's staff to be trained, for one's partner (none: the first of one's partners there).

    Who takes a place, gives it back and asks again is not written about again within a day; staff see it on their page.
    Raises NotFoundError, ForbiddenError, ClashError when the wish is open already or the training is held.
    """
    site = site_by_slug(actor, site_slug)
    training = training_by_slug(training_slug, site.id, is_shown(actor))
    partners = partners_at(actor, site.id)
    if not partners:
        raise ForbiddenError("asks for no partner here")
    partner_id = partners[0] if partner_id is None else partner_id
    require(actor, Do.ASK_FOR_TRAINING, Matter(site.id, partner_id))
    take_locks([(Lock.PERSON, actor.person_id)])
    if queries.open_wish(actor.person_id, training.id) is not None:
        raise ClashError(N_("You have asked for this training already."))
    today = now.astimezone(site.zoneinfo).date()
    mine = queries.proofs(TrainingRecord.person_id == actor.person_id, TrainingRecord.training_id == training.id)
    if any(proof.is_good(today) and proof.expires_on is None for proof in mine.values()):
        raise ClashError(N_("You hold this training already, and it does not lapse."))
    is_told = queries.has_asked(actor.person_id, training.id, site.id, now - ONE_LETTER)
    wish = TrainingWish(
        person_id=actor.person_id,
        training_id=training.id,
        site_id=site.id,
        partner_id=partner_id,
        note=note,
        asked_at=now,
    )
    db.session.add(wish)
    db.session.flush()
    db.session.add(
        happened(
            "training-asked",
            at=now,
            actor_id=actor.person_id,
            subject="training-wish",
            subject_id=wish.id,
            body={"training": training.slug, "note": note},
            site_id=site.id,
            partner_id=partner_id,
        )
    )
    if not is_told:
        asker = db.session.get_one(Person, actor.person_id)
        letters.to_staff(queries.staff_at(site.id, today), asker, training, site, note, now)
