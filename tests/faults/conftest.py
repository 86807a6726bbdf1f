"""Served databases for the races: one real server and one test build per database, shared by all tests of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests import pgtmp
from tests.faults.arena import Arena, arena
from tests.faults.races import LONG, SHORT, Figures
from tests.faults.server import TEST_BUILD, served

Copies = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(params=[SHORT, pytest.param(LONG, marks=pytest.mark.soak)], ids=["short", "long"])
def rounds(request: pytest.FixtureRequest) -> int:
    """How often a race is run: RACE_ROUNDS, or few in `make test` and many in `make soak`."""
    return int(os.environ.get("RACE_ROUNDS") or request.param)


@pytest.fixture
def keep(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Callable[[Figures], None]:
    """Put a campaign's figures on record: in the report file, and printed."""

    def run(figures: Figures) -> None:
        record_property("figures", str(figures))
        print(figures)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of all campaigns, for quoting."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    found = [(one.nodeid, value) for one in reports for name, value in one.user_properties if name == "figures"]
    if found:
        terminalreporter.section("figures of the races")
    for node, value in found:
        terminalreporter.write_line(f"{node.rpartition('[')[2].rstrip(']')}: {value}")


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """Fresh migrated databases, of the kind that one asks for."""

    @contextmanager
    def sqlite() -> Iterator[str]:
        path = tmp_path_factory.mktemp("raced") / "labbook.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"

    @contextmanager
    def postgresql() -> Iterator[str]:
        admin, template = request.getfixturevalue("postgresql_template")
        with pgtmp.database(admin, template=template) as url:
            yield url

    return lambda kind: sqlite() if kind == "sqlite" else postgresql()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def lab_at_risk(request: pytest.FixtureRequest, copies: Copies, log: Path) -> Iterator[Arena]:
    """The real server: three processes of eight threads."""
    with copies(request.param) as url, arena(url, served(url, log)) as made:
        yield made


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def lab_without_locks(request: pytest.FixtureRequest, copies: Copies, log: Path) -> Iterator[Arena]:
    """The test build that takes no locks, and stops for a moment between check and write."""
    weak = {"FAULTS_LOCKS": "off", "FAULTS_PAUSE_MS": "60"}
    with copies(request.param) as url, arena(url, served(url, log, TEST_BUILD, weak)) as made:
        yield made


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def impatient_lab(request: pytest.FixtureRequest, copies: Copies, log: Path) -> Iterator[Arena]:
    """The test build that waits half a second for a lock, and is otherwise the real one."""
    weak = {"FAULTS_LOCK_WAIT_MS": "500"}
    with copies(request.param) as url, arena(url, served(url, log, TEST_BUILD, weak)) as made:
        yield made


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the servers say."""
    return tmp_path_factory.mktemp("server") / "log"
