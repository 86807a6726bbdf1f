"""Booking for somebody else: coordinators for people of their partner, staff for anyone whom the rules allow."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.lifecycle import State
from labbook.db import db
from labbook.models import Booking, Notice, Partner, Person, Request
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


def whom(lab: Cast, name: str, partner: str = "aoba") -> str:
    """As the form names somebody."""
    keys = db.session.get_one(Partner, lab.partners[partner]).key, db.session.get_one(Person, lab.people[name]).key
    return "/".join(keys)


def book(app: Flask, lab: Cast, by: str, of: str, partner: str = "aoba", slug: str = "tsukuba-plain") -> TestResponse:
    """Somebody books for somebody."""
    return Visitor(app, by).book(slug, *WANTED, for_person=whom(lab, of, partner))


def requests() -> list[Request]:
    """What was asked for."""
    db.session.remove()
    return list(db.session.scalars(select(Request)))


@pytest.mark.parametrize(("by", "of", "partner"), [("cora", "alan", "aoba"), ("sora", "ben", "birch")])
def test_it_is_theirs_and_says_who_asked(app: Flask, lab: Cast, by: str, of: str, partner: str) -> None:
    answer = book(app, lab, by, of, partner)
    assert answer.status_code == 303, answer.text
    (made,) = requests()
    assert (made.person_id, made.asked_by_id, made.partner_id) == (
        *(lab.people[of], lab.people[by]),
        lab.partners[partner],
    )
    assert db.session.scalars(select(Booking.person_id)).one() == lab.people[of]
    assert list(db.session.scalars(select(Notice.person_id))) == [lab.people[of]]
    theirs = Visitor(app, of)
    assert "Plates" in theirs.get("/bookings").text
    assert "Plates" not in Visitor(app, by).get("/bookings").text
    assert theirs.get(f"/bookings/{db.session.scalars(select(Booking.key)).one()}/move").status_code == 200


@on_sqlite
def test_the_rules_are_asked_for_whom_it_is(app: Flask, lab: Cast) -> None:
    told = book(app, lab, "cora", "alan", slug="tsukuba-confocal-1")  # who holds no training for it; cora does
    assert told.status_code == 409
    assert 'data-code="training"' in told.text
    assert requests() == []
    assert book(app, lab, "cora", "hana", slug="tsukuba-confocal-1").status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("by", "of", "partner", "status"),
    [
        ("alan", "hana", "aoba", 422),  # a scientist books for nobody else
        ("cora", "ben", "birch", 422),  # nor does a coordinator for a rival
        ("cora", "ben", "aoba", 422),  # or for one who is none of theirs
        ("sora", "dora", "dover", 422),  # whose agreement has ended
        ("sora", "alan", "birch", 422),
        ("sam", "alan", "aoba", 403),  # staff of another site
        ("ada", "alan", "aoba", 403),
    ],
)
def test_nobody_books_for_whom_they_may_not(app: Flask, lab: Cast, by: str, of: str, partner: str, status: int) -> None:
    visitor = Visitor(app, by)
    page = visitor.get("/resources/tsukuba-plain/book")
    if page.status_code == 200:
        answer = visitor.book("tsukuba-plain", *WANTED, for_person=whom(lab, of, partner))
    else:
        answer = visitor.post("/resources/tsukuba-plain/book", for_person=whom(lab, of, partner))
    assert answer.status_code == status
    assert requests() == []


@on_sqlite
def test_staff_who_book_for_nobody_but_others_choose_somebody(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    assert sora.book("tsukuba-plain", *WANTED).status_code == 422
    assert requests() == []


@on_sqlite
def test_nobody_decides_on_what_they_asked_for_on_somebodys_behalf(app: Flask, lab: Cast) -> None:
    page = book(app, lab, "sora", "ben", "birch", "tsukuba-asked").headers["Location"]
    assert db.session.scalars(select(Booking.state)).one() is State.WAITING
    assert Visitor(app, "sora").post(f"{page}/approve", version="1").status_code == 403
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get(page), "/approve").status_code == 303


@on_sqlite
def test_sent_twice_it_is_asked_for_once(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    page = cora.get("/resources/tsukuba-plain/book?from=2026-11-24T10:00&to=2026-11-24T11:00")
    fields = {"title": "Plates", "for_person": whom(lab, "alan")}
    answers = [cora.submit(page, "/resources/tsukuba-plain/book", **fields).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert len(requests()) == 1
