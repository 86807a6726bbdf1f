"""Passwords: hashing and checking them, choosing and changing one's own."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from zxcvbn import zxcvbn

from ...core import passwords as rules
from ...core.addresses import plain_address
from ...core.passwords import normalized
from ...core.permissions import Actor, Do, Matter, require
from ...core.terms import Sentence
from ...db import db, transactional
from ...models import Person
from ...models.audit import happened
from ...models.letter import letter
from .. import queries
from . import throttle
from .origin import Origin
from .sessions import end_all
from .throttle import Door

_hasher = PasswordHasher()
# Checked when the address is unknown, so that known and unknown addresses take the same time.
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))
_scoring = threading.Lock()  # zxcvbn keeps the words told to it in a dictionary of the whole process
_SCORED = 72  # characters; what comes after makes it no worse
_LOOK_ALIKES = "@({[<!|$+%"
_LOOK_ALIKES_SCORED = 2  # zxcvbn tries every combination of them, and with all of them one password takes seconds


class WrongPasswordError(Exception):
    """The present password was not given."""


class UnfitPasswordError(Exception):
    """The new password cannot be chosen; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


def password_hash(password: str) -> str:
    """A hash fit to be stored."""
    return _hasher.hash(normalized(password))


def checked(email: str, password: str) -> Person | None:
    """The active person whose address and password these are. Takes as long when there is none."""
    person, is_right = known_and_right(email, password)
    return person if is_right else None


def known_and_right(email: str, password: str) -> tuple[Person | None, bool]:
    """The account with this address, if any, and whether this is its password and it may be used."""
    person = queries.person_by_email(plain_address(email))
    stored = person.password_hash if person and person.password_hash else _NOBODYS_HASH
    return person, _fits(stored, password) and person is not None and person.is_active and bool(person.password_hash)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, normalized(password))
    except (VerificationError, InvalidHashError):
        return False


def objection(password: str, *, email: str, names: Sequence[str], shortest: int) -> Sentence | None:
    """Why this person cannot choose this password, or None; `shortest` is the setting."""
    return rules.objection(password, shortest=shortest, email=email, names=names, score=_score)


def _score(password: str, told: Sequence[str]) -> int:
    looked_at, symbols = "", ""
    for character in password[:_SCORED]:
        if character in _LOOK_ALIKES and character not in symbols:
            symbols += character
        looked_at += "~" if character in symbols[_LOOK_ALIKES_SCORED:] else character
    with _scoring:
        return int(zxcvbn(looked_at, list(told))["score"])


def require_fit(person: Person, password: str, *, shortest: int) -> None:
    """Raise UnfitPasswordError when this person cannot choose this password."""
    names = [person.family_name, person.given_name, *person.reading.split()]
    if sentence := objection(password, email=person.email, names=names, shortest=shortest):
        raise UnfitPasswordError(sentence)


def confirm(actor: Actor, password: str, origin: Origin, *, now: datetime) -> str:
    """The hash of one's present password, once it is given rightly; somebody else at one's desk must not guess.

    Raises WrongPasswordError, TooManyTriesError.
    """
    tried = throttle.admit(Door.PRESENT, actor.email, origin.address, now=now)
    person, is_right = known_and_right(actor.email, password)
    if person is None or not is_right:
        raise WrongPasswordError
    throttle.opened(tried)
    return person.password_hash


def change(actor: Actor, old: str, new: str, origin: Origin, *, keep: int, shortest: int, now: datetime) -> None:
    """Change one's own password; `keep` is the session that goes on, all others end.

    Raises WrongPasswordError, TooManyTriesError, UnfitPasswordError.
    """
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))
    stored = confirm(actor, old, origin, now=now)
    require_fit(db.session.get_one(Person, actor.person_id), new, shortest=shortest)
    _change(actor.person_id, stored, password_hash(new), keep=keep, now=now)  # slow, so before the transaction


@transactional
def _change(person_id: int, stored: str, fresh: str, *, keep: int, now: datetime) -> None:
    same = update(Person).where(Person.id == person_id, Person.password_hash == stored)
    if db.session.scalar(same.values(password_hash=fresh).returning(Person.id)) is None:  # changed meanwhile
        raise WrongPasswordError
    person = db.session.get_one(Person, person_id)
    end_all(person_id, now=now, keep=keep)
    db.session.add(happened("password-changed", at=now, actor_id=person_id, subject="person", subject_id=person_id))
    tell_changed(person, now=now)


def tell_changed(person: Person, *, now: datetime) -> None:
    """Let the person know by letter that the password is another one now; for transactions that change it."""
    db.session.add(letter("password-changed", person.email, person.language, now=now, person_id=person.id))
