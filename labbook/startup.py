"""What is checked before LabBook serves in production."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import select

from .db import db
from .demo.people import DEMO_PASSWORD
from .models import Person
from .settings import config


def refuse_unsafe_start() -> None:
    """Raise SettingError when the database is not migrated, or in production when the demo's people could sign in."""
    if not _is_migrated():
        raise config.SettingError("The database is not as this release needs it. Run `labbook db upgrade` first.")
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


def _is_migrated() -> bool:
    folder = current_app.extensions["migrate"].directory
    with db.engine.connect() as connection:
        return (
            MigrationContext.configure(connection).get_current_revision() == ScriptDirectory(folder).get_current_head()
        )


def _is_demo(password_hash: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, DEMO_PASSWORD)
    except (VerificationError, InvalidHashError):
        return False
