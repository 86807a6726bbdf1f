"""A forgotten password: asking for a link, and choosing a new password with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from ...core.addresses import plain_address
from ...core.language import LANGUAGES
from ...core.tokens import token_hash
from ...db import db, transactional
from ...models import OneTimeLink, Person
from ...models.access import Purpose
from ...models.audit import happened
from ...models.letter import letter
from .. import accounts, queries
from . import passwords, sessions, throttle
from .origin import Origin
from .throttle import Door


class DeadLinkError(Exception):
    """The link was used, is too old, was replaced by a newer one, or never was one: nobody learns which."""


def ask(email: str, origin: Origin, *, language: str, now: datetime) -> None:
    """Have a link sent to this address, if it is an active person's. Raises TooManyTriesError.

    Nothing tells whether it is: for any other address the letter is written too, and taken back.
    """
    account = plain_address(email)
    throttle.admit(Door.RESET, account, origin.address, now=now)
    _ask(account, language, now=now)


@transactional
def _ask(account: str, language: str, *, now: datetime) -> None:
    person = queries.person_by_email(account)
    reader = person if person is not None and person.is_active else None
    chosen = reader.language if reader else language if language in LANGUAGES else LANGUAGES[0]
    with db.session.begin_nested() as writing:
        db.session.add(letter(Purpose.RESET, account, chosen, now=now, person_id=reader.id if reader else None))
        db.session.flush()
        if reader is None:
            writing.rollback()


def holder(token: str, *, now: datetime) -> Person:
    """Whose password a link may set. Raises DeadLinkError."""
    person = accounts.person_of_reset(token_hash(token), now)
    if person is None:
        raise DeadLinkError
    return person


def reset(token: str, password: str, origin: Origin, *, shortest: int, now: datetime) -> None:
    """Set a new password with a link, which ends with it, and so do all sessions.

    Only links that never were count as tries, and only they are refused after many: whoever has a link of their own
    does not wait for others at the same address. Raises DeadLinkError, UnfitPasswordError, TooManyTriesError.
    """
    hashed = token_hash(token)
    if accounts.fault_of_reset(hashed, now)[1] == "unknown":
        throttle.admit(Door.LINK, "", origin.address, now=now)
    passwords.require_fit(holder(token, now=now), password, shortest=shortest)
    _reset(hashed, passwords.password_hash(password), now=now)  # slow, so hashed before


@transactional
def _reset(hashed: str, fresh: str, *, now: datetime) -> None:
    person = accounts.person_of_reset(hashed, now)
    mine = update(OneTimeLink).where(OneTimeLink.token_hash == hashed, *accounts.is_live_reset(now))
    if person is None or db.session.scalar(mine.values(used_at=now).returning(OneTimeLink.id)) is None:
        raise DeadLinkError
    others = update(OneTimeLink).where(OneTimeLink.person_id == person.id, *accounts.is_live_reset(now))
    db.session.execute(others.values(revoked_at=now))
    person.password_hash = fresh
    sessions.end_all(person.id, now=now)
    db.session.add(happened("password-reset", at=now, actor_id=person.id, subject="person", subject_id=person.id))
    passwords.tell_changed(person, now=now)
