"""Every reader gets their own language, and the other one where content has no words of theirs."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Person
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast


def test_pages_speak_the_persons_language(app: Flask, lab: Cast) -> None:
    hana, ben = Visitor.by_the_form(app, "hana"), Visitor.by_the_form(app, "ben")
    assert '<html lang="ja">' in hana.get("/resources").text
    assert "共焦点顕微鏡" in hana.get("/resources").text
    assert '<html lang="en">' in ben.get("/resources").text
    assert "共焦点顕微鏡" not in ben.get("/resources").text


def test_a_choice_is_kept_for_the_person_on_every_browser(app: Flask, lab: Cast) -> None:
    ben = Visitor.by_the_form(app, "ben")
    answer = ben.post("/language", language="ja", next="/resources?q=x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/resources?q=x")
    assert '<html lang="ja">' in ben.get("/resources").text
    db.session.remove()
    assert db.session.scalars(select(Person.language).where(Person.id == lab.people["ben"])).one() == "ja"
    assert '<html lang="ja">' in Visitor.by_the_form(app, "ben").get("/resources").text


@on_sqlite
def test_signed_out_the_browser_says_which_and_may_choose(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    for accepts, shown in (("ja", "ja"), ("ja-JP,en;q=0.5", "ja"), ("fr", "en"), ("", "en"), ("*;q=x,,;", "en")):
        page = visitor.get("/sign-in", headers={"Accept-Language": accepts})
        assert f'<html lang="{shown}">' in page.text, accepts
    assert visitor.post("/language", language="ja", next="/sign-in").status_code == 303
    assert '<html lang="ja">' in visitor.get("/sign-in", headers={"Accept-Language": "en"}).text


@on_sqlite
@pytest.mark.parametrize("language", ["fr", "", "EN", "en\x00", "x" * 1000])
def test_no_other_language_is_taken(app: Flask, lab: Cast, language: str) -> None:
    ben = Visitor.by_the_form(app, "ben")
    assert ben.post("/language", language=language).status_code == 400
    assert '<html lang="en">' in ben.get("/resources").text


@on_sqlite
def test_a_look_does_not_choose(app: Flask, lab: Cast) -> None:
    ben = Visitor.by_the_form(app, "ben")
    assert ben.get("/language?language=ja").status_code == 405
    assert '<html lang="en">' in ben.get("/resources?language=ja").text


@on_sqlite
def test_names_without_japanese_are_shown_in_english(app: Flask, lab: Cast) -> None:
    page = Visitor.by_the_form(app, "hana").get("/resources/cambridge-scope").text
    assert "Microscope" in page


@on_sqlite
def test_error_pages_speak_it_too(app: Flask, lab: Cast) -> None:
    answer = Visitor.by_the_form(app, "hana").get("/requests/none")
    assert answer.status_code == 404
    assert '<html lang="ja">' in answer.text
    assert "Nothing here" not in answer.text


@on_sqlite
def test_a_japanese_name_is_family_first_for_everybody(app: Flask, lab: Cast) -> None:
    page = (
        Visitor.by_the_form(app, "hana")
        .book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T11:00")
        .headers["Location"]
    )
    assert "佐藤 花" in Visitor.by_the_form(app, "alan").get(page).text


@on_sqlite
@pytest.mark.parametrize(
    ("sent", "to"),
    [
        ("/feeds", "/feeds"),
        ("/feeds/0123456789abcdef01234567/rotate", "/feeds"),  # its answer is a page, but it cannot be opened
        ("/sites/tsukuba/closures/import/close?", "/sites/tsukuba/closures/import"),
        ("/bookings?page=2", "/bookings?page=2"),
        ("/nothing/here", "/nothing/here"),
        ("/language", "/"),
    ],
)
def test_the_page_of_a_form_that_was_sent_is_the_one_above_it(app: Flask, lab: Cast, sent: str, to: str) -> None:
    answer = Visitor(app, "alan").post("/language", language="ja", next=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, to)


@on_sqlite
def test_a_link_may_say_its_language_and_changes_nobodys_choice(app: Flask, lab: Cast) -> None:
    ben = Visitor.by_the_form(app, "ben")
    assert '<html lang="ja">' in ben.get("/resources?lang=ja").text
    assert '<html lang="en">' in ben.get("/resources").text
    assert '<html lang="en">' in Visitor.by_the_form(app, "hana").get("/resources?lang=en").text
    db.session.remove()
    assert db.session.scalars(select(Person.language).where(Person.id == lab.people["ben"])).one() == "en"


@on_sqlite
def test_signed_out_the_link_is_remembered_by_the_browser(app: Flask, lab: Cast) -> None:
    visitor, english = Visitor(app), {"Accept-Language": "en"}
    answer = visitor.get("/resources?lang=ja", headers=english)
    assert answer.status_code == 303  # to sign in, in the language of the link, and then to the page in it
    assert '<html lang="ja">' in visitor.get(answer.headers["Location"], headers=english).text
    assert "lang%3Dja" in answer.headers["Location"]
    assert '<html lang="ja">' in visitor.get("/sign-in", headers=english).text
    assert '<html lang="en">' in visitor.get("/sign-in?lang=en", headers={"Accept-Language": "ja"}).text


@on_sqlite
@pytest.mark.parametrize("language", ["fr", "", "EN", "ja\x00", "ja&lang=en" * 20, "x" * 1000])
def test_a_link_with_another_language_is_read_as_if_it_had_none(app: Flask, lab: Cast, language: str) -> None:
    visitor = Visitor(app)
    page = visitor.get("/sign-in", query_string={"lang": language}, headers={"Accept-Language": "ja"})
    assert '<html lang="ja">' in page.text
    assert "Set-Cookie" not in page.headers or "language" not in page.headers["Set-Cookie"]


@on_sqlite
def test_who_chooses_another_language_leaves_that_of_the_link(app: Flask, lab: Cast) -> None:
    ben = Visitor.by_the_form(app, "ben")
    answer = ben.post("/language", language="en", next="/resources?q=x&lang=ja&kind=room#r")
    assert answer.headers["Location"] == "/resources?q=x&kind=room#r"
    assert ben.post("/language", language="en", next="/resources?lang=ja").headers["Location"] == "/resources"


@on_sqlite
def test_calendars_get_no_cookie_from_a_link_with_a_language(app: Flask, lab: Cast) -> None:
    assert "Set-Cookie" not in Visitor(app).get("/healthz?lang=ja").headers
    assert "Set-Cookie" not in Visitor(app).get("/static/1/app.css?lang=ja").headers
