"""The second factor: an authenticator app (RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import NamedTuple

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, update

from ...core.permissions import Actor, Do, Matter, require
from ...db import db, transactional
from ...models import Person, RecoveryCode
from ...models.audit import happened
from ...models.letter import letter
from .. import accounts
from . import throttle
from .origin import Origin
from .passwords import confirm as confirm_password
from .throttle import Door

STEP_SECONDS = 30
STEPS_ASIDE = 1  # a clock may be half a minute off
OFFER_LASTS = timedelta(hours=1)
CODES, CODE_LENGTH = 10, 12
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_APP_CODE = re.compile(r"[0-9]{6}")


class BadCodeError(Exception):
    """The code is not the one that the app shows now, or it was used before."""


class AlreadySetError(Exception):
    """There is a second factor already, or there is none any more: somebody was faster."""


class OfferOverError(Exception):
    """The secret to be confirmed is too old, or not for this person."""


class Offer(NamedTuple):
    """A secret to be entered into an app: as text, as an address for its camera, and sealed to be sent back."""

    secret: str
    address: str
    sealed: str


class Vault:
    """Keeps the secrets of second factors: encrypted with a key that is derived from the application's own."""

    def __init__(self, secret_key: str) -> None:
        key = self._derived(secret_key, b"labbook second factors")
        self._fernet = Fernet(urlsafe_b64encode(key))
        self._code_key = self._derived(secret_key, b"labbook recovery codes")

    @staticmethod
    def _derived(secret_key: str, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())

    def sealed(self, text: str, now: datetime) -> str:
        """A text that only this application can open."""
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def opened(self, sealed: str, now: datetime, within: timedelta | None = None) -> str | None:
        """What was sealed; None when it was altered, is older than `within`, or the application's key is another."""
        try:
            if within is None:
                return self._fernet.decrypt(sealed.encode()).decode()
            lasts = int(within.total_seconds())
            return self._fernet.decrypt_at_time(sealed.encode(), lasts, int(now.timestamp())).decode()
        except InvalidToken:
            return None

    def code_hash(self, person_id: int, code: str) -> str:
        """What is stored of a recovery code; however it was typed."""
        plain = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", code)).lower()
        return hmac.new(self._code_key, f"{person_id}:{plain}".encode(), hashlib.sha256).hexdigest()


def new_offer(actor: Actor, vault: Vault, *, issuer: str, now: datetime) -> Offer:
    """A fresh secret; nothing is kept of it before a code has confirmed it."""
    return _offer(actor, vault, pyotp.random_base32(), issuer, now)


def same_offer(actor: Actor, sealed: str, vault: Vault, *, issuer: str, now: datetime) -> Offer | None:
    """The secret that was offered before, to be shown again; None when that is over."""
    secret = _offered(actor, sealed, vault, now)
    return _offer(actor, vault, secret, issuer, now) if secret else None


def _offer(actor: Actor, vault: Vault, secret: str, issuer: str, now: datetime) -> Offer:
    address = pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=issuer)
    return Offer(secret, address, vault.sealed(f"{actor.person_id}:{secret}", now))


def _offered(actor: Actor, sealed: str, vault: Vault, now: datetime) -> str:
    owner, _, secret = (vault.opened(sealed, now, OFFER_LASTS) or "").partition(":")
    return secret if owner == str(actor.person_id) else ""


@transactional
def confirm(actor: Actor, sealed: str, code: str, vault: Vault, *, now: datetime) -> list[str]:
    """Take the offered secret as second factor; returns the recovery codes, which are kept nowhere else.

    Raises OfferOverError, BadCodeError, AlreadySetError.
    """
    _require_own(actor)
    secret = _offered(actor, sealed, vault, now)
    if not secret:
        raise OfferOverError
    step = _step_of(secret, code, now)
    if step is None:
        raise BadCodeError
    free = update(Person).where(Person.id == actor.person_id, Person.totp_secret == "")
    kept = {"totp_secret": vault.sealed(secret, now), "totp_step": step}
    if db.session.scalar(free.values(kept).returning(Person.id)) is None:
        raise AlreadySetError
    _note(actor, "factor-added", now)
    return _new_codes(actor.person_id, vault)


