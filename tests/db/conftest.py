"""An application that waits only briefly for locks, and a second connection that holds them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection

from labbook import engines
from labbook.db import db
from tests.conftest import Clock, application, let_go

SHORT_WAIT_MS = 300


@pytest.fixture
def hasty(database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with a bound of 300 ms instead of seconds on every wait for a lock."""
    monkeypatch.setattr(engines, "LOCK_WAIT_MS", SHORT_WAIT_MS)
    app = application(database, CLOCK=clock)
    with app.app_context():
        yield app
        let_go()


@pytest.fixture
def other(hasty: Flask) -> Iterator[Connection]:
    """Somebody else's connection to the same database."""
    with db.engine.connect() as connection:
        yield connection
        connection.rollback()
