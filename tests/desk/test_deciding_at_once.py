"""Two of the staff decide at the same moment, or on what has become otherwise: one wins, the other is told by whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.interval import Interval
from labbook.core.limits.length import Length
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db
from labbook.desk.service import proposals
from labbook.desk.service.assigning import assign
from labbook.desk.service.changed import approve_changed
from labbook.desk.service.places import Otherwise
from labbook.desk.service.undoing import undo
from labbook.models import Event, Notice, Person, Request, Unit, Waiver
from tests.bookings.ruling import rule
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import NOW, Cast
from tests.desk.proposing import approve_so, ask, codes, english, first, held, nth, told, wished

SHORTER = ("2026-11-24T10:00", "2026-11-24T11:00")

pytestmark = on_sqlite


def person(lab: Cast, name: str) -> Person:
    """Somebody of the cast."""
    return db.session.get_one(Person, lab.people[name])


@pytest.mark.parametrize(
    ("faster", "slower", "what"),
    [("/approve", "/decline", "Approved"), ("/decline", "/approve", "Declined"), ("/approve", "/approve", "Approved")],
)
def test_the_slower_is_told_who_decided_what(app: Flask, lab: Cast, faster: str, slower: str, what: str) -> None:
    sora, mio = Visitor(app, "sora"), english(Visitor(app, "mio"))
    where = ask(Visitor(app, "alan"))
    pages, reason = {one: one.get(where) for one in (sora, mio)}, {"reason": "It is full."}
    assert sora.submit(pages[sora], faster, **reason).status_code == 303
    late = mio.submit(pages[mio], slower, **reason)
    assert late.status_code == 409
    said = rf"It was changed meanwhile \([^“]*{person(lab, 'sora').family_name}[^“]*“{what}”"
    assert re.search(said, late.text), "who was faster, and with what"
    assert len(codes(first())) == 2


def test_a_decision_on_what_was_withdrawn_is_refused_and_said(app: Flask, lab: Cast) -> None:
    alan, mio = Visitor(app, "alan"), english(Visitor(app, "mio"))
    where = ask(alan)
    page = mio.get(where)
    assert alan.submit(alan.get(where), "/withdraw").status_code == 303
    late = mio.submit(page, "/approve")
    assert late.status_code == 409
    assert "“Withdrawn”" in late.text
    assert (first().state, held(first())) == ("withdrawn", [])
    assert approve_so_from_an_old_page(mio, where) == 409


def approve_so_from_an_old_page(visitor: Visitor, where: str) -> int:
    """The form that was opened before."""
    unit = db.session.get_one(Unit, first().unit_id).key
    fields = {"booking": first().key, "version": "1", "unit": unit, **times(*SHORTER)}
    return visitor.post(f"{where}/approve-changed", **fields).status_code


@pytest.mark.parametrize("says", ["/approve", "/decline"])
def test_a_second_click_is_as_good_as_the_first(app: Flask, lab: Cast, says: str) -> None:
    sora = Visitor(app, "sora")
    where = ask(Visitor(app, "alan"))
    page = sora.get(where)
    sent = [sora.submit(page, says, reason="It is full.") for _ in range(2)]
    assert [one.status_code for one in sent] == [303, 303]
    assert len(codes(first())) == 2
    other = sora.submit(page, "/decline" if says == "/approve" else "/approve", reason="No")
    assert other.status_code == 409
    assert sora.submit(sora.get(where), "/undo").status_code == 303
    assert sora.submit(sora.get(where), says, reason="It is full.").status_code == 303
    assert sora.submit(page, says, reason="It is full.").status_code == 409  # not the second click of that


def test_approved_with_changes_it_says_what_was_changed(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    assert approve_so(sora, where, SHORTER).status_code == 303
    stands = first()
    assert (stands.state, stands.wall_end, held(stands), stands.sequence) == ("approved", SHORTER[1], [SHORTER], 1)
    assert codes(stands) == ["ask", "approve"]
    assert told("booking-approve") == [lab.people["alan"]]
    history = alan.get(where).text.partition("timeline")[2]
    assert "→" in history


def test_it_is_approved_only_within_what_was_asked_for(app: Flask, lab: Cast) -> None:
    mio = english(Visitor(app, "mio"))
    where = ask(Visitor(app, "alan"))
    page = approve_so(mio, where, ("2026-11-24T09:30", "2026-11-24T11:00"))
    assert page.status_code == 422
    assert "propose it" in page.text
    assert first().state == "waiting"


def test_what_is_in_the_way_of_the_changed_one_is_waived_with_a_reason(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    where = ask(Visitor(app, "ben"))
    rule("tsukuba-asked", Length(longest=30))
    asked = approve_so(mio, where, SHORTER)
    assert asked.status_code == 422
    assert 'name="waiver"' in asked.text
    assert db.session.scalars(select(Waiver)).all() == []
    sent = mio.submit_to(f"{where}/approve-changed", asked, "/propose", waiver="It is urgent.")
    assert sent.status_code == 303
    assert (first().state, first().wall_end) == ("approved", SHORTER[1])
    assert len(db.session.scalars(select(Waiver)).all()) == 1


def test_a_wish_approved_for_less_time_takes_only_that(app: Flask, lab: Cast) -> None:
    wished()
    alan, ben, sora = Visitor(app, "alan"), Visitor(app, "ben"), Visitor(app, "sora")
    where, theirs = ask(alan), ask(ben, time=("2026-11-24T11:30", "2026-11-24T13:00"))
    assert approve_so(sora, where, SHORTER).status_code == 303
    assert sora.submit(sora.get(theirs), "/approve").status_code == 303
    assert [held(nth(number)) for number in (0, 1)] == [[SHORTER], [("2026-11-24T11:30", "2026-11-24T13:00")]]


def test_a_request_is_given_to_somebody_and_back(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "mio")
    where = ask(alan)
    key = person(lab, "mio").key
    page = sora.get(where)
    assert [sora.submit(page, "/assign", to=key).status_code for _ in range(2)] == [303, 303]
    assert assigned() == lab.people["mio"]
    [event] = db.session.scalars(select(Event).where(Event.code == "request-assigned"))
    assert db.session.scalars(select(Notice.person_id).where(Notice.event_id == event.id)).all() == [lab.people["mio"]]
    assert sora.submit(page, "/assign", to="").status_code == 409  # from an old page
    assert mio.submit(mio.get(where), "/assign", to="").status_code == 303
    assert assigned() is None
    assert sora.submit(sora.get(where), "/assign", to=person(lab, "hana").key).status_code == 422
    assert alan.post(f"{where}/assign", version="1", to=key).status_code == 403
    assert sora.submit(sora.get(where), "/approve").status_code == 303
    assert sora.post(f"{where}/assign", version="4", to=key).status_code == 409


def test_the_verbs_themselves_refuse_whoever_does_not_decide(app: Flask, lab: Cast) -> None:
    where = ask(Visitor(app, "alan")).rpartition("/")[2]
    booking, alan, sam = first(), lab.actor("alan"), lab.actor("sam")
    otherwise = Otherwise(booking.key, Interval(booking.starts_at, booking.ends_at - timedelta(hours=1)))
    for who, refused in ((alan, ForbiddenError), (sam, NotFoundError)):
        with pytest.raises(refused):
            proposals.propose(who, where, otherwise, note="", version=1, longest=timedelta(hours=1), now=NOW)
        with pytest.raises(refused):
            approve_changed(who, where, otherwise, version=1, now=NOW)
        with pytest.raises(refused):
            assign(who, where, "", version=1, now=NOW)
        with pytest.raises(refused):
            undo(who, where, version=1, now=NOW)


def assigned() -> int | None:
    """Whose it is to decide."""
    db.session.remove()
    return db.session.scalars(select(Request.assigned_to_id)).one()
