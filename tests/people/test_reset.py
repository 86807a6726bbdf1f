"""A forgotten password: one answer for everybody, one link at a time, one use, one hour."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook import worker
from labbook.db import db, transactional
from labbook.models import Event, Letter, OneTimeLink, Person
from labbook.notices.service import Office, send_due
from labbook.web.logs import MaskTokens
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock

GOOD = "kettle window orchard nineteen"


def send(folder: Path, clock: Clock) -> list[str]:
    """Let the worker send what waits; the links in what has gone out so far."""
    office = Office(f"file://{folder}", "lab@lab.example", "http://lab.example", worker.office().templates)
    send_due(office, now=clock.now)
    db.session.remove()
    words = " ".join(path.read_text() for path in folder.glob("*.eml")) if folder.is_dir() else ""
    return [word.partition("lab.example")[2] for word in words.split() if word.startswith("http://lab.example/reset/")]


def link(app: Flask, folder: Path, clock: Clock, name: str = "alan") -> str:
    """The newest link for somebody who forgot their password."""
    before = set(send(folder, clock))
    assert Visitor(app).post("/forgot", email=f"{name}@lab.example").status_code == 200
    (fresh,) = set(send(folder, clock)) - before
    return fresh


def choose(visitor: Visitor, path: str, new: str = GOOD) -> int:
    """Open a link and set a password with it; the status of the answer."""
    return visitor.post(path, new=new, again=new).status_code


def test_from_forgotten_to_signed_in(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    before = Visitor.by_the_form(app, "alan")
    path = link(app, tmp_path / "mail", clock)
    visitor = Visitor(app)
    page = visitor.get(path)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert visitor.get(path).status_code == 200  # looking uses nothing up
    answer = visitor.submit(page, path, new=GOOD, again=GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert before.get("/bookings").status_code == 303
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=PASSWORD).status_code == 422
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=GOOD).status_code == 303
    db.session.remove()
    assert "password-reset" in set(db.session.scalars(select(Event.code)))
    assert list(db.session.scalars(select(Letter.kind).order_by(Letter.id))) == ["reset", "password-changed"]


def test_the_answer_does_not_tell_whether_there_is_an_account(app: Flask, lab: Cast) -> None:
    @transactional
    def close() -> None:
        db.session.execute(update(Person).where(Person.id == lab.people["ben"]).values(is_active=False))

    close()
    said = set()
    for name in ("alan", "nobody", "ben"):
        answer = Visitor(app).post("/forgot", email=f"{name}@lab.example")
        assert answer.status_code == 200
        said.add(steady(answer.text))
    assert len(said) == 1
    db.session.remove()
    assert list(db.session.scalars(select(Letter.address))) == ["alan@lab.example"]


def test_a_link_works_once_and_only_the_newest(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    first = link(app, tmp_path / "mail", clock)
    second = link(app, tmp_path / "mail", clock)
    assert choose(Visitor(app), first) == 404
    assert choose(Visitor(app), second) == 303
    assert choose(Visitor(app), second, "orchard kettle nineteen window") == 404
    assert Visitor(app).get(second).status_code == 404
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=GOOD).status_code == 303


@on_sqlite
def test_dead_foreign_and_altered_links_get_one_answer(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    used, old = link(app, folder, clock), link(app, folder, clock, "ben")
    assert choose(Visitor(app), used) == 303
    closed = link(app, folder, clock, "cora")
    clock.now = NOW + timedelta(hours=1, seconds=1)

    @transactional
    def close() -> None:
        db.session.execute(update(Person).where(Person.id == lab.people["cora"]).values(is_active=False))

    close()
    altered = old[:-1] + ("A" if old[-1] != "A" else "B")
    said = set()
    for path in (used, old, closed, altered, "/reset/x", "/reset/" + "x" * 3000, "/reset/%25"):
        answer = Visitor(app).get(path)
        assert answer.status_code == 404, path
        assert "This link is not good any more" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        said.add(steady(answer.text).replace(path, "…").replace("%", ""))
        assert choose(Visitor(app), path) == 404, path
    clock.now = NOW
    assert choose(Visitor(app), old) == 303


@on_sqlite
def test_an_unfit_password_uses_no_link_up(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    path = link(app, tmp_path / "mail", clock)
    for new in ("short", "passwordpassword", "alan abbott alan abbott", "x" * 5000):
        assert choose(Visitor(app), path, new) == 422
    assert Visitor(app).post(path, new=GOOD, again="something else").status_code == 422
    assert choose(Visitor(app), path) == 303


@on_sqlite
def test_somebody_elses_session_is_not_taken_over_by_a_link(
    app: Flask, lab: Cast, clock: Clock, tmp_path: Path
) -> None:
    path = link(app, tmp_path / "mail", clock)
    ben = Visitor.by_the_form(app, "ben")
    assert choose(ben, path) == 303
    assert ben.get("/bookings").status_code == 303
    assert Visitor.by_the_form(app, "ben").get("/bookings").status_code == 200


@on_sqlite
def test_asking_too_often_waits_the_same_for_all(app: Flask, lab: Cast) -> None:
    for name in ("alan", "nobody"):
        codes = [Visitor(app).post("/forgot", email=f"{name}@lab.example").status_code for _ in range(11)]
        assert codes == [200] * 10 + [429]


@on_sqlite
def test_a_hundred_wrong_links_from_one_address_wait_and_a_good_one_does_not(
    app: Flask, lab: Cast, clock: Clock, tmp_path: Path
) -> None:
    path = link(app, tmp_path / "mail", clock)
    visitor = Visitor(app)
    assert [choose(visitor, "/reset/wrong") for _ in range(101)] == [404] * 100 + [429]
    assert choose(visitor, path) == 303
    assert choose(Visitor(app), path) == 404  # used up, and no guess


@on_sqlite
def test_only_a_hash_of_the_link_is_kept(app: Flask, lab: Cast, clock: Clock, tmp_path: Path) -> None:
    token = link(app, tmp_path / "mail", clock).rpartition("/")[2]
    for table in db.metadata.sorted_tables:
        assert not any(token in map(str, row) for row in db.session.execute(select(table)))
    assert db.session.scalar(select(func.count(OneTimeLink.id))) == 1


@pytest.mark.parametrize("prefix", ["/reset/", "/invitations/", "next=%2Freset%2F"])
def test_logs_do_not_hold_it(prefix: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET %s HTTP/1.1", (f"{prefix}s3cret-token",), None)
    assert MaskTokens().filter(record)
    assert "s3cret" not in record.getMessage()
    assert prefix in record.getMessage()
