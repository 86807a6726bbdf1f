"""The second factor: a code that is good once, kept where nobody reads it, and demanded where a role says so."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from labbook.db import db, transactional
from labbook.models import Event, Letter, Person, RecoveryCode, SignIn
from tests.browsing import Visitor, form_of, on_sqlite, token_of
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock, application, let_go


def code(secret: str, clock: Clock, aside: int = 0) -> str:
    """What the app shows, so many steps of half a minute aside."""
    return pyotp.TOTP(secret).at(clock.now + timedelta(seconds=30 * aside))


def set_up(visitor: Visitor, clock: Clock) -> tuple[str, list[str]]:
    """Set a second factor up; its secret and the recovery codes."""
    page = visitor.get("/account/factor")
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found is not None
    secret = found[1].replace(" ", "")
    answer = visitor.submit(page, "/account/factor", code=code(secret, clock))
    assert answer.status_code == 201, answer.text
    return secret, re.findall(r"<li><code>([a-z0-9-]+)</code>", answer.text)


def half_in(app: Flask, name: str = "alan") -> Visitor:
    """Somebody who has given the password and not yet the code."""
    visitor = Visitor(app)
    answer = visitor.post("/sign-in", email=f"{name}@lab.example", password=PASSWORD, next="/bookings")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code?next=/bookings")
    visitor.token = token_of(visitor.get("/sign-in/code?next=/bookings"))
    return visitor


def give(visitor: Visitor, given: str) -> TestResponse:
    """Give a code."""
    page = visitor.get("/sign-in/code?next=/bookings")
    return visitor.submit(page, "/sign-in/code", code=given)


def test_password_and_code_let_one_in_with_a_new_token(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    visitor = half_in(app)
    assert visitor.get("/bookings").status_code == 303  # the password alone opens nothing
    before = set(db.session.scalars(select(SignIn.token_hash)))
    answer = give(visitor, code(secret, clock))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings")
    visitor.token = ""
    assert visitor.get("/bookings").status_code == 200
    db.session.remove()
    assert len(set(db.session.scalars(select(SignIn.token_hash))) - before) == 1
    assert list(db.session.scalars(select(Event.code).order_by(Event.id))) == ["signed-in", "factor-added", "signed-in"]


def test_no_code_is_good_twice_nor_an_older_one_after_it(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    assert give(half_in(app), code(secret, clock)).status_code == 422  # it has confirmed the set-up already
    clock.now += timedelta(seconds=90)
    shown, before = code(secret, clock), code(secret, clock, -1)
    assert give(half_in(app), shown).status_code == 303
    assert give(half_in(app), shown).status_code == 422
    assert give(half_in(app), before).status_code == 422
    assert give(half_in(app), code(secret, clock, 1)).status_code == 303


@on_sqlite
@pytest.mark.parametrize(("aside", "answer"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_a_clock_may_be_half_a_minute_off(app: Flask, lab: Cast, clock: Clock, aside: int, answer: int) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=10)
    assert give(half_in(app), code(secret, clock, aside)).status_code == answer


def test_a_recovery_code_opens_once_however_it_is_typed(app: Flask, lab: Cast, clock: Clock) -> None:
    _, codes = set_up(Visitor.by_the_form(app, "alan"), clock)
    assert len(set(codes)) == 10
    assert give(half_in(app), codes[0].replace("-", " ").upper()).status_code == 303
    assert give(half_in(app), codes[0]).status_code == 422
    assert give(half_in(app), codes[1]).status_code == 303


@on_sqlite
def test_neither_secret_nor_code_is_stored_as_it_is(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, codes = set_up(Visitor.by_the_form(app, "alan"), clock)
    db.session.remove()
    for table in db.metadata.sorted_tables:
        rows = str([tuple(row) for row in db.session.execute(select(table))])
        assert secret not in rows
        assert not any(one in rows or one.replace("-", "") in rows for one in codes)
    assert secret not in Visitor.by_the_form(app, "ben").get("/account/factor").text


@on_sqlite
@pytest.mark.parametrize(
    "given", ["000000", "", " ", "1" * 41, "１２３４５６", "aaaa-bbbb-cccc", "\x00", "-1", "12345"]
)
def test_a_wrong_code_is_refused_with_a_sentence(app: Flask, lab: Cast, clock: Clock, given: str) -> None:
    set_up(Visitor.by_the_form(app, "alan"), clock)
    visitor = half_in(app)
    answer = give(visitor, given)
    assert answer.status_code == 422
    assert 'id="code-errors"' in answer.text
    assert visitor.get("/bookings").status_code == 303


@on_sqlite
def test_a_japanese_keyboard_sends_other_digits(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    wide = code(secret, clock).translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert give(half_in(app), f"{wide[:3]}　{wide[3:]}").status_code == 303


@on_sqlite
def test_codes_cannot_be_guessed_through(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    answers = []
    for _ in range(4):
        visitor = half_in(app)  # beginning anew does not count anew
        answers += [give(visitor, f"{number:06}").status_code for number in range(3)]
    assert answers == [422] * 10 + [429] * 2
    assert give(half_in(app), code(secret, clock)).status_code == 429


@on_sqlite
def test_the_door_for_the_code_shuts_after_ten_minutes(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    visitor = half_in(app)
    page = visitor.get("/sign-in/code?next=/bookings")
    clock.now += timedelta(minutes=10)
    answer = visitor.submit(page, "/sign-in/code", code=code(secret, clock))
    assert answer.headers["Location"] == "/sign-in?next=/bookings"
    assert visitor.get("/bookings").status_code == 303
    assert Visitor(app).get("/sign-in/code").headers["Location"].startswith("/sign-in")
    assert Visitor(app).post("/sign-in/code", code="123456").headers["Location"] == "/sign-in"


@on_sqlite
def test_an_open_redirect_is_not_made_of_the_code_page(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    visitor = half_in(app)
    page = visitor.get("/sign-in/code?next=//evil.example")
    assert form_of(page, "/sign-in/code").fields["next"] == "/"
    answer = visitor.submit(page, "/sign-in/code", code=code(secret, clock), next="https://evil.example")
    assert answer.headers["Location"] == "/"


def test_removing_needs_password_and_code(app: Flask, lab: Cast, clock: Clock) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    secret, codes = set_up(visitor, clock)
    clock.now += timedelta(minutes=2)
    good = code(secret, clock)
    for password, given in (("wrong", good), (PASSWORD, "000000"), ("", good), (PASSWORD, "")):
        page = visitor.get("/account/factor")
        assert visitor.submit(page, "/factor/remove", password=password, code=given).status_code == 422
    page = visitor.get("/account/factor")
    assert visitor.submit(page, "/factor/remove", password=PASSWORD, code=good).status_code == 303
    assert visitor.submit(page, "/factor/remove", password=PASSWORD, code=codes[0]).status_code == 409
    assert Visitor.by_the_form(app, "alan").get("/bookings").status_code == 200
    db.session.remove()
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert list(db.session.scalars(select(Letter.kind))) == ["factor-changed", "factor-changed"]


@on_sqlite
def test_new_recovery_codes_end_the_old_ones(app: Flask, lab: Cast, clock: Clock) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    secret, old = set_up(visitor, clock)
    clock.now += timedelta(minutes=2)
    page = visitor.get("/account/factor")
    assert visitor.submit(page, "/factor/codes", code="000000").status_code == 422
    answer = visitor.submit(page, "/factor/codes", code=code(secret, clock))
    assert answer.status_code == 201
    fresh = re.findall(r"<li><code>([a-z0-9-]+)</code>", answer.text)
    assert give(half_in(app), old[0]).status_code == 422
    assert give(half_in(app), fresh[0]).status_code == 303


@on_sqlite
def test_an_offer_is_for_one_person_one_hour_and_one_time(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, ben = Visitor.by_the_form(app, "alan"), Visitor.by_the_form(app, "ben")
    page = alan.get("/account/factor")
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found is not None
    secret, sealed = found[1].replace(" ", ""), form_of(page, "/account/factor").fields["sealed"]
    assert ben.post("/account/factor", sealed=sealed, code=code(secret, clock)).status_code == 422
    assert alan.post("/account/factor", sealed="forged", code=code(secret, clock)).status_code == 422
    assert alan.submit(page, "/account/factor", code="000000").status_code == 422
    clock.now += timedelta(minutes=61)
    assert alan.submit(page, "/account/factor", code=code(secret, clock)).status_code == 422
    clock.now = NOW
    assert alan.submit(page, "/account/factor", code=code(secret, clock)).status_code == 201
    assert alan.submit(page, "/account/factor", code=code(secret, clock)).status_code == 409


@on_sqlite
def test_with_another_secret_key_nobody_gets_in_by_an_old_secret(
    app: Flask, lab: Cast, clock: Clock, database: str
) -> None:
    secret, codes = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    other = application(database, CLOCK=clock, SECRET_KEY="another-key-that-only-tests-know-0123456")
    for given in (code(secret, clock), codes[0]):
        assert give(half_in(other), given).status_code == 422
    with other.app_context():
        let_go()


@on_sqlite
def test_the_picture_has_no_style_of_its_own(app: Flask, lab: Cast) -> None:
    page = Visitor.by_the_form(app, "alan").get("/account/factor").text
    picture = page[page.index("<svg", page.index("qr-frame")) :].partition("</svg>")[0]
    assert "style" not in picture
    assert "viewBox" in picture


# --- where a role demands it ------------------------------------------------------------------------------------------


def test_whose_role_demands_it_sets_it_up_before_anything_else(app: Flask, lab: Cast, clock: Clock) -> None:
    app.config["SECOND_FACTOR_FOR"] = frozenset({"staff", "administrator"})
    sora, ben = Visitor(app), Visitor.by_the_form(app, "ben")
    sora.post("/sign-in", email="sora@lab.example", password=PASSWORD, next="/inbox")
    for path in ("/", "/inbox", "/bookings", "/account", "/resources/tsukuba-plain", "/nowhere/at/all"):
        answer = sora.get(path)
        assert (answer.status_code, answer.headers.get("Location")) in ((303, "/account/factor"), (404, None)), path
    page = sora.get("/account/factor")
    token = token_of(page)
    for path in ("/feeds", "/resources/tsukuba-plain/book", "/account/password", "/account/factor/remove"):
        assert sora.open(path, method="POST", data={"csrf_token": token}).status_code == 403, path
    assert sora.open("/language", method="POST", data={"csrf_token": token, "language": "en"}).status_code == 303
    sora.token = ""
    set_up(sora, clock)
    assert sora.get("/inbox").status_code == 200
    assert ben.get("/bookings").status_code == 200


@on_sqlite
def test_it_is_demanded_at_once_and_of_the_role_in_force(app: Flask, lab: Cast) -> None:
    sora, mio = Visitor.by_the_form(app, "sora"), Visitor.by_the_form(app, "mio")
    assert sora.get("/inbox").status_code == 200
    app.config["SECOND_FACTOR_FOR"] = frozenset({"staff"})
    assert sora.get("/inbox").headers["Location"] == "/account/factor"
    assert mio.get("/inbox").status_code == 200  # manager
    assert sora.open("/sign-out", method="POST", data={"csrf_token": sora.token}).status_code in (303, 400)


def test_a_setting_that_names_no_role_stops_the_start() -> None:
    import config

    read = config.read({"LABBOOK_ENV": "demo", "LABBOOK_SECOND_FACTOR_FOR": " staff, manager "})
    assert read["SECOND_FACTOR_FOR"] == {"staff", "manager"}
    with pytest.raises(config.SettingError, match="boss"):
        config.read({"LABBOOK_ENV": "demo", "LABBOOK_SECOND_FACTOR_FOR": "staff,boss"})


@on_sqlite
def test_a_closed_account_gets_no_further_with_a_code(app: Flask, lab: Cast, clock: Clock) -> None:
    secret, _ = set_up(Visitor.by_the_form(app, "alan"), clock)
    clock.now += timedelta(minutes=2)
    visitor = half_in(app)

    @transactional
    def close() -> None:
        db.session.execute(update(Person).where(Person.id == lab.people["alan"]).values(is_active=False))

    close()
    assert give(visitor, code(secret, clock)).headers["Location"].startswith("/sign-in")
    assert visitor.get("/bookings").status_code == 303
