"""Databases without a schema, and filled ones at every stage of their life."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tests import pgtmp
from tests.conftest import DATABASES
from tests.models.filling import fill
from tests.models.revisions import move, plain_engine, revisions

STAGES = {**{revision: (revision,) for revision in revisions()}, "down and up again": ("head", "base", "head")}


@contextmanager
def nothing(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The address of a database of that kind in which there is nothing at all."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex}.db'}"
        return
    admin = create_engine(request.getfixturevalue("postgresql_server"), isolation_level="AUTOCOMMIT")
    try:
        with pgtmp.database(admin) as url:
            yield url
    finally:
        admin.dispose()


@pytest.fixture(params=DATABASES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database from nothing."""
    with nothing(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=[f"{kind}: {stage}" for kind in DATABASES for stage in STAGES])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A filled database at one stage of its life."""
    kind, _, stage = request.param.partition(": ")
    with nothing(request, kind, tmp_path_factory.mktemp("guarded")) as url:
        move(url, *STAGES[stage])
        yield _filled(url)


@pytest.fixture(scope="module", params=DATABASES)
def newest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A filled database as it is today."""
    with nothing(request, request.param, tmp_path_factory.mktemp("newest")) as url:
        move(url, "head")
        yield _filled(url)


def _filled(url: str) -> Engine:
    engine = plain_engine(url)
    with engine.begin() as connection:
        fill(connection)
        connection.execute(text("DELETE FROM hold"))
    return engine
