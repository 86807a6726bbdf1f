"""The request's page for whoever decides: rivals, allowances, the person, the day; and for nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.lifecycle import Action, State
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.counting import Subject
from labbook.core.limits.limit import spelled
from labbook.db import db, transactional
from labbook.models import Booking, Project, Request, RuleSet, Unit
from tests.browsing import Visitor, form_of, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.desk.proposing import propose
from tests.desk.test_rivals import ELEVEN, TEN, THREE, approve, bookings, second_unit, signed, states, wish
from tests.statements import counted, unlike

PARTS = ("r-rivals", "r-meters", "r-person", "r-card", "r-day")


def read(app: Flask, page: str, name: str = "sora", language: str = "en") -> str:
    """The page as somebody reads it."""
    visitor = Visitor(app, name)
    visitor.post("/language", language=language)
    answer = visitor.get(page)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def part(text: str, name: str) -> str:
    """One section of the page."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', text, re.S)
    assert found is not None, f"no {name}"
    return found[0]


def card_of(text: str, title: str) -> str:
    """One of those that are compared."""
    cards = part(text, "r-rivals").split('<li class="card')[1:]
    [card] = [one for one in cards if f">{title}</strong>" in one]
    return str(card)


@transactional
def allow(lab: Cast, most: int) -> None:
    """So many minutes a week for each partner's people together at Tsukuba."""
    plain = {"id": "1", **spelled(Allowance(most=most, subject=Subject.PARTNER))}
    db.session.add(
        RuleSet(site_id=lab.sites["tsukuba"], name=Words("Fair use", "公平な利用"), limits=[plain], made_at=NOW)
    )


def test_rivals_stand_side_by_side_with_what_approving_means_for_each(app: Flask, lab: Cast, clock: Clock) -> None:
    page = wish(app, "hana")
    clock.now += timedelta(hours=2)
    wish(app, "ben")
    wish(app, "chika", ELEVEN)
    wish(app, "alan", THREE)  # for another time: no rival
    text = read(app, page)
    assert "2 other requests for the same time" in text
    ben = card_of(text, "Of ben")
    assert [one for one in ("Birch Bio", "Ben Birk", "First booking", "just now") if one not in ben] == []
    assert "2 hours ago" in card_of(text, "Of hana")
    assert "Approving leaves no place for it." in ben
    assert "Of alan" not in part(text, "r-rivals")
    assert "This request" in card_of(text, "Of hana")
    ja = read(app, page, language="ja")
    assert "同じ時間を希望する申請がほかに2件あります" in ja


def test_ticked_rivals_are_declined_by_the_form_as_it_stands(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    wish(app, "ben")
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(page), "/approve")
    assert answer.status_code == 303
    assert states() == {"hana": "approved", "ben": "declined"}


@on_sqlite
def test_what_approving_means_is_said_before(app: Flask, lab: Cast) -> None:
    second_unit()
    signed(lab, "birch")
    page = wish(app, "hana")
    unit = db.session.get_one(Booking, bookings()["Of hana"].id).unit_id
    key = _unit_key(unit)
    wish(app, "ben", unit=key)
    wish(app, "chika", ELEVEN)
    wish(app, "mio", unit=key)
    sora, mio = read(app, page), read(app, page, "mio")
    assert "takes a signature" in card_of(sora, "Of ben")
    assert "Still possible beside it" in card_of(sora, "Of chika")
    assert "Approving leaves no place for it.<" in card_of(sora, "Of mio")
    assert "Somebody else decides on it" in card_of(mio, "Of mio")
    ticked = re.findall(r'name="rivals" value="(\w+)" checked', sora)
    assert ticked == [bookings()["Of mio"].key]
    assert 'name="rivals"' not in mio


@on_sqlite
def test_a_rival_to_whom_another_time_is_proposed_is_not_declined(app: Flask, lab: Cast) -> None:
    page, other = wish(app, "hana"), wish(app, "ben")
    assert propose(Visitor(app, "sora"), other, THREE).status_code == 303
    sora = read(app, page)
    assert "another time is proposed instead" in card_of(sora, "Of ben")
    assert 'name="rivals"' not in sora
    assert approve(app, page, "ben").status_code == 303
    assert states() == {"hana": "approved", "ben": "wished"}


@on_sqlite
def test_the_choice_of_rivals_survives_an_answer_that_asks_for_more(app: Flask, lab: Cast) -> None:
    page, first = wish(app, "hana"), wish(app, "ben")
    wish(app, "chika")
    assert first
    sora = Visitor(app, "sora")
    form = form_of(sora.get(page), "/approve").fields
    answer = sora.post(f"{page}/approve", **{**form, "rivals": "", "rivals_reason": "x" * 1001})
    assert answer.status_code == 422
    assert 'name="rivals" value' in answer.text
    assert (
        "checked"
        not in re.findall(r"<fieldset class=\"field choices declined-with-it\".*?</fieldset>", answer.text, re.S)[0]
    )


def test_allowances_are_told_for_the_time_that_is_asked_for(app: Flask, lab: Cast) -> None:
    allow(lab, 600)
    Visitor(app, "alan").book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T11:00")
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-26T10:00", "2026-11-26T12:00")
    Visitor(app, "hana").book("tsukuba-plain", "2026-12-08T10:00", "2026-12-08T12:00")  # in another week
    page = wish(app, "hana")
    told = part(read(app, page), "r-meters")
    assert "3 h of 10 h used; with this request 5 h." in told
    assert "2 h of it by 佐藤 花." in told
    assert "Fair use" in told


