"""Erasing a person: no personal word is left anywhere, and bookings, seals and other people's pages hold together."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from labbook.bookings import service
from labbook.bookings.queries import request_by_key
from labbook.core.feeds import Scope
from labbook.db import db, transactional
from labbook.models import Booking, BookingText, Event, Feed, Person, Request, RoleGrant, SignIn
from labbook.models.letter import letter
from labbook.people.queries import actor_of
from labbook.people.service.erasing import without
from labbook.reports.service import seal, verify
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, PASSWORD, Cast
from tests.feeds.reading import feed
from tests.people.test_own_data import OWN, plant
from tests.reports.tampering import book

GONE = [
    *(word for section, word in OWN.items() if section != "acceptances"),
    "hana@lab.example",
    "佐藤",
    "SecretHash",
    "OwnBytes",
    "OwnDigest",
    "OwnCalendar",
]
LATER = NOW + timedelta(days=30)


def key_of(lab: Cast, name: str) -> str:
    """The key of a person."""
    db.session.remove()
    return db.session.scalars(select(Person.key).where(Person.id == lab.people[name])).one()


def everything() -> str:
    """All that the database holds, as one text; JSON as people read it."""
    db.session.remove()
    found = [
        json.dumps([str(value) for value in row], ensure_ascii=False)
        for table in db.metadata.sorted_tables
        for row in db.session.execute(select(table))
    ]
    db.session.remove()
    return "\n".join(found)


@transactional
def letter_about(lab: Cast) -> None:
    """A letter to Cora in which Hana is named, which has not gone out yet."""
    told = {"person": "佐藤 花", "link": ["hana@lab.example"], "day": "Monday"}
    cora = letter("joined", "cora@lab.example", "en", now=NOW, person_id=lab.people["cora"], **told)
    number = db.session.scalars(select(Request.id).where(Request.person_id == lab.people["hana"])).one()
    told_to = (("hana", number, "OwnCalendar"), ("alan", number, "OwnTitle"), ("ben", number * 10, "TheirCalendar"))
    for name, request_id, words in told_to:  # an invitation that went out holds what was typed
        one = letter("booking", f"{name}@lab.example", "en", now=NOW, person_id=lab.people[name])
        one.thread, one.calendar, one.sent_at = f"request-{request_id}-{lab.people[name]}", f"SUMMARY:{words}", NOW
        db.session.add(one)
    db.session.add(cora)


def test_no_personal_word_is_left_and_the_seals_hold(app: Flask, lab: Cast, clock: object) -> None:
    plant(lab, app)
    letter_about(lab)
    for name in ("hana", "cora", "ben"):  # calendars of theirs, for which texts are stored
        assert Visitor(app).get(feed(lab, name, Scope.RESOURCE, about="tsukuba-plain")).status_code == 200
    assert "OwnTitle" in "".join(db.session.scalars(select(BookingText.text)))
    seal(now=NOW)
    assert [word for word in GONE if word not in everything()] == []
    clock.now = LATER  # type: ignore[attr-defined]
    ada, key = Visitor(app, "ada"), key_of(lab, "hana")
    answer = ada.post(f"/people/{key}/erase")
    assert answer.status_code == 303
    left = everything()
    assert [word for word in GONE if word in left] == []
    assert "RivalTitle" in left
    assert [word for word in ("TheirMessage", "TheirQuestion", "TheirFile", "TheirBytes") if word not in left] == []
    assert "Monday" in left
    assert "TheirCalendar" in left
    seal(now=LATER)
    found = verify()
    assert (found.faults, found.unsealed) == ([], 0)
    assert found.erased > 0
    db.session.remove()
    assert "RivalTitle" in "".join(db.session.scalars(select(BookingText.text)))
    assert db.session.scalars(select(Event.subject_id).where(Event.code == "person-erased")).all() == [
        lab.people["hana"]
    ]
    assert db.session.query(Booking).where(Booking.person_id == lab.people["hana"]).count() == 1


def test_nothing_that_was_theirs_opens_anything(app: Flask, lab: Cast, clock: object) -> None:
    hana, ada = Visitor(app, "hana"), Visitor(app, "ada")
    assert hana.get("/bookings").status_code == 200
    assert ada.post(f"/people/{key_of(lab, 'hana')}/erase").status_code == 303
    assert hana.get("/bookings").status_code == 303
    db.session.remove()
    number = lab.people["hana"]
    person = db.session.get_one(Person, number)
    assert (person.is_active, person.password_hash, person.erased_at) == (False, "", NOW)
    assert actor_of(number, NOW) is None
    assert set(db.session.scalars(select(SignIn.ended_at).where(SignIn.person_id == number))) == {NOW}
    assert set(db.session.scalars(select(RoleGrant.ended_at).where(RoleGrant.person_id == number))) == {NOW}
    assert list(db.session.scalars(select(Feed.id).where(Feed.person_id == number, Feed.revoked_at.is_(None)))) == []
    for address in ("hana@lab.example", person.email):
        stranger = Visitor(app)
        assert stranger.post("/sign-in", email=address, password=PASSWORD, next="/").status_code == 422


@on_sqlite
def test_others_read_of_a_former_user(app: Flask, lab: Cast, clock: object) -> None:
    key = book(lab, resource="tsukuba-asked", title="OwnTitle")
    service.decline(lab.actor("sora"), key, reason="Busy", version=1, now=NOW)
    assert Visitor(app, "ada").post(f"/people/{key_of(lab, 'hana')}/erase").status_code == 303
    page = Visitor(app, "cora").get(f"/requests/{key}").text
    assert "Former user" in page
    assert "Asked for" in page
    assert "OwnTitle" not in page
    assert "以前の利用者" in Visitor(app, "sora").get(f"/requests/{key}").text
    trail = Visitor(app, "audrey").get("/trail").text
    assert "The details were erased." in trail


@on_sqlite
def test_whoever_has_bookings_ahead_is_not_erased_and_it_says_what_to_do(app: Flask, lab: Cast) -> None:
    key = book(lab)
    ada, person = Visitor(app, "ada"), key_of(lab, "hana")
    answer = ada.post(f"/people/{person}/erase")
    assert answer.status_code == 409
    assert "1 booking lies ahead. Cancel or withdraw it first" in answer.text
    assert db.session.get_one(Person, lab.people["hana"]).erased_at is None
    booking = request_by_key(lab.actor("hana"), key).bookings[0]
    service.cancel(lab.actor("hana"), booking.key, reason="", version=booking.version, now=NOW)
    assert ada.submit(ada.get(f"/people/{person}/erase"), "/erase").status_code == 303


@on_sqlite
def test_twice_is_as_good_as_once(app: Flask, lab: Cast) -> None:
    ada, key = Visitor(app, "ada"), key_of(lab, "hana")
    assert [ada.post(f"/people/{key}/erase").status_code for _ in range(2)] == [303, 303]
    db.session.remove()
    assert db.session.query(Event).where(Event.code == "person-erased").count() == 1
    assert "erased" in ada.get(f"/people/{key}/erase").text


@on_sqlite
@pytest.mark.parametrize(
    ("name", "whose", "status"),
    [
        ("ada", "ada", 403),
        ("audrey", "hana", 403),
        ("mio", "hana", 403),
        ("cora", "hana", 403),
        ("ben", "hana", 404),
        ("dora", "hana", 404),
    ],
)
def test_only_administrators_erase_and_never_themselves(
    app: Flask, lab: Cast, name: str, whose: str, status: int
) -> None:
    visitor, key = Visitor(app, name), key_of(lab, whose)
    assert visitor.post(f"/people/{key}/erase").status_code == status
    assert visitor.get(f"/people/{key}/erase").status_code == status
    db.session.remove()
    assert db.session.get_one(Person, lab.people[whose]).erased_at is None


@on_sqlite
def test_a_person_who_does_not_exist_is_not_there(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ada").post(f"/people/{'0' * 24}/erase").status_code == 404


def test_a_colleague_s_feed_is_read_anew(app: Flask, lab: Cast, clock: object) -> None:
    book(lab)
    clock.now = NOW + timedelta(days=3)  # type: ignore[attr-defined]
    before = db.session.execute(text("SELECT slug, full_revision FROM resource")).all()
    assert Visitor(app, "ada").post(f"/people/{key_of(lab, 'hana')}/erase").status_code == 303
    db.session.remove()
    after = db.session.execute(text("SELECT slug, full_revision FROM resource")).all()
    assert {row.slug for row in set(after) - set(before)} == {"tsukuba-plain"}


@on_sqlite
def test_the_command_erases_too(app: Flask, lab: Cast) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["people", "erase", "hana@lab.example"], input="n\n").exit_code == 1
    assert "hana@lab.example" in everything()
    assert runner.invoke(args=["people", "erase", "hana@lab.example", "--yes"]).output == "erased\n"
    assert "hana@lab.example" not in everything()
    assert runner.invoke(args=["people", "erase", "hana@lab.example", "--yes"]).exit_code == 1


def test_words_are_blanked_wherever_they_stand() -> None:
    told = {"a": ["x Ann y", {"b": "Ann"}], "c": 3, "d": None}
    assert without(told, ["Ann", ""]) == {"a": ["x — y", {"b": "—"}], "c": 3, "d": None}
