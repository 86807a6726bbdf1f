"""vdirsyncer and khal hold, after each of ten changes, what LabBook holds; a running server, several processes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask

from labbook.db import db
from tests.cast import Cast
from tests.clients.changes import CHANGES, Bench, held, made, shown
from tests.clients.programs import Desktop
from tests.conftest import Clock
from tests.faults.server import served
from tests.feeds.reading import feed


@pytest.mark.soak
def test_a_calendar_is_followed_through_ten_changes(
    app: Flask, lab: Cast, clock: Clock, database: str, tmp_path: Path
) -> None:
    clock.now = datetime.now(UTC).replace(microsecond=0)
    today = clock.now.date()
    bench = Bench(app, today + timedelta(days=14 - today.weekday()))
    paths = {language: feed(lab, language=language, title=f"In {language}") for language in ("en", "ja")}
    with served(database, tmp_path / "server.log") as ports:
        doors = cycle(ports)  # each of them asks another process
        desktops = {
            language: Desktop(tmp_path / language, f"http://127.0.0.1:{next(doors)}{path}")
            for language, path in paths.items()
        }
        for change in (None, *CHANGES):
            clock.now = max(clock.now, datetime.now(UTC).replace(microsecond=0))
            if change is not None:
                made(bench, change)
            for language, desktop in desktops.items():
                desktop.synced()
                before = desktop.files
                desktop.synced()
                assert desktop.files == before, "nothing has changed in between"
                expected = held(lab.people["hana"], language)
                assert shown(desktop.listed(today)) == expected, (change, language)
    db.session.remove()
