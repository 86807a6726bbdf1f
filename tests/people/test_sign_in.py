"""Signing in: one answer for everybody who may not, and the way on only within LabBook."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook.db import db, transactional
from labbook.models import Event, Person, SignIn
from labbook.people.service import passwords
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import PASSWORD, Cast

WRONG = "Address and password do not belong together. Check both and try again."


def sessions() -> int:
    """How many sessions were ever begun."""
    db.session.remove()
    return db.session.scalar(select(func.count(SignIn.id))) or 0


@transactional
def change(lab: Cast, name: str, **values: object) -> None:
    """Change somebody's account."""
    db.session.execute(update(Person).where(Person.id == lab.people[name]).values(**values))


def test_a_scientist_signs_in_and_lands_at_home(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    page = visitor.get("/").text
    assert "You have nothing booked." in page
    assert "Alan Abbott" in page
    assert "Aoba Bio" in page
    db.session.remove()
    found = db.session.execute(select(Event.code, Event.actor_id)).one()
    assert tuple(found) == ("signed-in", lab.people["alan"])


@on_sqlite
@pytest.mark.parametrize("email", ["ALAN@Lab.Example", "  alan@lab.example "])
def test_case_and_blanks_of_the_address_do_not_matter(app: Flask, lab: Cast, email: str) -> None:
    assert Visitor(app).post("/sign-in", email=email, password=PASSWORD).status_code == 303


@on_sqlite
def test_known_unknown_closed_and_passwordless_accounts_get_the_same_answer(app: Flask, lab: Cast) -> None:
    change(lab, "cora", is_active=False)
    change(lab, "dora", password_hash="")
    said = []
    for name, password in (
        ("alan", "wrong"),
        ("alan", PASSWORD + " "),
        ("nobd", "wrong"),
        ("nobd", PASSWORD),
        ("cora", PASSWORD),
        ("dora", PASSWORD),
        ("dora", " "),
    ):
        visitor = Visitor(app)
        answer = visitor.post("/sign-in", email=f"{name}@lab.example", password=password)
        assert answer.status_code == 422
        assert WRONG in answer.text
        said.append(steady(answer.text).replace(name, "…"))
        assert visitor.get("/bookings").status_code in (302, 303)
    assert len(set(said)) == 1
    assert sessions() == 0


@on_sqlite
def test_an_unknown_address_costs_the_same_work(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored.split("$")[3])  # its parameters: memory, time, lanes
            return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    change(lab, "dora", password_hash="")
    for name in ("alan", "nobody", "dora"):
        Visitor(app).post("/sign-in", email=f"{name}@lab.example", password="wrong")
    assert len(verified) == 3
    assert len(set(verified)) == 1


@on_sqlite
def test_a_slow_password_check_keeps_no_writer_waiting(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    writing: list[bool] = []
    hasher = passwords._hasher

    class Watching:
        def verify(self, stored: str, password: str) -> bool:
            writing.append(bool(db.session.info.get("writing")))
            return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Watching())
    Visitor.by_the_form(app, "alan")
    assert writing == [False]


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"email": "", "password": "x"}, "email", "Give your e-mail address."),
        ({"email": "alan@lab.example", "password": ""}, "password", "Give your password."),
        ({}, "email", "Give your e-mail address."),
        ({"email": "a\x00@lab.example", "password": "x"}, "email", "It holds invisible control characters."),
        ({"email": "a@\u202elab.example", "password": "x"}, "email", "It holds invisible control characters."),
        ({"email": "x" * 10_000, "password": "x"}, "email", "254 characters"),
        ({"email": "alan@lab.example", "password": "x" * 10_000}, "password", "1024 characters"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    app: Flask, lab: Cast, fields: dict[str, str], field: str, said: str
) -> None:
    answer = Visitor(app).post("/sign-in", **fields)
    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert said in beside[0]
    assert sessions() == 0


@on_sqlite
def test_what_was_typed_is_kept_but_never_the_password(app: Flask, lab: Cast) -> None:
    answer = Visitor(app).post("/sign-in", email='<script>"x"@lab.example', password="hunter2-hunter2", next="/inbox")
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text.replace("<script type", "")
    assert "hunter2" not in answer.text
    assert 'value="/inbox"' in answer.text


@on_sqlite
@pytest.mark.parametrize("password", ["\x00", "p\x00", "💥" * 200, "\ufffd", "é" * 512])
def test_no_password_breaks_it(app: Flask, lab: Cast, password: str) -> None:
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=password).status_code == 422


LEAVING = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "HTTPS:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "/\u202e/evil.example",
    "//[::1",
    "http://[::1",
    "evil.example",
    "",
    "?x",
    "x" * 5000,
    "/%0d%0aSet-Cookie:a=b\r\nX: y",
]


@on_sqlite
def test_no_next_leads_away_or_breaks(app: Flask, lab: Cast) -> None:
    for target in LEAVING:
        visitor = Visitor(app)
        shown = visitor.get("/sign-in", query_string={"next": target})
        assert shown.status_code == 200, target
        answer = visitor.post("/sign-in", email="alan@lab.example", password=PASSWORD, next=target)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), target
        again = visitor.get("/sign-in", query_string={"next": target})
        assert again.headers["Location"] == "/", target
        chosen = visitor.open(
            "/language",
            method="POST",
            data={"csrf_token": Visitor.good_token(visitor), "language": "en", "next": target},
        )
        assert chosen.headers.get("Location", "/") == "/", target


@on_sqlite
@pytest.mark.parametrize(
    "target", ["/bookings", "/sites/tsukuba/day?on=2026-11-24&kind=room", "/resources?q=%2F%2F", "/%2F%2Fx"]
)
def test_a_path_of_ours_is_where_one_goes_on(app: Flask, lab: Cast, target: str) -> None:
    visitor = Visitor(app)
    answer = visitor.post("/sign-in", email="alan@lab.example", password=PASSWORD, next=target)
    assert answer.headers["Location"] == target


def test_signed_out_every_page_sends_one_to_sign_in_and_back(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    for path in ("/bookings", "/sites/tsukuba/day?on=2026-11-24", "/resources", "/inbox", "/feeds", "/requests/abc"):
        answer = visitor.get(path)
        assert answer.status_code in (302, 303)
        assert answer.headers["Location"].startswith("/sign-in?next=")
        page = visitor.get(answer.headers["Location"])
        assert f'name="next" type="hidden" value="{path.replace("&", "&amp;")}"' in page.text


@on_sqlite
def test_a_step_sent_while_signed_out_leads_back_to_a_page_and_not_into_405(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    answer = visitor.post("/requests/abc/approve", version="1")
    assert answer.status_code == 303
    token = visitor.good_token()
    signed_in = visitor.open(
        answer.headers["Location"],
        method="POST",
        data={"csrf_token": token, "email": "alan@lab.example", "password": PASSWORD, "next": "/"},
    )
    assert signed_in.status_code == 303
    assert "approve" not in answer.headers["Location"]
