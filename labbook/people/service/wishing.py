"""Asking to join, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ...core.language import folded, person_name
from ...core.permissions import Actor, Do, NotFoundError, Role, require
from ...db import Lock, db, take_locks, transactional
from ...models import Event, JoinRequest, Partner
from ...models.audit import happened
from ...models.letter import letter
from .. import directory, invitations
from .inviting import AlreadyThereError, AnsweredError, to_partner

MOST_OPEN = 3  # wishes to join from one address
MOST_FOR_PARTNER = 50  # that wait at once: no group grows faster, and a coordinator must find the real ones there
MOST_UNASSIGNED = 200  # the same for those of whom nobody knows yet to which partner they belong


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says who asks to join."""

    email: str
    family_name: str
    given_name: str
    organisation: str
    coordinator: str  # address; may be empty, and may be anything
    message: str
    language: str


@transactional
def ask_to_join(wish: Wish, *, now: datetime) -> None:
    """Ask to join; the same work and the same silence, whoever is known. More than a few open wishes are left out.

    What is too much for one partner is kept as answered, so that nobody reads it: to leave it away would be less work,
    and would tell whose address a coordinator's is.
    """
    partner_id = invitations.partner_of_coordinator(wish.coordinator.lower(), now)
    open_ = db.session.scalars(
        select(JoinRequest).where(JoinRequest.email == wish.email, JoinRequest.answered_at.is_(None))
    ).all()
    said = {(one.partner_id, folded(one.organisation)) for one in open_}
    if len(open_) >= MOST_OPEN or (partner_id, folded(wish.organisation)) in said:
        return
    is_full = invitations.waiting_for(partner_id) >= (MOST_FOR_PARTNER if partner_id else MOST_UNASSIGNED)
    found = JoinRequest(
        email=wish.email,
        family_name=wish.family_name,
        given_name=wish.given_name,
        organisation=wish.organisation,
        message=wish.message,
        language=wish.language,
        partner_id=partner_id,
        asked_at=now,
        answered_at=now if is_full else None,
        is_accepted=False if is_full else None,
    )
    db.session.add(found)
    db.session.flush()
    db.session.add(_event("join-asked", found, None, now))


@transactional
def assign(actor: Actor, key: str, partner_key: str, *, now: datetime) -> None:
    """Say which partner somebody means who asks to join. Raises NotFoundError, ForbiddenError, AnsweredError."""
    found = invitations.join_by_key(actor, key, now, to_answer=True)
    partner = directory.partner_by_key(actor, partner_key, now)
    require(actor, Do.SEE_JOINING, invitations.matter_of_join(found, now))
    require(actor, Do.SEE_PEOPLE, directory.matter_of_partner(partner.id, now=now))
    if found.answered_at is not None or found.partner_id is not None:
        raise AnsweredError
    found.partner_id = partner.id
    db.session.add(_event("join-assigned", found, actor.person_id, now))


@transactional
def let_join(actor: Actor, key: str, *, now: datetime, lasts: timedelta) -> None:
    """Invite who asked, as a scientist.

    Raises NotFoundError, ForbiddenError, AnsweredError, NoPlaceLeftError, EnoughTodayError.
    """
    found = _to_answer(actor, key, now)
    if found.partner_id is None:
        raise NotFoundError
    partner = db.session.get_one(Partner, found.partner_id)
    require(actor, Do.INVITE_SCIENTIST, directory.matter_of_partner(partner.id, now=now))
    try:
        to_partner(actor, partner, found.email, Role.SCIENTIST, found.language, now=now, lasts=lasts)
    except AlreadyThereError:  # came in on another way meanwhile
        _say(found, "there", "", now)
    found.answered_at, found.is_accepted = now, True
    db.session.add(_event("join-accepted", found, actor.person_id, now))


@transactional
def decline(actor: Actor, key: str, *, reason: str, now: datetime) -> None:
    """Say no, and why. Raises NotFoundError, ForbiddenError, AnsweredError."""
    found = _to_answer(actor, key, now)
    found.answered_at, found.is_accepted = now, False
    _say(found, "declined", reason, now)
    db.session.add(_event("join-declined", found, actor.person_id, now, reason=reason))


def _to_answer(actor: Actor, key: str, now: datetime) -> JoinRequest:
    found = invitations.join_by_key(actor, key, now, to_answer=True)
    require(actor, Do.ANSWER_JOINING, invitations.matter_of_join(found, now))
    if found.answered_at is not None:
        raise AnsweredError
    if found.partner_id is not None:
        take_locks([(Lock.AGREEMENT, found.partner_id)])
    return found


def _say(found: JoinRequest, outcome: str, reason: str, now: datetime) -> None:
    words = found.language
    db.session.add(
        letter(
            "join-answered",
            found.email,
            words,
            now=now,
            name=person_name(found.family_name, found.given_name, words),
            organisation=found.organisation,
            outcome=outcome,
            reason=reason,
        )
    )


def _event(code: str, found: JoinRequest, actor_id: int | None, now: datetime, **said: str) -> Event:
    return happened(
        code,
        at=now,
        actor_id=actor_id,
        subject="join-request",
        subject_id=found.id,
        body={"email": found.email, "organisation": found.organisation, **said},
        partner_id=found.partner_id,
    )
