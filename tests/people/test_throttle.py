"""Many failures make the next try wait; never somebody else's for long, and the same for known and unknown accounts."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Letter, Try
from labbook.people.service import throttle
from labbook.people.service.throttle import Door, TooManyTriesError
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock, application, let_go


def attempt(app: Flask, name: str, password: str, address: str = "203.0.113.9", **headers: str) -> TestResponse:
    """One try at the sign-in page, from a network address."""
    visitor = Visitor(app)
    return visitor.open(
        "/sign-in",
        method="POST",
        data={"csrf_token": visitor.good_token(), "email": f"{name}@lab.example", "password": password},
        environ_base={"REMOTE_ADDR": address},
        headers=headers,
    )


def test_the_eleventh_try_waits_and_says_how_long(app: Flask, lab: Cast, clock: Clock) -> None:
    said = []
    for name in ("alan", "nobody"):
        for _ in range(10):
            assert attempt(app, name, "wrong").status_code == 422
        answer = attempt(app, name, PASSWORD)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "31"
        assert "There were too many tries. Wait 1 minute, then try again." in answer.text
        said.append(steady(answer.text).replace(name, "…"))
    assert said[0] == said[1]
    clock.now = NOW + timedelta(seconds=31)
    assert attempt(app, "alan", PASSWORD).status_code == 303


@on_sqlite
def test_the_pause_grows_and_ends_by_itself(app: Flask, lab: Cast, clock: Clock) -> None:
    tries = 0
    for second in range(0, 15 * 60, 5):
        clock.now = NOW + timedelta(seconds=second)
        tries += sum(attempt(app, "alan", f"wrong {second}").status_code == 422 for _ in range(2))
    assert 10 < tries <= 16
    clock.now = NOW + timedelta(minutes=31)
    assert attempt(app, "alan", PASSWORD).status_code == 303


@on_sqlite
def test_a_rival_keeps_nobody_out_who_signed_in_from_there_before(app: Flask, lab: Cast, clock: Clock) -> None:
    assert attempt(app, "alan", PASSWORD, "198.51.100.7").status_code == 303
    for _ in range(12):
        attempt(app, "alan", "wrong", "203.0.113.9")
    assert attempt(app, "alan", PASSWORD, "203.0.113.9").status_code == 429
    assert attempt(app, "alan", PASSWORD, "198.51.100.8").status_code == 429
    assert attempt(app, "alan", PASSWORD, "198.51.100.7").status_code == 303
    codes = [attempt(app, "alan", "wrong", "198.51.100.7").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    clock.now = NOW + timedelta(days=31)
    for _ in range(10):
        attempt(app, "alan", "wrong", "203.0.113.9")
    assert attempt(app, "alan", PASSWORD, "198.51.100.7").status_code == 429


@on_sqlite
def test_a_rival_in_the_same_building_keeps_no_browser_out_that_was_let_in_before(app: Flask, lab: Cast) -> None:
    alan = Visitor.by_the_form(app, "alan")
    alan.submit(alan.get("/account"), "/sign-out")
    for _ in range(12):
        attempt(app, "alan", "wrong", "127.0.0.1")
    assert attempt(app, "alan", PASSWORD, "127.0.0.1").status_code == 429
    fields = {"csrf_token": alan.good_token(), "email": "alan@lab.example"}
    slips = [alan.open("/sign-in", method="POST", data={**fields, "password": "slip"}).status_code for _ in range(11)]
    assert slips == [422] * 10 + [429], "the browser's own slips count"
    other = {**fields, "email": "ben@lab.example", "password": "wrong"}
    assert [alan.open("/sign-in", method="POST", data=other).status_code for _ in range(11)] == [422] * 10 + [429]


@on_sqlite
@pytest.mark.parametrize("forged", ["", "x", "WyJhIiwgImIiXQ.forged", "WyJhIiwgImIiXQ"])
def test_a_forged_mark_is_none(app: Flask, lab: Cast, forged: str) -> None:
    for _ in range(10):
        attempt(app, "alan", "wrong")
    answer = attempt(app, "alan", PASSWORD, Cookie=f"known-browser={forged}")
    assert answer.status_code in (400, 429)


@on_sqlite
def test_a_good_sign_in_wipes_the_owners_own_slips_away(app: Flask, lab: Cast) -> None:
    for _ in range(3):
        assert [attempt(app, "alan", "slip").status_code for _ in range(9)] == [422] * 9
        assert attempt(app, "alan", PASSWORD).status_code == 303


@on_sqlite
def test_one_address_cannot_try_a_password_on_everybody(app: Flask, lab: Cast) -> None:
    for number in range(100):
        throttle.admit(Door.SIGN_IN, f"person{number}@lab.example", "203.0.113.9", now=NOW)
    assert attempt(app, "ben", PASSWORD).status_code == 429
    assert attempt(app, "ben", PASSWORD, "203.0.113.10").status_code == 303


@on_sqlite
def test_a_forged_header_changes_no_address(app: Flask, lab: Cast, database: str) -> None:
    for number in range(10):
        attempt(app, "alan", "wrong", **{"X-Forwarded-For": f"192.0.2.{number}"})
    db.session.remove()
    assert set(db.session.scalars(select(Try.address))) == {"203.0.113.9"}
    behind = application(database, CLOCK=lambda: NOW, TRUSTED_PROXIES=1)
    attempt(behind, "cora", "wrong", **{"X-Forwarded-For": "192.0.2.66, 192.0.2.77"})
    db.session.remove()
    assert "192.0.2.77" in set(db.session.scalars(select(Try.address)))
    with behind.app_context():
        let_go()


def test_many_at_once_are_counted_one_by_one(app: Flask, lab: Cast) -> None:
    outcomes: list[bool] = []

    def one() -> None:
        with app.app_context():
            try:
                throttle.admit(Door.SIGN_IN, "alan@lab.example", "203.0.113.9", now=NOW)
                outcomes.append(True)
            except TooManyTriesError:
                outcomes.append(False)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 10
    assert len(outcomes) == 24


@on_sqlite
def test_no_address_is_kept_in_words(app: Flask, lab: Cast) -> None:
    attempt(app, "alan", "wrong")
    attempt(app, "stranger", "wrong")
    db.session.remove()
    rows = list(db.session.execute(select(Try.account_hash, Try.is_good)))
    assert len(rows) == 2
    assert not any("lab.example" in row[0] for row in rows)


@on_sqlite
@pytest.mark.parametrize(
    "email",
    [
        "alan@lab.example\r\nBcc: x@y.example",
        "\u212aora@lab.example",
        "аlan@lab.example",
        "ａlan@lab.example",
        "alan@lab.example\u200f",
    ],
)
def test_addresses_with_line_breaks_and_look_alikes_match_nobody(app: Flask, lab: Cast, email: str) -> None:
    assert Visitor(app).post("/sign-in", email=email, password=PASSWORD).status_code == 422
    assert Visitor(app).post("/forgot", email=email).status_code in (200, 422)
    db.session.remove()
    assert db.session.scalar(select(func.count(Letter.id))) == 0


@on_sqlite
def test_json_is_no_form(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    token = visitor.good_token()
    for path in ("/sign-in", "/forgot", "/sign-in/code"):
        body = {"email": "alan@lab.example", "password": PASSWORD, "code": "1"}
        answer = visitor.open(path, method="POST", json=body, headers={"X-CSRFToken": token})
        assert answer.status_code in (303, 422), path
    assert visitor.get("/bookings").status_code == 303
