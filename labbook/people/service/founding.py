"""The first account of a new lab: nobody is there yet who could invite."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...core.addresses import plain_address
from ...core.permissions import Role
from ...core.tokens import new_token, token_hash
from ...db import db, transactional
from ...models import OneTimeLink, Person, RoleGrant
from ...models.access import Purpose
from ...models.audit import happened
from .. import queries

LINK_LASTS = timedelta(hours=24)


class KnownAddressError(Exception):
    """Somebody has this address already."""


class ForeignLettersError(Exception):
    """The address holds letters that no mail server here would deliver to, and with which nobody could sign in."""


@transactional
def add_administrator(email: str, family_name: str, given_name: str, *, language: str, now: datetime) -> str:
    """An administrator without a password; returns the token of the link that sets one.

    Raises KnownAddressError, ForeignLettersError.
    """
    address = plain_address(email)
    if not address.isascii():
        raise ForeignLettersError
    if queries.person_by_email(address) is not None:
        raise KnownAddressError
    person = Person(email=address, family_name=family_name, given_name=given_name, language=language, created_at=now)
    db.session.add(person)
    db.session.flush()
    token = new_token()
    db.session.add(RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR, starts_on=now.date()))
    db.session.add(
        OneTimeLink(
            purpose=Purpose.RESET,
            token_hash=token_hash(token),
            person_id=person.id,
            made_at=now,
            expires_at=now + LINK_LASTS,
        )
    )
    body = {"roles": [str(Role.ADMINISTRATOR)], "starts": now.date().isoformat()}
    db.session.add(happened("role-given", at=now, actor_id=None, subject="person", subject_id=person.id, body=body))
    return token
