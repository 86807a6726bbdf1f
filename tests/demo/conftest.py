"""The demo lab, made once on each database for the tests that look at it."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from labbook.db import db
from labbook.demo import Summary, load
from tests.conftest import DATABASES, application

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # Monday: a public holiday in Tsukuba, before dawn in Cambridge


@dataclass(frozen=True)
class Made:
    """A database with the demo lab, and how it was made."""

    app: Flask
    summary: Summary
    seconds: float  # of this process: waiting for other processes of the machine does not count


def made(url: str, now: datetime) -> Made:
    app = application(url)
    with app.app_context():
        began = time.process_time()
        summary = load(now)
        return Made(app, summary, time.process_time() - began)


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def copied(admin: Engine, template: str) -> Iterator[str]:
    name = f"demo_{uuid.uuid4().hex[:8]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    path = tmp_path_factory.mktemp("demo") / "labbook.db"
    shutil.copy(sqlite_template, path)
    lab = made(f"sqlite:///{path}", NOW)
    yield lab
    let_go(lab.app)


@pytest.fixture(scope="session")
def on_postgresql(postgresql_template: tuple[Engine, str]) -> Iterator[Made]:
    with copied(*postgresql_template) as url:
        lab = made(url, NOW)
        yield lab
        let_go(lab.app)


@pytest.fixture(scope="session", params=DATABASES)
def demo(request: pytest.FixtureRequest) -> Made:
    """The demo lab on the day on which it was made; tests only look at it."""
    lab: Made = request.getfixturevalue(f"on_{request.param}")
    return lab


@pytest.fixture
def context(demo: Made) -> Iterator[Made]:
    with demo.app.app_context():
        yield demo
        db.session.remove()


@pytest.fixture
def later(demo: Made, postgresql_template: tuple[Engine, str], tmp_path: Path) -> Iterator[Flask]:
    """A copy of the demo lab in which time goes on."""
    let_go(demo.app)
    with demo.app.app_context():
        url = db.engine.url
    if url.drivername.startswith("sqlite"):
        assert url.database
        shutil.copy(url.database, tmp_path / "later.db")
        app = application(f"sqlite:///{tmp_path / 'later.db'}")
        with app.app_context():
            yield app
        let_go(app)
        return
    with copied(postgresql_template[0], str(url.database)) as copy:
        app = application(copy)
        with app.app_context():
            yield app
        let_go(app)
