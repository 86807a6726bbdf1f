"""Programs that people use hold, after each of ten changes, what LabBook holds; a running server, several processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Protocol

import pytest
from flask import Flask

from tests.cast import Cast
from tests.clients import evolution
from tests.clients.changes import CHANGES, Bench, held, made, shown
from tests.clients.evolution import Evolution
from tests.clients.programs import Desktop
from tests.conftest import Clock
from tests.core.ical.parsers import Seen
from tests.faults.server import served
from tests.feeds.reading import feed


class Subscriber(Protocol):
    """A program that follows one calendar."""

    def synced(self) -> None: ...
    def listed(self) -> list[Seen]: ...
    def close(self) -> None: ...


no_evolution = pytest.mark.skipif(not evolution.is_there(), reason="no evolution-data-server on this machine")


@pytest.mark.soak
@pytest.mark.parametrize(
    "subscribed",
    [pytest.param(Desktop, id="vdirsyncer-khal"), pytest.param(Evolution, id="evolution", marks=no_evolution)],
)
def test_a_calendar_is_followed_through_ten_changes(
    app: Flask, lab: Cast, clock: Clock, database: str, tmp_path: Path, subscribed: Callable[[Path, str], Subscriber]
) -> None:
    clock.now = datetime.now(UTC).replace(microsecond=0)
    today = clock.now.date()
    bench = Bench(app, today + timedelta(days=14 - today.weekday()))
    paths = {language: feed(lab, language=language, title=f"In {language}") for language in ("en", "ja")}
    with ExitStack() as stack:
        doors = cycle(stack.enter_context(served(database, tmp_path / "server.log")))  # each asks another process
        programs = {
            language: stack.enter_context(
                closing(subscribed(tmp_path / language, f"http://127.0.0.1:{next(doors)}{path}"))
            )
            for language, path in paths.items()
        }
        for change in (None, *CHANGES):
            clock.now = max(clock.now, datetime.now(UTC).replace(microsecond=0))
            if change is not None:
                made(bench, change)
            for language, program in programs.items():
                for _ in range(2):  # once more, when nothing has changed
                    program.synced()
                assert shown(program.listed()) == held(lab.people["hana"], language), (change, language)
