"""The pages about letters: every one for administrators, what no server took for the site's staff; looks on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.db import db, transactional
from labbook.models import Event, EventDetail, Letter, OneTimeLink, Person, Request
from labbook.models.letter import letter
from labbook.notices.queries import PAGE
from labbook.notices.service import Office, send_due
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.notices.server import Mailbox
from tests.statements import counted


@transactional
def given_up(lab: Cast, name: str = "hana", site: str | None = "tsukuba", **more: str) -> str:
    """A letter that no server took; its key."""
    told = {"site": "Tsukuba", "path": "/bookings", **more}
    one = letter("no-show", f"{name}@lab.example", "en", now=NOW, person_id=lab.people[name], **told)
    one.site_id = lab.sites[site] if site else None
    one.given_up_at, one.tries, one.fault = NOW, 14, "451 Mailbox <busy>"
    db.session.add(one)
    db.session.flush()
    return one.key


@transactional
def waiting(lab: Cast, name: str, kind: str = "reset", **more: object) -> str:
    """A letter that is still to go; its key."""
    one = letter(kind, f"{name}@lab.example", "en", now=NOW, person_id=lab.people[name], **more)
    db.session.add(one)
    db.session.flush()
    return one.key


def as_it_stands(key: str) -> Letter:
    """The letter, read anew."""
    db.session.remove()
    return db.session.scalars(select(Letter).where(Letter.key == key)).one()


def events(code: str) -> list[Event]:
    """What was recorded."""
    db.session.remove()
    return list(db.session.scalars(select(Event).where(Event.code == code).order_by(Event.id)))


# --- all letters ------------------------------------------------------------------------------------------------------


def test_an_administrator_finds_letters_by_what_became_of_them_and_by_whom_they_are_to(app: Flask, lab: Cast) -> None:
    keys = {"hana": given_up(lab), "ben": waiting(lab, "ben"), "alan": waiting(lab, "alan")}

    @transactional
    def went() -> None:
        db.session.scalars(select(Letter).where(Letter.key == keys["alan"])).one().sent_at = NOW

    went()
    ada = Visitor(app, "ada")

    def shown(query: str) -> set[str]:
        page = ada.get(f"/letters?{query}").text
        return {name for name, key in keys.items() if f"/letters/{key}" in page}

    assert shown("") == {"hana", "ben", "alan"}
    assert shown("fate=sent") == {"alan"}
    assert shown("fate=waiting") == {"ben"}
    assert shown("fate=undelivered") == {"hana"}
    assert shown("fate=not-mailed") == set()
    assert shown("q=BEN@lab") == {"ben"}
    with app.app_context():
        person = db.session.get_one(Person, lab.people["alan"])
        assert shown(f"q={person.given_name}+{person.family_name}") == {"alan"}
    assert shown("q=%25") == shown("q=_") == set()
    assert shown("fate=sent&q=ben") == set()


@on_sqlite
@pytest.mark.parametrize("query", ["fate=lost", "q=a%00b", f"q={'x' * 101}"])
def test_a_senseless_question_is_said_to_be_one(app: Flask, lab: Cast, query: str) -> None:
    assert Visitor(app, "ada").get(f"/letters?{query}").status_code == 422


@on_sqlite
def test_many_letters_come_in_pages_each_by_as_many_statements(app: Flask, lab: Cast) -> None:
    ada = Visitor(app, "ada")
    first = given_up(lab)
    ada.get("/letters")
    with counted() as few:
        assert "Earlier letters" not in ada.get("/letters").text
    keys = [given_up(lab, site=None) for _ in range(PAGE)]
    with counted() as many:
        page = ada.get("/letters")
    assert len(few) == len(many)
    assert first not in page.text
    assert all(key in page.text for key in keys)
    older = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert first in ada.get(older).text
    assert ada.get("/letters?below=x").status_code == ada.get(f"/letters?below={'9' * 40}").status_code == 200


@on_sqlite
def test_a_letter_shows_what_it_says_and_that_it_was_opened_is_on_record(app: Flask, lab: Cast) -> None:
    key = given_up(lab)
    page = Visitor(app, "ada").get(f"/letters/{key}")
    assert "your booking was not used and its time is free again" in page.text
    assert "451 Mailbox &lt;busy&gt;" in page.text
    (event,) = events("letter-looked-at")
    assert (event.actor_id, event.subject, event.subject_id) == (lab.people["ada"], "letter", as_it_stands(key).id)
    assert db.session.get_one(EventDetail, event.id).body == {"kind": "no-show"}


@on_sqlite
def test_a_look_at_a_letter_about_a_request_stands_on_its_partner_s_trail(app: Flask, lab: Cast) -> None:
    start = NOW + timedelta(days=1, hours=1)
    asked = Ask("tsukuba-asked", start, start + timedelta(hours=1), lab.partners["aoba"], "Quokka cells", "", "", "")
    made = service.request(lab.actor("hana"), asked, key=fresh_key(), now=NOW)
    number = db.session.scalars(select(Request.id).where(Request.key == made)).one()
    key = waiting(lab, "hana", "calendar", thread=f"request-{number}-{lab.people['hana']}")
    assert Visitor(app, "ada").get(f"/letters/{key}").status_code == 200
    (event,) = events("letter-looked-at")
    assert (event.partner_id, event.request_id) == (lab.partners["aoba"], number)
    assert (
        "A letter was opened by an administrator" in Visitor(app, "cora").get("/trail/ours", follow_redirects=True).text
    )


@pytest.mark.parametrize("name", ["sora", "mio", "audrey", "hana", "ben"])
@on_sqlite
def test_nobody_else_reads_letters(app: Flask, lab: Cast, name: str) -> None:
    key = given_up(lab)
    visitor = Visitor(app, name)
    assert visitor.get("/letters").status_code == 403
    is_staff_here = name in ("sora", "mio")
    assert visitor.get(f"/letters/{key}").status_code == (403 if is_staff_here else 404)
    assert visitor.get("/letters/no-such-key").status_code == 404
    assert events("letter-looked-at") == []


def test_a_secret_link_is_never_shown_and_none_is_made_by_looking(app: Flask, lab: Cast) -> None:
    key = waiting(lab, "alan")
    text = Visitor(app, "ada").get(f"/letters/{key}").text
    assert "/reset/…" in text
    db.session.remove()
    assert db.session.query(OneTimeLink).count() == 0
    assert as_it_stands(key).tries == 0


@on_sqlite
def test_what_a_letter_holds_is_text(app: Flask, lab: Cast) -> None:
    key = given_up(lab, path="<script>alert(1)</script>")
    text = Visitor(app, "ada").get(f"/letters/{key}").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@on_sqlite
def test_a_letter_that_cannot_be_written_is_said_to_be_one(app: Flask, lab: Cast) -> None:
    key = waiting(lab, "ben", "unknown-kind")
    page = Visitor(app, "ada").get(f"/letters/{key}")
    assert (page.status_code, "This letter cannot be written" in page.text) == (200, True)


@on_sqlite
def test_the_page_says_where_letters_go(app: Flask, lab: Cast) -> None:
    ada = Visitor(app, "ada")
    for url, said in (
        ("", "There is no way out for letters"),
        ("smtp://lab:secret@mail.example:587", "Letters go out by mail.example."),
        ("file:///var/lib/labbook/mail", "letters are kept as files in /var/lib/labbook/mail"),
    ):
        app.config["SMTP_URL"] = url
        page = ada.get("/letters").text
        assert said in page
        assert "secret" not in page


# --- what could not be delivered --------------------------------------------------------------------------------------


def test_staff_see_what_of_their_site_was_not_delivered(app: Flask, lab: Cast) -> None:
    here, there, nowhere = given_up(lab), given_up(lab, "ben", "cambridge"), given_up(lab, "alan", None)

    def seen_by(name: str, query: str = "") -> set[str]:
        page = Visitor(app, name).get(f"/letters/undelivered{query}")
        assert page.status_code == 200
        return {key for key in (here, there, nowhere) if key in page.text}

    assert seen_by("sora") == {here}
    assert seen_by("sam") == {there}
    assert seen_by("ada") == {here, there, nowhere}
    assert seen_by("ada", "?site=cambridge") == {there}
    assert Visitor(app, "sora").get("/letters/undelivered?site=cambridge").status_code in (403, 404)
    assert Visitor(app, "sora").get("/letters/undelivered?site=nowhere").status_code == 404
    for name in ("hana", "cora", "audrey"):
        assert Visitor(app, name).get("/letters/undelivered").status_code == 403


def test_what_is_sent_again_goes_out_and_is_on_record(app: Flask, lab: Cast, office: Office, mailbox: Mailbox) -> None:
    key, sora = given_up(lab), Visitor(app, "sora")
    page = sora.get("/letters/undelivered")
    assert sora.submit(page, f"/letters/{key}/again").status_code == 303
    assert send_due(office, now=NOW) == 1
    assert mailbox.recipients == ["hana@lab.example"]
    assert as_it_stands(key).fault == ""
    (event,) = events("letter-sent-again")
    assert (event.actor_id, event.site_id) == (lab.people["sora"], lab.sites["tsukuba"])
    assert key not in sora.get("/letters/undelivered").text


@on_sqlite
def test_sending_again_twice_is_as_good_as_once(app: Flask, lab: Cast) -> None:
    key, sora, ada = given_up(lab), Visitor(app, "sora"), Visitor(app, "ada")
    assert sora.post(f"/letters/{key}/again").status_code == 303
    for visitor in (sora, ada):
        assert visitor.post(f"/letters/{key}/again").status_code == 303
        assert "flash-error" in visitor.get("/letters/undelivered").text
    assert len(events("letter-sent-again")) == 1


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "ben", "sam", "audrey"])
def test_nobody_else_sends_again(app: Flask, lab: Cast, name: str) -> None:
    key = given_up(lab)
    assert Visitor(app, name).post(f"/letters/{key}/again").status_code == 404
    assert as_it_stands(key).given_up_at is not None


@on_sqlite
def test_what_was_taken_back_before_it_went_out_is_not_undelivered(app: Flask, lab: Cast) -> None:
    key = waiting(lab, "alan")

    @transactional
    def tried() -> None:
        db.session.scalars(select(Letter).where(Letter.key == key)).one().fault = "451 Later"

    tried()
    ada, alan = Visitor(app, "ada"), as_it_stands(key).person_id
    person_key = db.session.get_one(Person, alan).key
    assert ada.post(f"/people/{person_key}/close", reason="Left").status_code == 303
    assert as_it_stands(key).given_up_at is not None
    assert key not in ada.get("/letters/undelivered").text
    assert "Taken back" in ada.get("/letters").text
    assert ada.post(f"/letters/{key}/again").status_code == 303
    assert as_it_stands(key).given_up_at is not None
