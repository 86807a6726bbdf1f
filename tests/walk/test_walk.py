"""Random histories of a lab: whatever people, staff and the clock do, in whichever order, what must hold holds."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import get_state_machine_test

from labbook.db import db
from tests.cast import Cast
from tests.conftest import let_go
from tests.putback import PutBack
from tests.walk.ground import make_ground
from tests.walk.machine import Walk

STEPS = 30
SHORT = {"sqlite": 15, "postgresql": 4}  # histories in `make test`
LONG = {"sqlite": 3000, "postgresql": 500}  # and in `make soak`, or WALK_HISTORIES on each


@pytest.fixture
def begin(app: Flask, lab: Cast, request: pytest.FixtureRequest, database: str) -> Callable[[], Cast]:
    """Makes the database the small lab again, as often as one likes."""
    again = _sqlite if db.engine.dialect.name == "sqlite" else _postgresql
    put_back = again(request, database)

    def run() -> Cast:
        put_back()
        make_ground(lab)
        db.session.remove()
        return lab

    return run


def _sqlite(request: pytest.FixtureRequest, database: str) -> Callable[[], None]:
    kept, place = request.getfixturevalue("sqlite_lab")[0], Path(database.removeprefix("sqlite:///"))

    def run() -> None:
        let_go()
        for left in place.parent.glob(f"{place.name}*"):
            left.unlink()
        shutil.copy(kept, place)

    return run


def _postgresql(request: pytest.FixtureRequest, database: str) -> Callable[[], None]:
    place: PutBack = request.getfixturevalue("postgresql_place")

    def run() -> None:
        db.session.remove()
        assert place.holding("peopled") == database

    return run


def test_what_must_hold_holds_in_every_history(begin: Callable[[], Cast]) -> None:
    figures = walk(begin, SHORT[db.engine.dialect.name], derandomize=True)
    assert figures["steps"] > 0


@pytest.mark.soak
def test_what_must_hold_holds_in_thousands_of_histories(
    begin: Callable[[], Cast], record_property: Callable[[str, object], None]
) -> None:
    """Others every time; WALK_SEED walks those of a seed again."""
    number = int(os.environ.get("WALK_SEED") or random.randrange(2**32))
    histories = int(os.environ.get("WALK_HISTORIES") or LONG[db.engine.dialect.name])
    print(f"WALK_SEED={number} WALK_HISTORIES={histories}", flush=True)
    figures = walk(begin, histories, number=number)
    record_property("figures", f"seed {number}, {told(figures)}")
    print(told(figures))


def walk(begin: Callable[[], Cast], histories: int, *, number: int = 0, derandomize: bool = False) -> Counter[str]:
    """Walk so many histories, the same ones every time or those of a seed. Returns how often what was done."""

    class OneWalk(Walk):
        figures: ClassVar[Counter[str]] = Counter()

    OneWalk.begin = staticmethod(begin)
    run = get_state_machine_test(
        OneWalk,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=derandomize,
            database=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.normal,
        ),
    )
    if not derandomize:
        run = seed(number)(run)
    run()
    return OneWalk.figures


def told(figures: Counter[str]) -> str:
    """The figures in one line."""
    verbs = ", ".join(f"{name} {count}" for name, count in sorted(figures.items()) if ":" in name)
    return f"{figures['histories']} histories, {figures['steps']} steps: {verbs}"
