"""Signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from ...core.permissions import Actor
from ...core.tokens import new_token, token_hash
from ...db import db, in_passing, transactional
from ...models import Person, SignIn
from ...models.audit import happened
from .. import queries
from .passwords import checked

_SEEN_EVERY = timedelta(minutes=5)


def sign_in(email: str, password: str, *, now: datetime) -> str | None:
    """A new session's token, or None when address and password do not belong together."""
    person = checked(email, password)  # takes its time, so before and outside the writing transaction
    return _start_session(person.id, now=now) if person else None


@transactional
def _start_session(person_id: int, *, now: datetime) -> str | None:
    person = db.session.get(Person, person_id)
    if person is None or not person.is_active:
        return None
    token = new_token()
    db.session.add(SignIn(token_hash=token_hash(token), person_id=person.id, started_at=now, seen_at=now))
    db.session.add(happened("signed-in", at=now, actor_id=person.id, subject="person", subject_id=person.id))
    return token


@transactional
def sign_out(token: str, *, now: datetime) -> None:
    """End the session behind a token, on the server."""
    db.session.execute(
        update(SignIn).where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None)).values(ended_at=now)
    )


@in_passing
def seen(sign_in_id: int, *, now: datetime) -> None:
    """Note that a session is in use; called at most every few minutes, left out when it would wait."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def is_due(session: queries.Session) -> bool:
    """True when the last use was noted long enough ago to note it again."""
    return session.now - session.seen_at >= _SEEN_EVERY


@transactional
def choose_language(actor: Actor, language: str) -> None:
    """The language of pages, feeds and letters for this person."""
    db.session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))
