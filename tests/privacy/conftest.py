"""A lab with Aoba's secrets in it, and what a viewer gets to read of it."""

from __future__ import annotations

import shutil
from copy import deepcopy
from pathlib import Path

import pytest
from flask import Flask

from labbook.db import db
from tests.cast import Cast
from tests.conftest import let_go
from tests.privacy.planting import Plants, plant


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Plants, dict[str, int]]]]:
    """Where a file with the secrets in it is kept; and, once it is there, what they are and who is in the lab then."""
    return tmp_path_factory.mktemp("planted") / "labbook.db", []


@pytest.fixture
def plants(app: Flask, lab: Cast, planted: tuple[Path, list[tuple[Plants, dict[str, int]]]]) -> Plants:
    """Aoba's secrets, planted; on SQLite once for all tests."""
    if db.engine.dialect.name != "sqlite":
        return plant(lab)
    kept, known = planted
    file = str(db.engine.url.database)
    if known:
        let_go()
        shutil.copy(kept, file)
    else:
        known.append((plant(lab), lab.people))
        let_go()
        shutil.copy(file, kept)
    made, people = deepcopy(known[0])
    lab.people.update(people)
    return made
