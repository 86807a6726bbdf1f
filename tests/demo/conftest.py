"""The demo lab, made once on each database for the tests that look at it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from labbook.db import db
from labbook.demo import Summary, load
from tests import pgtmp
from tests.conftest import application, let_go

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


def leave(app: Flask) -> None:
    with app.app_context():
        let_go()


@pytest.fixture(scope="session")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    path = tmp_path_factory.mktemp("demo") / "labbook.db"
    shutil.copy(sqlite_template, path)
    lab = made(f"sqlite:///{path}", NOW)
    yield lab
    leave(lab.app)


@pytest.fixture(scope="session")
def on_postgresql(postgresql_template: tuple[Engine, str]) -> Iterator[Made]:
    admin, template = postgresql_template
    with pgtmp.database(admin, template=template) as url:
        lab = made(url, NOW)
        yield lab
        leave(lab.app)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def demo(request: pytest.FixtureRequest) -> Made:
    """The demo lab on the day on which it was made; tests only look at it."""
    lab: Made = request.getfixturevalue(f"on_{request.param}")
    return lab


@pytest.fixture
def young(sqlite_template: Path, tmp_path: Path, postgresql_template: tuple[Engine, str]) -> Iterator[list[Made]]:
    """A lab that shows but the last days, on both databases: `make soak` makes a whole one on PostgreSQL."""
    path = tmp_path / "labbook.db"
    shutil.copy(sqlite_template, path)
    admin, template = postgresql_template
    with pytest.MonkeyPatch.context() as patch, pgtmp.database(admin, template=template) as url:
        patch.setattr(sys.modules["labbook.demo.load"], "SHOWN", timedelta(days=-2))
        labs = [made(f"sqlite:///{path}", NOW), made(url, NOW)]
        yield labs
        for lab in labs:
            leave(lab.app)


@pytest.fixture
def inside(demo: Made) -> Iterator[Made]:
    with demo.app.app_context():
        yield demo
        db.session.remove()


@pytest.fixture
def later(on_sqlite: Made, tmp_path: Path) -> Iterator[Flask]:
    """A copy of the demo lab in which time goes on: by the same services on each database, so on one of them."""
    leave(on_sqlite.app)
    with on_sqlite.app.app_context():
        shutil.copy(str(db.engine.url.database), tmp_path / "later.db")
    app = application(f"sqlite:///{tmp_path / 'later.db'}")
    with app.app_context():
        yield app
    leave(app)
