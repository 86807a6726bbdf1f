"""What is checked before LabBook serves in production."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import select

from .db import db
from .demo.people import DEMO_PASSWORD
from .models import Person
from .settings import config


def refuse_unsafe_start() -> None:
    """Raise SettingError when this is production and the demo's people could sign in."""
    if not current_app.config["IS_PRODUCTION"]:
        return
    hashes = set(
        db.session.scalars(
            select(Person.password_hash).where(
                Person.email.like("%.example"), Person.is_active, Person.password_hash != ""
            )
        )
    )
    if any(_is_demo(one) for one in hashes):
        raise config.SettingError(
            "This database holds the demo's accounts with the demo's password. "
            "Use a fresh database for production, or close those accounts."
        )


def _is_demo(password_hash: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, DEMO_PASSWORD)
    except (VerificationError, InvalidHashError):
        return False
