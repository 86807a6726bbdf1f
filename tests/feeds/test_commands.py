"""What the operator does about feeds at the machine."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from labbook.core.feeds import Scope
from labbook.db import db
from labbook.models import Event, Feed
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.feeds.reading import feed


def run(app: Flask, *words: str) -> tuple[int, str]:
    """The exit code of `labbook feeds …`, and what it printed."""
    db.session.remove()
    done = app.test_cli_runner().invoke(args=["feeds", *words])
    db.session.remove()
    return done.exit_code, done.output


@on_sqlite
def test_feeds_are_listed_without_their_links(app: Flask, lab: Cast) -> None:
    path = feed(lab, "hana", title="Hidden words")
    feed(lab, "sora", Scope.SITE, about="tsukuba")
    Visitor(app).get(path, headers={"User-Agent": "Google-Calendar-Importer"})
    code, said = run(app, "list")
    assert code == 0
    hers, theirs = said.splitlines()
    assert "hana@lab.example  mine (full)  made 2026-11-23  fetched 2026-11-23 00:00 by google" in hers
    assert "sora@lab.example  site (full)  made 2026-11-23  never fetched" in theirs
    assert path.split("/")[2] not in said and "Hidden words" not in said
    assert run(app, "list", "sora@lab.example") == (0, theirs + "\n")
    assert run(app, "list", "nobody@lab.example")[0] == 1


@on_sqlite
def test_the_operator_revokes_by_key_or_all_of_a_person(app: Flask, lab: Cast) -> None:
    paths = [feed(lab, name) for name in ("hana", "hana", "alan", "ben")]
    keys = db.session.scalars(select(Feed.key).order_by(Feed.id)).all()
    assert run(app, "revoke", keys[2], "nowhere") == (1, "Error: there is no feed with that key; none was revoked\n")
    assert run(app, "revoke", keys[2]) == (0, "1 feeds revoked\n")
    assert run(app, "revoke", "--person", "hana@lab.example") == (0, "2 feeds revoked\n")
    assert run(app, "revoke", keys[2]) == (0, "0 feeds revoked\n")
    assert [Visitor(app).get(path).status_code for path in paths] == [410, 410, 410, 200]
    assert [key in run(app, "list")[1] for key in keys] == [False, False, False, True]
    assert run(app, "list", "--revoked")[1].count("REVOKED") == 3
    events = db.session.scalars(select(Event.actor_id).where(Event.code == "feed-revoked")).all()
    assert events == [None] * 3
