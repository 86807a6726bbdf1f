"""Same rows, same bytes: in every process, in either database, and after a restart."""

from __future__ import annotations

import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, insert, select, text

from labbook.core.feeds import Detail, Scope
from labbook.db import db
from labbook.models import BookingText, SeriesText
from tests.cast import Cast
from tests.conftest import let_go
from tests.feeds.test_following import subscribed
from tests.feeds.walking import Lab
from tests.putback import PutBack
from tests.serving.test_serve import KEY, serving, wait_for

MADE_ANEW = {BookingText.__tablename__, SeriesText.__tablename__}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_same_rows_are_same_bytes_wherever_they_are_read(
    app: Flask, lab: Cast, tmp_path: Path, postgresql_place: PutBack
) -> None:
    """Texts are stored in one of them by then, and made anew in the other."""
    happening = Lab(lab, 5)
    happening.begin()
    for _ in range(25):
        happening.step()
    tsukuba = lab.sites["tsukuba"]
    feeds = [
        subscribed(lab, "hana", Scope.MINE),
        subscribed(lab, "sora", Scope.SITE, site_id=tsukuba),
        subscribed(lab, "sora", Scope.SITE, Detail.BUSY, site_id=tsukuba, language="ja"),
    ]
    paths = [one.path for one in feeds]
    own, other = tmp_path / "own.db", postgresql_place.holding("migrated")
    copied(other)
    with closing(sqlite3.connect(db.engine.url.database or "")) as here, closing(sqlite3.connect(own)) as there:
        here.backup(there)
    let_go()
    answers = [one for url in (f"sqlite:///{own}", f"sqlite:///{own}", other) for one in read(tmp_path, url, paths)]
    assert all(len(several) == len(paths) for several in answers)
    assert answers == [answers[0]] * len(answers)
    assert sum(body.count(b"BEGIN:VEVENT") for _, body in answers[0]) > 6


def copied(url: str) -> None:
    """The rows of the current application's database, put as they are into another one."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name, table in db.metadata.tables.items():
            rows = [] if name in MADE_ANEW else [dict(row) for row in db.session.execute(select(table)).mappings()]
            connection.execute(table.delete())
            if rows:
                connection.execute(insert(table), rows)


def read(folder: Path, url: str, paths: list[str]) -> Iterator[list[tuple[str, bytes]]]:
    """What a server says of each calendar, twice: its processes take turns."""
    settings = {
        "LABBOOK_ENV": "development",
        "LABBOOK_SECRET_KEY": KEY,
        "LABBOOK_BASE_URL": "https://labbook.example",
        "LABBOOK_DATABASE_URL": url,
        "LABBOOK_PROCESSES": "2",
        "LABBOOK_WORKER": "no",  # nothing is to happen meanwhile
    }
    with serving(folder, **settings) as (address, _):
        wait_for(f"{address}/healthz").close()
        for _ in range(2):
            yield [fetched(address + path) for path in paths]


def fetched(url: str) -> tuple[str, bytes]:
    """The entity tag and the bytes."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.headers["ETag"], answer.read()
