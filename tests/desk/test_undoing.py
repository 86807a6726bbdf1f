"""A decision can be undone for a minute by whoever took it: all of it, and before anybody is written to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.db import db, transactional
from labbook.models import Notice, Request, Unit
from tests.bookings.test_signed import sign_with
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock
from tests.desk.proposing import ASKED, approve_so, ask, close, codes, first, held, nth, told, wished

SHORTER = ("2026-11-24T10:00", "2026-11-24T11:00")


def decide(visitor: Visitor, where: str, says: str) -> None:
    """By the page."""
    fields = {"reason": "It is full."} if says == "/decline" else {}
    assert visitor.submit(visitor.get(where), says, **fields).status_code == 303


def test_an_approval_is_undone_and_nobody_hears_of_it(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/approve")
    [notice] = db.session.scalars(select(Notice).where(Notice.person_id == lab.people["alan"]))
    assert notice.due_at == NOW + timedelta(minutes=1)
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert (first().state, held(first()), told("booking-approve"), told("booking-undo")) == ("waiting", [ASKED], [], [])
    assert codes(first()) == ["ask", "approve", "undo"]
    assert db.session.scalars(select(Request.decide_by)).one() is not None
    decide(sora, where, "/approve")


def test_what_was_declined_waits_again_where_it_did(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/decline")
    assert held(first()) == []
    page = sora.get(where)
    assert [sora.submit(page, "/undo").status_code for _ in range(2)] == [303, 303]  # a second click
    assert (first().state, held(first()), told("booking-decline")) == ("waiting", [ASKED], [])
    assert codes(first()) == ["ask", "decline", "undo"]


def test_if_its_time_is_taken_meanwhile_the_decision_stands(app: Flask, lab: Cast) -> None:
    alan, ben, sora = Visitor(app, "alan"), Visitor(app, "ben"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/decline")
    ask(ben)
    refused = sora.submit(sora.get(where), "/undo")
    assert refused.status_code == 409
    assert (first().state, held(first()), held(nth(1))) == ("declined", [], [ASKED])
    assert told("booking-decline") == [lab.people["alan"]]  # it is told as it was


@pytest.mark.parametrize("says", ["/approve", "/decline"])
def test_a_wish_is_one_again_and_keeps_nothing(app: Flask, lab: Cast, says: str) -> None:
    wished()
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, says)
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert (first().state, held(first())) == ("wished", [])


def test_what_was_approved_with_changes_goes_back_to_where_it_was_asked_for(app: Flask, lab: Cast) -> None:
    alan, ben, sora = Visitor(app, "alan"), Visitor(app, "ben"), Visitor(app, "sora")
    where = ask(alan)
    assert approve_so(sora, where, SHORTER).status_code == 303
    assert (first().state, first().wall_end, held(first())) == ("approved", SHORTER[1], [SHORTER])
    page = sora.get(where)
    assert sora.submit(page, "/undo").status_code == 303
    assert (first().state, first().wall_end, held(first())) == ("waiting", ASKED[1], [ASKED])
    assert approve_so(sora, where, SHORTER).status_code == 303
    ask(ben, time=("2026-11-24T11:30", "2026-11-24T12:30"))
    assert sora.submit(sora.get(where), "/undo").status_code == 409
    assert (first().state, held(first())) == ("approved", [SHORTER])


@on_sqlite
def test_who_saw_the_decision_decides_nothing_from_that_page_once_it_is_undone(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "mio")
    where = ask(alan)
    decide(sora, where, "/approve")
    seen = first().request.version
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert mio.post(f"{where}/approve", version=seen).status_code == 409
    assert first().state == "waiting"


@on_sqlite
def test_if_the_unit_has_another_name_meanwhile_the_decision_stands(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    assert approve_so(sora, where, SHORTER).status_code == 303
    page = sora.get(where)
    transactional(lambda: db.session.execute(update(Unit).values(name=Unit.name + " old")))()
    assert sora.submit(page, "/undo").status_code == 409
    assert (first().state, held(first())) == ("approved", [SHORTER])


@on_sqlite
def test_what_would_lie_where_it_was_closed_meanwhile_stays_decided(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/decline")
    close(lab, first().starts_at, first().ends_at)
    assert sora.submit(sora.get(where), "/undo").status_code == 409
    assert first().state == "declined"


@on_sqlite
def test_after_a_minute_it_is_too_late(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/approve")
    page = sora.get(where)
    clock.now = NOW + timedelta(seconds=60)
    assert "/undo" not in sora.get(where).text
    assert sora.submit(page, "/undo").status_code == 409
    assert first().state == "approved"


@on_sqlite
def test_what_has_become_a_letter_stands(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/approve")
    page = sora.get(where)
    write_letters()
    assert sora.submit(page, "/undo").status_code == 409
    assert first().state == "approved"
    assert told("booking-approve") == [lab.people["alan"]]


@transactional
def write_letters() -> None:
    """Say of all notices that their letters went out."""
    db.session.execute(update(Notice).values(sent_at=NOW))


@on_sqlite
def test_only_whoever_decided_undoes_it_and_only_the_last_step(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "mio")
    where = ask(alan)
    decide(sora, where, "/approve")
    page = sora.get(where)
    assert "/undo" not in mio.get(where).text
    assert "/undo" not in alan.get(where).text
    version = str(db.session.scalars(select(Request.version)).one())
    assert mio.post(f"{where}/undo", version=version).status_code == 409
    assert alan.post(f"{where}/undo", version=version).status_code == 403
    assert alan.submit(alan.get(where), "/cancel").status_code == 303
    assert sora.submit(page, "/undo").status_code == 409
    assert first().state == "cancelled"


@on_sqlite
def test_what_was_signed_stands(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    sign_with(lab, "aoba")
    signed = sora.submit(sora.get(where), "/approve", meaning="reviewed", password=PASSWORD)
    assert signed.status_code == 303
    assert "/undo" not in sora.get(where).text


@on_sqlite
def test_all_dates_of_a_series_wait_again(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan, every="day", count="3")
    decide(sora, where, "/approve")
    assert [nth(number).state for number in range(3)] == ["approved"] * 3
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert [nth(number).state for number in range(3)] == ["waiting"] * 3
    assert told("booking-approve") == []


@on_sqlite
def test_rivals_that_were_declined_with_it_wait_again_too(app: Flask, lab: Cast) -> None:
    wished()
    alan, ben, sora = Visitor(app, "alan"), Visitor(app, "ben"), Visitor(app, "sora")
    where = ask(alan)
    ask(ben)
    page, rival = sora.get(where), nth(1).key
    sent = sora.submit(page, "/approve", rivals=rival, rivals_reason="Somebody else came first.")
    assert sent.status_code == 303
    assert [nth(number).state for number in (0, 1)] == ["approved", "declined"]
    assert told("booking-decline") == [lab.people["ben"]]
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert [nth(number).state for number in (0, 1)] == ["wished", "wished"]
    assert (told("booking-decline"), told("booking-approve")) == ([], [])


@on_sqlite
def test_what_somebody_has_changed_since_stands(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    decide(sora, where, "/approve")
    form = alan.get(f"/bookings/{first().key}/move")
    assert alan.submit(form, "/move", **times(*SHORTER)).status_code == 303
    assert codes(first()) == ["ask", "approve", "shorten"]
    assert "/undo" not in sora.get(where).text
    version = str(db.session.scalars(select(Request.version)).one())
    assert sora.post(f"{where}/undo", version=version).status_code == 409
    assert first().state == "approved"
