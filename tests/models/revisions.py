"""The revisions as the migrations folder has them, and an application that moves a database between them."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, NullPool, create_engine

from tests.conftest import application, let_go

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def scripts() -> ScriptDirectory:
    """The migrations folder."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def revisions() -> list[str]:
    """Every revision from the first to the head; one that is added later is tested without more ado."""
    return [script.revision for script in reversed(list(scripts().walk_revisions()))]


def move(url: str, *stops: str) -> None:
    """Take a database to each stop in turn: upwards to a revision or `head`, downwards to `base`."""
    app = application(url)
    with app.app_context():
        for stop in stops:
            if stop == "base":
                downgrade(revision=stop)
            else:
                upgrade(revision=stop)
        let_go()


def plain_engine(url: str) -> Engine:
    """An engine without an application, so that what is tested is the database alone; it keeps no connection open."""
    return create_engine(url, poolclass=NullPool)
