"""One's sessions: seen, ended one by one or all but this one, and by nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.browsers import browser_name
from labbook.db import db
from labbook.models import Event, Partner, SignIn
from tests.browsing import Visitor, form_of, forms_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


def codes() -> list[str]:
    """What the history tells, in its order."""
    db.session.remove()
    return list(db.session.scalars(select(Event.code).order_by(Event.id)))


@pytest.mark.parametrize(
    ("announced", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.0", ""),
        ("", ""),
        ("<script>" * 1000, ""),
    ],
)
def test_a_browser_has_a_name_that_its_owner_knows(announced: str, name: str) -> None:
    assert browser_name(announced) == name


def browsers(app: Flask, name: str, *announced: str) -> list[Visitor]:
    """The same person signed in with several browsers."""
    made = []
    for one in announced:
        visitor = Visitor(app)
        visitor.client.environ_base["HTTP_USER_AGENT"] = one
        visitor.post("/sign-in", email=f"{name}@lab.example", password="correct horse battery staple")
        visitor.token = ""
        made.append(visitor)
    return made


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(app: Flask, lab: Cast) -> None:
    here, phone = browsers(app, "alan", FIREFOX, IPHONE)
    page = here.get("/account")
    assert "Firefox, Linux" in page.text
    assert "Safari, iPhone" in page.text
    assert "127.0.0.1" in page.text
    ends = [form.action for form in forms_of(page.text) if form.action.endswith("/end")]
    assert len(ends) == 1
    assert here.submit(page, ends[0]).status_code == 303
    assert phone.get("/bookings").status_code == 303
    assert here.get("/bookings").status_code == 200
    assert here.submit(page, ends[0]).status_code == 303  # twice is as good as once
    assert codes() == ["signed-in", "signed-in", "session-ended"]


def test_everywhere_else_is_everywhere_else(app: Flask, lab: Cast) -> None:
    here, phone, desk = browsers(app, "alan", FIREFOX, IPHONE, FIREFOX)
    ben = Visitor.by_the_form(app, "ben")
    assert here.submit(here.get("/account"), "/end-others").status_code == 303
    assert [one.get("/bookings").status_code for one in (here, phone, desk, ben)] == [200, 303, 303, 200]
    assert codes()[-1] == "session-ended"
    assert "nowhere else" in here.get("/account").text


@on_sqlite
def test_nobody_ends_a_strangers_session_or_sees_it(app: Flask, lab: Cast) -> None:
    alan, ben, ada = Visitor.by_the_form(app, "alan"), Visitor.by_the_form(app, "ben"), Visitor.by_the_form(app, "ada")
    db.session.remove()
    hashed = db.session.scalars(select(SignIn.token_hash).where(SignIn.person_id == lab.people["alan"])).one()
    for visitor in (ben, ada):
        assert visitor.post(f"/account/sessions/{hashed[:24]}/end").status_code == 404
        assert hashed[:24] not in visitor.get("/account").text
    for key in ("", "%", "_" * 24, hashed, hashed[:23], "x" * 5000, "1"):
        assert alan.post(f"/account/sessions/{key}/end").status_code in (404, 405)
    assert alan.get("/bookings").status_code == 200
    assert Visitor(app).post(f"/account/sessions/{hashed[:24]}/end").status_code == 303
    assert alan.get("/bookings").status_code == 200


@on_sqlite
def test_what_has_ended_by_itself_is_not_listed(app: Flask, lab: Cast, clock: Clock) -> None:
    browsers(app, "alan", IPHONE)
    clock.now = NOW + timedelta(hours=13)
    (here,) = browsers(app, "alan", FIREFOX)
    assert "iPhone" not in here.get("/account").text


@on_sqlite
def test_the_page_is_for_those_who_are_signed_in(app: Flask, lab: Cast) -> None:
    for path in ("/account", "/account/factor"):
        assert Visitor(app).get(path).headers["Location"].startswith("/sign-in?next=")
    assert (
        Visitor.by_the_form(app, "dora").get("/account").status_code == 200
    )  # an ended agreement takes no account away


@on_sqlite
def test_signing_out_and_refusals_are_in_the_history_without_the_address(app: Flask, lab: Cast) -> None:
    visitor = Visitor.by_the_form(app, "alan")
    visitor.post("/sign-out")
    for name in ("alan", "stranger"):
        Visitor(app).post("/sign-in", email=f"{name}@lab.example", password="wrong")
    assert codes() == ["signed-in", "signed-out", "sign-in-refused"]
    refused = db.session.scalars(select(Event).where(Event.code == "sign-in-refused")).one()
    assert (refused.actor_id, refused.subject_id) == (None, lab.people["alan"])
    assert "lab.example" not in str(refused.detail.body)


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("さとう はな", "さとう はな"),
        ("ｻﾄｳ　ﾊﾅ", "サトウ ハナ"),
        ("  サトウ・ハナ ", "サトウ・ハナ"),
        ("しょーと", "しょーと"),
        ("", ""),
    ],
)
def test_people_say_how_their_names_are_read(app: Flask, lab: Cast, typed: str, kept: str) -> None:
    hana = Visitor.by_the_form(app, "hana")
    assert hana.post("/account/reading", reading=typed).status_code == 303
    assert form_of(hana.get("/account"), "/account/reading").fields["reading"] == kept
    page = Visitor(app, "mio").get("/people", query_string={"q": kept or "佐藤"}).text
    assert "佐藤 花" in page
    assert "Abbott" not in page


@on_sqlite
@pytest.mark.parametrize("typed", ["Sato Hana", "佐藤 花", "さとう<b>", "さとう\u202e", "さ" * 161, "1"])
def test_a_reading_is_in_kana(app: Flask, lab: Cast, typed: str) -> None:
    hana = Visitor.by_the_form(app, "hana")
    answer = hana.post("/account/reading", reading=typed)
    assert answer.status_code == 422
    assert 'id="reading-errors"' in answer.text
    assert form_of(answer, "/account/reading").fields["reading"] == typed


def test_lists_of_people_follow_the_readings(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    for name, reading in (("hana", "わたなべ"), ("alan", "あべ")):
        Visitor(app, name).post("/account/reading", reading=reading)
    key = db.session.scalars(select(Partner.key).where(Partner.id == lab.partners["aoba"])).one()
    page = sora.get(f"/people/partners/{key}").text
    assert page.index("Alan") < page.index("佐藤")
    Visitor(app, "hana").post("/account/reading", reading="あいだ")
    page = sora.get(f"/people/partners/{key}").text
    assert page.index("佐藤") < page.index("Alan")


@on_sqlite
def test_people_say_where_their_own_clock_is(app: Flask, lab: Cast) -> None:
    hana = Visitor.by_the_form(app, "hana")
    board = "/sites/tsukuba/day?on=2026-11-24"
    assert "own-clock" not in hana.get(board).text
    assert hana.post("/account/clock", zone="Europe/London").status_code == 303
    assert form_of(hana.get("/account"), "/account/clock").fields["zone"] == "Europe/London"
    page = hana.get(board).text
    assert "GMT, UTC+0" in page
    assert re.search(r'class="ruler own-clock".*?<i[^>]*>月 15</i>.*?<i[^>]*>火 00</i>', page, re.S)
    assert hana.post("/account/clock", zone="").status_code == 303
    assert "own-clock" not in hana.get(board).text


@on_sqlite
@pytest.mark.parametrize("typed", ["Etc/UTC", "Mars/Base", "../etc/passwd", "JST"])
def test_a_clock_is_that_of_a_place(app: Flask, lab: Cast, typed: str) -> None:
    hana = Visitor.by_the_form(app, "hana")
    answer = hana.post("/account/clock", zone=typed)
    assert answer.status_code == 422
    assert 'id="zone-errors"' in answer.text