def remove(actor: Actor, password: str, code: str, vault: Vault, origin: Origin, *, now: datetime) -> None:
    """End one's second factor and its recovery codes; who only ever came by OpenID has no password to give.

    Raises WrongPasswordError, BadCodeError, AlreadySetError, TooManyTriesError.
    """
    if accounts.factor_of(actor.person_id).has_password:
        confirm_password(actor, password, origin, now=now)
    tried = throttle.admit(Door.CODE, actor.email, origin.address, now=now)
    _remove(actor, code, vault, tried, now=now)


@transactional
def _remove(actor: Actor, code: str, vault: Vault, tried: int, *, now: datetime) -> None:
    _require_good(actor, code, vault, now)
    throttle.opened(tried)
    forget(actor.person_id)
    _note(actor, "factor-removed", now)


def forget(person_id: int) -> None:
    """Take a second factor and its recovery codes away; for transactions that do it."""
    db.session.execute(update(Person).where(Person.id == person_id).values(totp_secret=""))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def renew_codes(actor: Actor, code: str, vault: Vault, origin: Origin, *, now: datetime) -> list[str]:
    """New recovery codes; the old ones end. Raises BadCodeError, AlreadySetError, TooManyTriesError."""
    tried = throttle.admit(Door.CODE, actor.email, origin.address, now=now)
    return _renew_codes(actor, code, vault, tried, now=now)


@transactional
def _renew_codes(actor: Actor, code: str, vault: Vault, tried: int, *, now: datetime) -> list[str]:
    _require_good(actor, code, vault, now)
    throttle.opened(tried)
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.person_id))
    _note(actor, "recovery-codes-renewed", now)
    return _new_codes(actor.person_id, vault)


def is_good_code(person: Person, code: str, vault: Vault, *, now: datetime) -> bool:
    """Use a code up: the app's, which is good once and for about a minute, or a recovery code. In a transaction."""
    plain = _plain(code)
    if _APP_CODE.fullmatch(plain):
        secret = vault.opened(person.totp_secret, now) if person.totp_secret else None
        step = _step_of(secret, plain, now) if secret else None
        if step is None:
            return False
        later = update(Person).where(Person.id == person.id, Person.totp_step < step)
        return db.session.scalar(later.values(totp_step=step).returning(Person.id)) is not None
    unused = update(RecoveryCode).where(
        RecoveryCode.person_id == person.id,
        RecoveryCode.code_hash == vault.code_hash(person.id, code),
        RecoveryCode.used_at.is_(None),
    )
    return db.session.scalar(unused.values(used_at=now).returning(RecoveryCode.id)) is not None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time for which this is the code; every step that may be is compared."""
    app, plain = pyotp.TOTP(secret), _plain(code)
    here = int(now.timestamp()) // STEP_SECONDS
    steps = range(here - STEPS_ASIDE, here + STEPS_ASIDE + 1)
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), plain.encode())]
    return max(found, default=None)


def _plain(code: str) -> str:
    """A code without blanks; digits of full width, as a Japanese keyboard sends them, are digits."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code))


def _new_codes(person_id: int, vault: Vault) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(person_id=person_id, code_hash=vault.code_hash(person_id, one)) for one in codes)
    return ["-".join(re.findall("....", one)) for one in codes]


def _require_own(actor: Actor) -> None:
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))


def _require_good(actor: Actor, code: str, vault: Vault, now: datetime) -> None:
    _require_own(actor)
    person = db.session.get_one(Person, actor.person_id)
    if not person.totp_secret:
        raise AlreadySetError
    if not is_good_code(person, code, vault, now=now):
        raise BadCodeError


def _note(actor: Actor, code: str, now: datetime) -> None:
    number = actor.person_id
    db.session.add(happened(code, at=now, actor_id=number, subject="person", subject_id=number))
    about = letter("factor-changed", actor.email, actor.language, now=now, person_id=number, change=code)
    db.session.add(about)
