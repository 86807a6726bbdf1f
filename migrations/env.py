"""Runs migrations on the application's own database, one process at a time.

A migration that rebuilds a guarded table (hold, event, seal, sealed) must re-create its guards; tests/models break each
guard after every revision.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection, Engine, text

import labbook.models  # noqa: F401 - fills the metadata
from labbook.db import Base

MIGRATION_LOCK = 20261123


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write LabBook's own column types as the plain types below them: a migration outlives the classes of today."""
    if kind == "type" and type(item).__module__ == "labbook.column_types":
        return f"sa.{item.impl!r}"
    return False


def run(engine: Engine) -> None:
    """Upgrade or downgrade; several processes that start at once wait for each other."""
    with engine.connect() as connection:
        _wait_for_turn(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _wait_for_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    else:
        connection.execution_options(writes=True)


run(current_app.extensions["migrate"].db.engine)
