"""Databases and applications for every test, each on SQLite and on PostgreSQL: migrated once, and fresh for each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from labbook import create_app
from labbook.db import db
from labbook.feeds.views.door import WHOLE_ANSWERS, WRONG_LINKS
from labbook.feeds.views.free_busy import ASKED
from tests import pgtmp
from tests.cast import NOW, Cast, make_lab
from tests.putback import PutBack, keep

DATABASES = ("sqlite", "postgresql")
MEMORY, ROOM = Path("/dev/shm"), 1 << 30
TEMPLATES = Path(__file__).parents[1] / ".cache" / "templates"  # compiled, each known by what its source says

# Folders whose servers, labs or browsers are dear: one process of a parallel run makes them and has all their tests.
DEAR = frozenset({"bench", "browser", "demo", "faults", "models", "permissions"})


class ByFolder(LoadScopeScheduling):
    """Deals tests out one by one, but for the dear folders. (Groups by mark rely on what pytest 9.2 has taken away.)"""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("/")[1]
        return folder if folder in DEAR else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    return ByFolder(config, log)


@dataclass
class Clock:
    """The time that the application under test believes in."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def application(url: str, **overrides: object) -> Flask:
    """The application on a database, as in production but for a known key, cheap passwords and kept templates."""
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": "a-key-that-only-tests-know-0123456789",
            "TESTING": True,
            "PROPAGATE_EXCEPTIONS": False,
            "SMTP_URL": "",  # letters wait, unless a test names a way out
            **overrides,
        }
    )
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(TEMPLATES))
    return app


def let_go() -> None:
    """End the current application's session, and close its connections."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def settings() -> Iterator[None]:
    """Tests do not depend on the environment that they are started in, and hash passwords cheaply."""
    from argon2 import PasswordHasher

    from labbook.people.service import passwords

    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("LABBOOK_") and "TEST" not in name]:
        patch.delenv(name)
    patch.setenv("LABBOOK_ENV", "development")
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(passwords, "_hasher", cheap)
    patch.setattr(passwords, "_NOBODYS_HASH", cheap.hash("nobody"))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def postgresql_server(settings: None) -> Iterator[str]:
    """The address of a real PostgreSQL: someone's own, or one that lives as long as this test run."""
    if url := os.environ.get("LABBOOK_TEST_POSTGRES"):
        yield url
        return
    if pgtmp.binaries() is None:
        reason = "no PostgreSQL binaries: run `make test`, or set LABBOOK_TEST_POSTGRES"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with pgtmp.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[tuple[Engine, str]]:
    """A migrated database to copy."""
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    name = f"template_{uuid.uuid4().hex[:8]}"
    with pgtmp.database(admin, name=name) as url:
        _migrate(url)
        yield admin, name
    admin.dispose()


@pytest.fixture(scope="session")
def sqlite_template(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("template") / "labbook.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_lab(sqlite_template: Path) -> tuple[Path, Cast]:
    """The same with the fixed cast in it."""
    path = sqlite_template.with_name("lab.db")
    shutil.copy(sqlite_template, path)
    return path, _peopled(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def postgresql_lab(postgresql_template: tuple[Engine, str]) -> Iterator[tuple[str, Cast]]:
    """The same with the fixed cast in it; it knows what it held without, too."""
    admin, template = postgresql_template
    name = f"lab_{uuid.uuid4().hex[:8]}"
    with pgtmp.database(admin, template=template, name=name) as url:
        keep(url, "migrated")
        cast = _peopled(url)
        keep(url, "peopled")
        yield name, cast


@pytest.fixture(scope="session")
def postgresql_place(
    postgresql_template: tuple[Engine, str], postgresql_lab: tuple[str, Cast], places: tuple[Path, str]
) -> Iterator[PutBack]:
    """The database on the server that every test finds as it was."""
    with closing(PutBack(postgresql_template[0], postgresql_lab[0], places[1])) as place:
        yield place


def _migrate(url: str) -> None:
    app = application(url)
    with app.app_context():
        upgrade()
        let_go()


def _peopled(url: str) -> Cast:
    app = application(url)
    with app.app_context():
        cast = make_lab()
        let_go()
    return cast


@pytest.fixture(scope="session")
def places() -> Iterator[tuple[Path, str]]:
    """Where the database of every test lies, one after the other: a file, and a name on the server.

    The file is in memory where there is room: waiting for the disk is a tenth of the time that such tests take.
    """
    has_room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with TemporaryDirectory(prefix="labbook-test-", dir=MEMORY if has_room else None) as folder:
        yield Path(folder) / "labbook.db", f"test_{uuid.uuid4().hex[:8]}"


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, places: tuple[Path, str]) -> Iterator[str]:
    """The address of a fresh, migrated database: empty, or with the fixed cast for tests that ask for the lab."""
    has_lab = "lab" in request.fixturenames
    path, _ = places
    if request.param == "sqlite":
        source = request.getfixturevalue("sqlite_lab")[0] if has_lab else request.getfixturevalue("sqlite_template")
        for left in path.parent.iterdir():
            left.unlink()
        shutil.copy(source, path)
        yield f"sqlite:///{path}"
        return
    yield request.getfixturevalue("postgresql_place").holding("peopled" if has_lab else "migrated")


@pytest.fixture
def clock() -> Clock:
    """The application's clock, at the cast's Monday morning unless a test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def applications() -> Iterator[dict[str, Flask]]:
    """The applications that tests use in turn: pages and statements are put together once, not for every test."""
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            let_go()


@pytest.fixture
def app(database: str, clock: Clock, applications: dict[str, Flask]) -> Iterator[Flask]:
    """The application on an empty database, in an application context."""
    if database not in applications:
        applications[database] = application(database)
    app = applications[database]
    usual = dict(app.config)
    app.config["CLOCK"] = clock
    WHOLE_ANSWERS.forget()  # feeds of other tests have the same ids
    WRONG_LINKS.forget()
    ASKED.forget()
    with app.app_context():
        yield app
        db.session.remove()
        if db.engine.dialect.name == "sqlite":  # its file goes; a server's connections stay
            let_go()
    app.config.clear()
    app.config.update(usual)


@pytest.fixture
def lab(app: Flask, request: pytest.FixtureRequest) -> Cast:
    """The application's database holds the fixed cast."""
    cast: Cast = request.getfixturevalue(f"{db.engine.dialect.name}_lab")[1]
    return Cast(dict(cast.people), dict(cast.partners), dict(cast.sites))  # a test's own: some add people to it
