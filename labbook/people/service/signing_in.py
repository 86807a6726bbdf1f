"""Signing in with address and password, and with the code of a second factor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import update

from ...core.addresses import plain_address
from ...core.permissions import Actor, Do, Matter, require
from ...core.tokens import new_token, token_hash
from ...db import db, transactional
from ...models import Person, Try
from ...models.audit import happened
from .. import accounts
from . import sessions, throttle
from .factors import Vault, is_good_code
from .origin import Origin
from .passwords import known_and_right
from .throttle import Door

CODE_WITHIN = timedelta(minutes=10)


class Entry(NamedTuple):
    """A session that has begun; it can be used once it is complete, and until then waits for a code."""

    token: str
    is_complete: bool


class WrongCodeError(Exception):
    """The code is not good, or not any more."""


class NobodyWaitsError(Exception):
    """No session waits for a code here: too late, or ended, or never begun."""


def sign_in(email: str, password: str, origin: Origin, *, now: datetime) -> Entry | None:
    """A new session, or None when address and password do not belong together. Raises TooManyTriesError.

    Known and unknown addresses do the same work: the same statements, one hash, the same commits.
    """
    account = plain_address(email)
    tried = throttle.admit(Door.SIGN_IN, account, origin.counted_as(throttle.account_hash(account)), now=now)
    person, is_right = known_and_right(account, password)  # takes its time, so outside the writing transactions
    number = person.id if person else None
    if is_right and number is not None and (entry := _let_in(number, tried, origin, now=now)):
        return entry
    _refuse(number, tried, origin, now=now)
    return None


@transactional
def _let_in(person_id: int, tried: int, origin: Origin, *, now: datetime) -> Entry | None:
    person = db.session.get(Person, person_id)
    if person is None or not person.is_active:
        return None
    if person.totp_secret:
        throttle.uncounted(tried)  # counted as good once the code is given
        return Entry(sessions.begin(person.id, origin, is_complete=False, now=now), False)
    throttle.opened(tried)
    return enter(person, origin, now=now)


@transactional
def _refuse(person_id: int | None, tried: int, origin: Origin, *, now: datetime) -> None:
    """Record the refusal of a known account; for an unknown one the record is written too, and taken back."""
    db.session.execute(update(Try).where(Try.id == tried).values(is_good=False))
    with db.session.begin_nested() as writing:
        db.session.add(refusal(person_id or 0, origin, now=now))
        db.session.flush()
        if person_id is None:
            writing.rollback()


def refusal(person_id: int, origin: Origin, *, now: datetime, **more: str) -> object:
    """The record that somebody was not let in."""
    return happened(
        "sign-in-refused",
        at=now,
        actor_id=None,
        subject="person",
        subject_id=person_id,
        body={"from": origin.address, "browser": origin.browser, **more},
    )


def enter(person: Person, origin: Origin, *, now: datetime, **more: str) -> Entry:
    """Begin a complete session; for transactions that let somebody in."""
    token = sessions.begin(person.id, origin, is_complete=True, now=now)
    _signed_in(person.id, origin, now, more)
    return Entry(token, True)


def _signed_in(person_id: int, origin: Origin, now: datetime, more: dict[str, str]) -> None:
    body = {"from": origin.address, "browser": origin.browser, **more}
    db.session.add(happened("signed-in", at=now, actor_id=person_id, subject="person", subject_id=person_id, body=body))


def complete(token: str, code: str, vault: Vault, origin: Origin, *, now: datetime) -> str:
    """The new token of a session whose second factor has now been given: an authenticator's code or a recovery code.

    Raises NobodyWaitsError, WrongCodeError, TooManyTriesError.
    """
    found = accounts.pending(token_hash(token), started_after=now - CODE_WITHIN)
    if found is None:
        raise NobodyWaitsError
    person = found[1]
    named = throttle.account_hash(person.email)
    tried = throttle.admit(Door.CODE, person.email, origin.counted_as(named), now=now)
    fresh = _complete(token, code, vault, tried, origin, now=now)
    if fresh is None:
        _refuse_code(person.id, origin, now=now)
        raise WrongCodeError
    return fresh


@transactional
def _complete(token: str, code: str, vault: Vault, tried: int, origin: Origin, *, now: datetime) -> str | None:
    found = accounts.pending(token_hash(token), started_after=now - CODE_WITHIN)
    if found is None:
        raise NobodyWaitsError
    waiting, person = found
    if not is_good_code(person, code, vault, now=now):
        return None
    fresh = new_token()  # what was known before the code is worth nothing after it
    waiting.token_hash, waiting.is_complete = token_hash(fresh), True
    waiting.started_at = waiting.seen_at = now
    throttle.opened(tried)
    named = throttle.account_hash(person.email)
    where = origin.counted_as(named)
    db.session.add(Try(door=Door.SIGN_IN, account_hash=named, address=where, at=now, is_good=True))
    _signed_in(person.id, origin, now, {"by": "code"})
    return fresh


@transactional
def _refuse_code(person_id: int, origin: Origin, *, now: datetime) -> None:
    db.session.add(refusal(person_id, origin, now=now, at_step="code"))


@transactional
def choose_language(actor: Actor, language: str) -> None:
    """The language of pages, feeds and letters for this person."""
    db.session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))


@transactional
def choose_reading(actor: Actor, reading: str) -> None:
    """How one's own name is read, by which others find it in lists. Raises ForbiddenError."""
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))
    db.session.execute(update(Person).where(Person.id == actor.person_id).values(reading=reading))


@transactional
def choose_zone(actor: Actor, zone: str) -> None:
    """The zone of one's own clock, beside the site's on boards; empty: the home site's. Raises ForbiddenError."""
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))
    db.session.execute(update(Person).where(Person.id == actor.person_id).values(zone=zone))
