"""Passwords: hashing and checking them."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ...models import Person
from .. import queries

_hasher = PasswordHasher()
# Checked when the address is unknown, so that known and unknown addresses take the same time.
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))


def password_hash(password: str) -> str:
    """A hash fit to be stored."""
    return _hasher.hash(password)


def checked(email: str, password: str) -> Person | None:
    """The active person whose address and password these are. Takes as long when there is none."""
    person = queries.person_by_email(email.strip().lower())
    stored = person.password_hash if person and person.password_hash else _NOBODYS_HASH
    try:
        _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return None
    return person if person and person.is_active and person.password_hash else None
