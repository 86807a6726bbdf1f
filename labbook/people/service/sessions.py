"""Sessions: beginning, using and ending them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...core.tokens import new_token, token_hash
from ...db import db, in_passing, transactional
from ...models import SignIn
from ...models.audit import happened
from .. import accounts, queries
from .origin import Origin

_SEEN_EVERY = timedelta(minutes=5)


def begin(person_id: int, origin: Origin, *, is_complete: bool, now: datetime) -> str:
    """A new session's token; for transactions that let somebody in. Incomplete, it opens only the door for the code."""
    token = new_token()
    db.session.add(
        SignIn(
            token_hash=token_hash(token),
            person_id=person_id,
            started_at=now,
            seen_at=now,
            is_complete=is_complete,
            address=origin.address,
            browser=origin.browser,
        )
    )
    return token


def end_all(person_id: int, *, now: datetime, keep: int | None = None) -> int:
    """End a person's sessions but the one to `keep`; for transactions that demand it. How many could be used."""
    live = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if keep is not None:
        live = live.where(SignIn.id != keep)
    return sum(db.session.scalars(live.values(ended_at=now).returning(SignIn.is_complete)))


@transactional
def sign_out(token: str, *, now: datetime) -> None:
    """End the session behind a token, on the server; twice is as good as once."""
    found = db.session.scalar(select(SignIn).where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None)))
    if found is not None:
        found.ended_at = now
        number = found.person_id
        db.session.add(happened("signed-out", at=now, actor_id=number, subject="person", subject_id=number))


@transactional
def end_one(actor: Actor, key: str, *, now: datetime) -> None:
    """End one of one's own sessions; twice is as good as once. Raises NotFoundError."""
    _require_own(actor)
    found = accounts.own_session(actor.person_id, key)
    if found is None:
        raise NotFoundError
    if found.ended_at is None:
        found.ended_at = now
        _ended(actor, 1, now)


@transactional
def end_others(actor: Actor, *, keep: int, now: datetime) -> int:
    """End all of one's own sessions but the one to `keep`; how many there were."""
    _require_own(actor)
    count = end_all(actor.person_id, now=now, keep=keep)
    if count:
        _ended(actor, count, now)
    return count


def _require_own(actor: Actor) -> None:
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))


def _ended(actor: Actor, count: int, now: datetime) -> None:
    number, body = actor.person_id, {"count": count}
    db.session.add(happened("session-ended", at=now, actor_id=number, subject="person", subject_id=number, body=body))


@in_passing
def seen(sign_in_id: int, *, now: datetime) -> None:
    """Note that a session is in use; called at most every few minutes, left out when it would wait."""
    db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def is_due(session: queries.Session) -> bool:
    """True when the last use was noted long enough ago to note it again."""
    return session.now - session.seen_at >= _SEEN_EVERY
