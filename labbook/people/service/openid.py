"""Signing in by OpenID Connect: an account of LabBook is found for it, never made, and never given rights."""

from __future__ import annotations

import hmac
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from ...core.addresses import plain_address
from ...db import db, transactional
from ...models import Identity, Person
from ...models.audit import happened
from .. import accounts, queries
from . import sessions, throttle
from .origin import Origin
from .provider import BadAnswerError, Pending, Proof, Provider
from .signing_in import Entry, enter
from .throttle import Door


class Refusal(StrEnum):
    """Why nobody was let in. Stored; never rename."""

    STATE = "state"  # not begun in this browser, or sent a second time
    DENIED = "denied"  # said by the provider
    ANSWER = "answer"  # signature, audience, issuer, time or nonce
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    INVITED = "invited"  # but has not accepted yet
    CLOSED = "closed"
    OTHER = "other"  # another identity of this provider is this person's


class RefusedError(Exception):
    """Not let in."""

    def __init__(self, refusal: Refusal, person_id: int | None = None, detail: str = "") -> None:
        super().__init__(refusal)
        self.refusal, self.person_id, self.detail = refusal, person_id, detail


def sign_in(
    provider: Provider, said: dict[str, str], pending: Pending | None, origin: Origin, *, now: datetime
) -> Entry:
    """A new session for whom the provider vouches; `said` is what came back through the browser.

    Raises RefusedError, which is recorded, ProviderAwayError and TooManyTriesError.
    """
    tried = throttle.admit(Door.OPENID, "", origin.address, now=now)
    try:
        if pending is None or not hmac.compare_digest(pending.state.encode(), said.get("state", "").encode()):
            raise RefusedError(Refusal.STATE)
        if not said.get("code"):
            raise RefusedError(Refusal.DENIED)
        return _let_in(_proof(provider, said["code"], pending, now), tried, origin, now=now)
    except RefusedError as refused:
        _record(refused, origin, now=now)
        raise


def _proof(provider: Provider, code: str, pending: Pending, now: datetime) -> Proof:
    try:
        return provider.finish(code, pending, now)
    except BadAnswerError as error:
        raise RefusedError(Refusal.ANSWER, detail=error.reason) from error


@transactional
def _let_in(proof: Proof, tried: int, origin: Origin, *, now: datetime) -> Entry:
    known = db.session.get(Identity, (proof.issuer, proof.subject))
    person = db.session.get_one(Person, known.person_id) if known else _linked(proof, now)
    if not person.is_active:
        raise RefusedError(Refusal.CLOSED, person.id)
    throttle.opened(tried)
    if person.totp_secret:
        return Entry(sessions.begin(person.id, origin, is_complete=False, now=now), False)
    return enter(person, origin, now=now, by="openid")


def _linked(proof: Proof, now: datetime) -> Person:
    """The person whose verified address this is, from now on known by the provider's subject."""
    if not proof.email:
        raise RefusedError(Refusal.UNVERIFIED)
    email = plain_address(proof.email)
    person = queries.person_by_email(email)
    if person is None:
        raise RefusedError(Refusal.INVITED if accounts.is_invited(email, now) else Refusal.UNKNOWN)
    if not person.is_active:
        raise RefusedError(Refusal.CLOSED, person.id)
    # An address that its organisation has given to somebody else must not open the account of the one before.
    taken = select(Identity.subject).where(Identity.person_id == person.id, Identity.issuer == proof.issuer)
    if db.session.scalars(taken).first() is not None:
        raise RefusedError(Refusal.OTHER, person.id)
    db.session.add(Identity(issuer=proof.issuer, subject=proof.subject, person_id=person.id, linked_at=now))
    db.session.add(happened("openid-linked", at=now, actor_id=person.id, subject="person", subject_id=person.id))
    return person


@transactional
def _record(refused: RefusedError, origin: Origin, *, now: datetime) -> None:
    body = {"reason": str(refused.refusal), "detail": refused.detail, "from": origin.address}
    number = refused.person_id or 0
    db.session.add(happened("openid-refused", at=now, actor_id=None, subject="person", subject_id=number, body=body))
