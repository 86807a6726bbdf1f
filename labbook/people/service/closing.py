"""Closing an account and opening it again: roles stay as they are, and give nothing while it is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update

from ...bookings.flags import future_bookings, raise_flags
from ...core.flags import Lost
from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models import Invitation, Letter, OneTimeLink, Person, RoleGrant
from ...models.access import Purpose
from ...models.audit import happened
from ...models.letter import letter
from .. import directory
from ..members import Member, person_by_key
from .inviting import AnsweredError, refuse_full, withdraw
from .roles import LastAdministratorError, administrators
from .sessions import end_all


def to_be_closed(actor: Actor, person_key: str, *, now: datetime) -> Member:
    """Somebody whose account the actor may close and open. Raises NotFoundError, ForbiddenError."""
    found = person_by_key(actor, person_key, now)
    require(actor, Do.CLOSE_ACCOUNT, Matter(person_ids=frozenset({found.id})))
    return found


@transactional
def close_account(actor: Actor, person_key: str, *, reason: str, now: datetime) -> int:
    """Close somebody's account, at once and everywhere; returns how many bookings that lie ahead were suspended by it.

    Raises NotFoundError, ForbiddenError, LastAdministratorError, and AnsweredError when it is closed already.
    """
    return _close(to_be_closed(actor, person_key, now=now).id, actor.person_id, reason, now)


@transactional
def close_by_command(person: Person, *, reason: str, now: datetime) -> int:
    """The same by the administrator of the server. Raises LastAdministratorError, AnsweredError."""
    return _close(person.id, None, reason, now)


@transactional
def reopen_account(actor: Actor, person_key: str, *, now: datetime) -> None:
    """Open a closed account again, with the roles that it has; links and sessions of before stay ended.

    Raises NotFoundError, ForbiddenError, NoPlaceLeftError when a partner has no place any more, and AnsweredError when
    it is open, or the person was erased.
    """
    _reopen(to_be_closed(actor, person_key, now=now).id, actor.person_id, now)


@transactional
def reopen_by_command(person: Person, *, now: datetime) -> None:
    """The same by the administrator of the server. Raises NoPlaceLeftError, AnsweredError."""
    _reopen(person.id, None, now)


def _close(person_id: int, actor_id: int | None, reason: str, now: datetime) -> int:
    # All administrators are locked, so that two who close each other's account at once do not both succeed.
    person = _locked(person_id, _invited_by(person_id, now), [*administrators(now), person_id])
    if not person.is_active:
        raise AnsweredError
    if set(administrators(now)) == {person_id}:
        raise LastAdministratorError
    person.is_active = False
    person.version += 1
    db.session.flush()
    end_all(person_id, now=now)
    _end_ways_in(person, actor_id, now)
    count = raise_flags(future_bookings(now=now, person_id=person_id), Lost.PERSON, now=now)
    _tell(person, "account-closed", actor_id, now, reason=reason)
    return count


def _reopen(person_id: int, actor_id: int | None, now: datetime) -> None:
    person = _locked(person_id, _partners_of(person_id, now), [person_id])
    if person.is_active or person.erased_at is not None:
        raise AnsweredError
    for partner_id in _partners_of(person_id, now):
        refuse_full(partner_id, person.email, now)
    person.is_active = True
    person.version += 1
    _tell(person, "account-reopened", actor_id, now)


def _locked(person_id: int, partner_ids: Iterable[int], person_ids: Iterable[int]) -> Person:
    take_locks([*((Lock.AGREEMENT, one) for one in partner_ids), *((Lock.PERSON, one) for one in person_ids)])
    return db.session.get_one(Person, person_id, populate_existing=True)


def _partners_of(person_id: int, now: datetime) -> Sequence[int]:
    """The partners at which the person has roles, now or later: a place of each is theirs while the account is open."""
    held = select(RoleGrant.partner_id).where(RoleGrant.person_id == person_id, RoleGrant.partner_id.is_not(None))
    return sorted({one for one in db.session.scalars(held.where(directory.is_live(now))) if one})


def _invited_by(person_id: int, now: datetime) -> Sequence[int]:
    """The partners to which the person's address is invited."""
    to = select(Invitation.partner_id).join(Person, Person.email == Invitation.email).where(Person.id == person_id)
    return sorted({one for one in db.session.scalars(to.where(directory.is_open(now))) if one})


def _end_ways_in(person: Person, actor_id: int | None, now: datetime) -> None:
    """End the links and invitations that wait for this person, and letters that would bring such a link."""
    for invitation in db.session.scalars(
        select(Invitation).where(Invitation.email == person.email, directory.is_open(now))
    ):
        withdraw(invitation, actor_id=actor_id, now=now)
    links = update(OneTimeLink).where(OneTimeLink.person_id == person.id)
    unused = links.where(OneTimeLink.used_at.is_(None), OneTimeLink.revoked_at.is_(None))
    db.session.execute(unused.values(revoked_at=now))
    promised = update(Letter).where(Letter.person_id == person.id, Letter.kind == Purpose.RESET)
    db.session.execute(promised.where(Letter.sent_at.is_(None)).values(given_up_at=now, fault=""))


def _tell(person: Person, code: str, actor_id: int | None, now: datetime, **said: str) -> None:
    """Write down what was done, and let the person know; the reason stays in the trail."""
    number = person.id
    db.session.add(happened(code, at=now, actor_id=actor_id, subject="person", subject_id=number, body=said))
    db.session.add(letter("account", person.email, person.language, now=now, person_id=number, change=code))