def test_the_person_is_told_by_what_they_did_at_this_site(app: Flask, lab: Cast, clock: Clock) -> None:
    hana = Visitor(app, "hana")
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00", title="Counted")
    hana.book("cambridge-scope", "2026-11-24T10:00", "2026-11-24T11:00", title="Elsewhere")
    page = wish(app, "hana", THREE)
    first = part(read(app, page), "r-person")
    assert "First booking of Cell sorter" in first
    assert "Approved, to come" in first
    used(app, "Counted")
    told = part(read(app, page), "r-person")
    assert "Last used" in told
    assert "Plate reader" in told
    assert "Microscope" not in told
    lost(app, lab, "Counted")
    told = part(read(app, page), "r-person")
    assert told.count("Did not come") == 2  # in the sum, and at the booking
    assert "Cell sorter" in part(read(app, page), "r-card")


@on_sqlite
def test_the_first_booking_at_a_site_is_marked(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("cambridge-scope", "2026-11-24T10:00", "2026-11-24T11:00")
    assert "First booking at Tsukuba" in part(read(app, wish(app, "ben")), "r-person")


def test_the_day_shows_what_lies_around_it_whosever_it_is(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    wish(app, "ben", THREE)
    Visitor(app, "sora").post(f"/requests/{bookings()['Of ben'].request.key}/approve", version=1)
    day = part(read(app, page), "r-day")
    assert "Of ben" in day
    assert "Birch Bio" in day
    assert "/sites/tsukuba/day?on=2026-11-24" in day
    assert "/book?" not in day  # it is there to decide by, not to book


# --- for whom it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hana", "alan", "cora", "chika", "ada", "audrey", "mio"])
def test_nobody_reads_it_who_does_not_decide_there(app: Flask, lab: Cast, name: str) -> None:
    """The requester (here also a manager of the site), colleagues, an ally of the joint project, and the lab."""
    allow(lab, 600)
    project = db.session.scalars(select(Project.key)).one()
    page = wish(app, "mio" if name == "mio" else "hana", project=project)
    wish(app, "ben")
    text = read(app, page, name)
    assert [one for one in PARTS if f'"{one}"' in text] == []
    assert "Of ben" not in text
    assert "Birch" not in text
    assert 'name="rivals"' not in text


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "alan", "cora", "chika", "ada"])
def test_a_page_is_the_same_to_the_byte_whether_there_are_rivals_or_not(app: Flask, lab: Cast, name: str) -> None:
    page = wish(app, "hana", project=db.session.scalars(select(Project.key)).one())
    visitor = Visitor(app, name)
    before = steady(visitor.get(page).text)
    wish(app, "ben", ELEVEN)
    assert steady(visitor.get(page).text) == before


@on_sqlite
def test_staff_of_another_site_and_a_preview_read_none_of_it(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    wish(app, "ben")
    assert Visitor(app, "sam").get(page).status_code == 404
    sora = Visitor(app, "sora")
    sora.post("/language", language="en")
    assert "Of ben" in sora.get(page).text
    form = sora.get("/preview")
    keys = re.findall(r'value="([0-9a-f]{24})"[^>]*>\s*Aoba', form.text)
    begun = sora.submit(form, "/preview", partner=keys[0] if keys else "")
    assert begun.status_code == 303
    text = sora.get(page).text
    assert "Of hana" in text
    assert [one for one in PARTS if f'"{one}"' in text] == []
    assert "Of ben" not in text


@on_sqlite
def test_once_decided_there_is_nothing_to_compare(app: Flask, lab: Cast) -> None:
    page = wish(app, "hana")
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    assert [one for one in PARTS if f'"{one}"' in sora.get(page).text] == []


# --- how much is read for it ------------------------------------------------------------------------------------------


def test_the_page_sends_as_many_statements_for_ten_rivals_as_for_one(app: Flask, lab: Cast) -> None:
    allow(lab, 60000)
    page = wish(app, "hana")
    wish(app, "ben")
    sora = Visitor(app, "sora")
    sora.get(page)
    with counted() as few:
        assert "1 other request" in sora.get(page).text or few
    for number, name in enumerate(("ben", "chika", "alan", "cora", "two") * 2):
        Visitor(app, name).book("tsukuba-sorter", *(TEN, ELEVEN)[number % 2], title=f"More {number}")
        Visitor(app, "hana").book(
            "tsukuba-plain", f"2026-11-2{4 + number % 3}T{8 + number}:00", f"2026-11-2{4 + number % 3}T{9 + number}:00"
        )
    db.session.remove()
    assert db.session.query(Request).count() > 15
    with counted() as many:
        text = sora.get(page).text
    assert text.count('name="rivals"') > 8
    assert len(few) == len(many), unlike(few, many)


def _unit_key(unit_id: int) -> str:
    return db.session.get_one(Unit, unit_id).key


@transactional
def used(app: Flask, title: str) -> None:
    """The booking has come to its end."""
    booking = db.session.scalars(select(Booking).join(Request).where(Request.title == title)).one()
    booking.state = State.FINISHED


@transactional
def lost(app: Flask, lab: Cast, title: str) -> None:
    """Nobody had come to it."""
    booking = db.session.scalars(select(Booking).join(Request).where(Request.title == title)).one()
    booking.state = State.RUNNING
    db.session.add(booking.take(Action.NO_SHOW, actor_id=None, now=NOW))
