"""Passwords: long and hard to guess, and nothing else is asked of them."""

from __future__ import annotations

import time
import unicodedata

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.passwords import normalized
from labbook.db import db
from labbook.models import Event, Letter, Person
from labbook.people.service import checked, passwords
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, PASSWORD, Cast

GOOD = "kettle window orchard nineteen"


def why_not(password: str, email: str = "hana.sato@lab.example", names: tuple[str, ...] = ("Sato", "Hana")) -> str:
    """The sentence that refuses a password; empty when it will do."""
    found = passwords.objection(password, email=email, names=names, shortest=15)
    return found.text if found else ""


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        PASSWORD,
        "correct-horse-battery-staple",
        "むらさきの電車が海をわたる午後",
        "Ж" * 3 + "яблоко окно река",
        "x7#kQ9!vLm2@pZ4w",
    ],
)
def test_long_ones_of_any_characters_will_do(password: str) -> None:
    assert why_not(password) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "At least"),
        ("x7#kQ9!vLm2@pZ", "At least"),
        ("a" * 201, "At most"),
        ("x7#kQ9!vLm2@pZ4w" * 1000, "At most"),
        ("passwordpassword", "guessed"),
        ("123456789012345", "guessed"),
        ("qwertyuiopasdfgh", "guessed"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "guessed"),
        ("P@ssw0rdP@ssw0rd", "guessed"),
        ("iloveyouiloveyou", "guessed"),
        ("hana.sato kettle window", "address"),
        ("HANA.SATO kettle window", "address"),
        ("sato hana labbook 1", "name"),
        ("Hana Sato Hana Sato Hana", "name"),
    ],
)
def test_short_common_and_telling_ones_are_refused_with_a_reason(password: str, said: str) -> None:
    assert said in why_not(password)


def test_a_name_in_kanji_is_no_password_even_in_other_width() -> None:
    assert "name" in why_not("佐藤花佐藤花佐藤花佐藤花佐藤花", names=("佐藤", "花"))
    assert "address" in why_not("ｈａｎａ．ｓａｔｏ　ｋｅｔｔｌｅ　ｗｉｎｄｏｗ")


@pytest.mark.parametrize("password", ["4@8({[<369&#!1/|0$5+7%2" * 3, "0" * 200, "(" * 200, "\ufdfa" * 200, "💥" * 200])
def test_no_password_takes_long_to_judge(password: str) -> None:
    began = time.monotonic()
    why_not(password)
    assert time.monotonic() - began < 2


@on_sqlite
def test_one_spelling_for_what_looks_alike(app: Flask, lab: Cast) -> None:
    typed = "ﾑﾗｻｷ の電車が海をわたる が"
    assert normalized(typed) != typed
    visitor = Visitor(app, "alan")
    assert change(visitor, new=typed).status_code == 303
    with app.app_context():
        for spelled in (typed, normalized(typed), unicodedata.normalize("NFD", normalized(typed))):
            assert checked("alan@lab.example", spelled) is not None
        assert checked("alan@lab.example", typed.replace("の", "ノ")) is None


def change(visitor: Visitor, old: str = PASSWORD, new: str = GOOD, again: str | None = None) -> TestResponse:
    """Fill in the form for another password."""
    return visitor.submit(
        visitor.get("/account"), "/account/password", old=old, new=new, again=new if again is None else again
    )


def test_changing_it_ends_all_other_sessions_and_is_told_by_letter(app: Flask, lab: Cast) -> None:
    here, there = Visitor(app, "alan"), Visitor(app, "alan")
    ben = Visitor(app, "ben")
    answer = change(here)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert here.get("/bookings").status_code == 200
    assert there.get("/bookings").status_code == 303
    assert ben.get("/bookings").status_code == 200
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=PASSWORD).status_code == 422
    assert Visitor(app).post("/sign-in", email="alan@lab.example", password=GOOD).status_code == 303
    db.session.remove()
    event = db.session.scalars(select(Event).where(Event.code == "password-changed")).one()
    assert (event.actor_id, event.subject, event.subject_id) == (lab.people["alan"], "person", lab.people["alan"])
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.kind, letter.address) == ("password-changed", "alan@lab.example")
    assert GOOD not in str(letter.values)


@on_sqlite
def test_it_needs_the_present_one_and_says_beside_the_field_what_is_wrong(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    for sent, said in (
        ({"old": "wrong"}, "This is not your present password."),
        ({"new": "short"}, "At least 15 characters"),
        ({"new": "passwordpassword"}, "among the first that are guessed"),
        ({"new": "alan abbott alan abbott"}, "It holds a part of your e-mail address."),
        ({"new": "x" * 5000}, "1024 characters"),
        ({"again": "another one entirely"}, "The two are not the same."),
        ({"old": ""}, "Give your password."),
    ):
        answer = change(visitor, **sent)
        assert answer.status_code == 422, sent
        assert said in answer.text, sent
        assert "kettle" not in answer.text
    db.session.remove()
    assert db.session.scalars(select(Letter.id)).all() == []
    assert Visitor(app, "alan").get("/bookings").status_code == 200


@on_sqlite
def test_whoever_finds_an_open_desk_cannot_guess_on(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    codes = [change(visitor, old=f"wrong {number}").status_code for number in range(11)]
    assert codes == [422] * 10 + [429]
    assert change(visitor).status_code == 429


@on_sqlite
def test_two_changes_at_once_make_one(app: Flask, lab: Cast) -> None:
    stored = db.session.scalars(select(Person.password_hash).where(Person.id == lab.people["alan"])).one()
    passwords._change(lab.people["alan"], stored, "one", keep=0, now=NOW)
    with pytest.raises(passwords.WrongPasswordError):
        passwords._change(lab.people["alan"], stored, "two", keep=0, now=NOW)


def test_the_setting_is_not_below_eight() -> None:
    import config

    assert config.read({"LABBOOK_ENV": "demo"})["PASSWORD_LENGTH"] == 15
    with pytest.raises(config.SettingError, match="8 or more"):
        config.read({"LABBOOK_ENV": "demo", "LABBOOK_PASSWORD_LENGTH": "7"})
