"""Sessions live on the server, and end there."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select, text, update

from labbook.db import db, transactional
from labbook.models import Agreement, Person, RoleGrant, SignIn
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock, application, let_go


def is_in(visitor: Visitor) -> bool:
    """Whether the visitor is signed in."""
    return visitor.get("/bookings").status_code == 200


def cookie_of(visitor: Visitor) -> str:
    """The session cookie as the browser keeps it."""
    cookie = visitor.client.get_cookie("labbook")
    assert cookie is not None
    return cookie.value


def test_signing_out_ends_the_session_on_the_server(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    stolen = cookie_of(visitor)
    thief = Visitor(app)
    thief.client.set_cookie("labbook", stolen)
    assert is_in(thief)
    assert visitor.post("/sign-out").headers["Location"] == "/sign-in"
    assert not is_in(visitor)
    thief.client.set_cookie("labbook", stolen)
    assert not is_in(thief)


@on_sqlite
def test_signing_out_here_leaves_other_browsers_alone(app: Flask, lab: Cast) -> None:
    here, there = Visitor.by_the_form(app, "alan"), Visitor.by_the_form(app, "alan")
    here.post("/sign-out")
    assert is_in(there)


@on_sqlite
def test_signing_out_needs_a_post_and_twice_is_as_good_as_once(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    assert visitor.get("/sign-out").status_code == 405
    assert is_in(visitor)
    assert visitor.post("/sign-out").status_code == 303
    visitor.token = ""
    assert visitor.post("/sign-out").status_code == 303


@on_sqlite
def test_a_session_is_new_at_sign_in_and_a_chosen_one_is_not_adopted(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    before = cookie_of(visitor)
    visitor.post("/sign-in", email="alan@lab.example", password=PASSWORD)
    other = Visitor(app)
    other.client.set_cookie("labbook", before)
    assert not is_in(other)
    assert is_in(visitor)
    for forged in ("eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "x", "", "a" * 4000, "é"):
        other.client.set_cookie("labbook", forged)
        assert not is_in(other)


@on_sqlite
def test_only_a_hash_of_the_token_is_stored_and_no_id_is_in_the_cookie(app: Flask, lab: Cast) -> None:
    import base64
    import json
    import zlib

    visitor = Visitor.by_the_form(app, "alan")
    packed = cookie_of(visitor)
    payload = packed.lstrip(".").split(".")[0]
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    said = json.loads(zlib.decompress(data) if packed.startswith(".") else data)
    token = said["_user_id"]
    assert len(token) >= 22
    for table in db.metadata.sorted_tables:
        assert not any(token in map(str, row) for row in db.session.execute(select(table)))


@on_sqlite
def test_the_cookie_is_for_this_host_and_no_script(app: Flask, lab: Cast, database: str) -> None:
    def header(app: Flask, base_url: str) -> str:
        visitor = Visitor(app)
        answer = visitor.get("/sign-in", base_url=base_url)
        found: str = answer.headers["Set-Cookie"]
        return found

    plain = header(app, "http://localhost")
    assert plain.startswith("labbook=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(plain.split("; "))
    assert "Domain" not in plain
    assert "Secure" not in plain
    names = {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-labbook"}
    safe = application(database, CLOCK=lambda: NOW, **names)
    secure = header(safe, "https://localhost")
    assert secure.startswith("__Host-labbook=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(secure.split("; "))
    assert "Domain" not in secure
    with safe.app_context():
        let_go()


def test_https_gives_the_cookie_its_safe_name() -> None:
    import config

    read = config.read({"LABBOOK_ENV": "demo", "LABBOOK_BASE_URL": "https://lab.example"})
    assert (read["SESSION_COOKIE_NAME"], read["SESSION_COOKIE_SECURE"]) == ("__Host-labbook", True)
    read = config.read({"LABBOOK_ENV": "demo"})
    assert (read["SESSION_COOKIE_NAME"], read["SESSION_COOKIE_SECURE"]) == ("labbook", False)


@on_sqlite
def test_an_idle_session_ends_and_a_used_one_lives_on_until_it_is_old(app: Flask, lab: Cast, clock: Clock) -> None:
    idle, busy = Visitor.by_the_form(app, "alan"), Visitor.by_the_form(app, "cora")
    for hours in (6, 12):
        clock.now = NOW + timedelta(hours=hours)
        assert is_in(busy)
    clock.now = NOW + timedelta(hours=12, minutes=1)
    assert not is_in(idle)
    assert is_in(busy)
    for hours in range(23, 15 * 24, 11):
        clock.now = NOW + timedelta(hours=hours)
        assert is_in(busy) is (hours <= 14 * 24)


@on_sqlite
def test_use_is_noted_every_five_minutes_and_never_waits(app: Flask, lab: Cast, clock: Clock) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    seen = []
    for minutes in (0, 4, 5, 9, 11):
        clock.now = NOW + timedelta(minutes=minutes)
        assert is_in(visitor)
        db.session.remove()
        seen.append((db.session.scalars(select(SignIn.seen_at)).one() - NOW).total_seconds() // 60)
    assert seen == [0, 0, 5, 5, 11]
    clock.now = NOW + timedelta(minutes=30)
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
        writer.execute(text("UPDATE feed SET name = name"))
        before = time.monotonic()
        assert is_in(visitor)
        assert time.monotonic() - before < 2


@transactional
def close(lab: Cast, name: str) -> None:
    """Close an account."""
    db.session.execute(update(Person).where(Person.id == lab.people[name]).values(is_active=False))


def test_a_closed_accounts_session_dies_on_its_next_request(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    page = visitor.get("/resources/tsukuba-plain/book")
    assert page.status_code == 200
    close(lab, "alan")
    assert not is_in(visitor)
    answer = visitor.submit(page, "/resources/tsukuba-plain/book", title="x")
    assert answer.headers["Location"].startswith("/sign-in")


def test_an_ended_agreement_takes_everything_at_once(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    sent = visitor.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00", title="Mine")
    page = sent.headers["Location"]
    form, request_page = visitor.get("/resources/tsukuba-plain/book"), visitor.get(page)

    @transactional
    def end() -> None:
        ended = update(Agreement).where(Agreement.partner_id == lab.partners["aoba"])
        db.session.execute(ended.values(ends_on=date(2026, 11, 21)))

    end()
    for path in ("/sites/tsukuba/day", "/sites/tsukuba/week", "/resources/tsukuba-plain", page):
        assert visitor.get(path).status_code == 404, path
    for path in ("/", "/bookings", "/resources", "/feeds"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert not re.search("Mine|Plate reader|tsukuba-", answer.text), path
    assert "No access at present" in visitor.get("/").text
    assert visitor.submit(form, "/resources/tsukuba-plain/book", title="x").status_code == 404
    assert visitor.submit(request_page, "/cancel").status_code == 404


@on_sqlite
def test_an_ended_role_takes_the_inbox_at_once(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "sora")
    assert visitor.get("/inbox").status_code == 200

    @transactional
    def end() -> None:
        mine = RoleGrant.person_id == lab.people["sora"]
        db.session.execute(update(RoleGrant).where(mine).values(ends_on=date(2026, 11, 21)))

    end()
    assert visitor.get("/inbox").status_code == 403
    assert visitor.get("/sites/tsukuba/day").status_code == 404


@on_sqlite
def test_an_agreement_ends_at_midnight_of_the_site_without_a_restart(app: Flask, lab: Cast, clock: Clock) -> None:
    clock.now = NOW.replace(year=2027, month=3, day=31, hour=14, minute=59)
    visitor = Visitor.by_the_form(app, "chika")
    assert visitor.get("/sites/tsukuba/day").status_code == 200
    clock.now += timedelta(minutes=1)
    assert visitor.get("/sites/tsukuba/day").status_code == 404
