"""Staff propose another time or unit: it is kept until whoever asked takes it or not, or it lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.core.limits.length import Length
from labbook.db import db, transactional
from labbook.models import Booking, Event, EventDetail, Request, Resource, Unit
from tests.bookings.ruling import rule
from tests.bookings.test_changes import wall
from tests.bookings.test_signed import sign_with, signatures
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Clock
from tests.desk.proposing import (
    ASKED,
    PROPOSED,
    answer,
    approve_so,
    ask,
    codes,
    english,
    first,
    held,
    nth,
    proposal,
    propose,
    still_to_be_told,
    told,
    wished,
)


def test_both_times_are_kept_until_it_is_taken_and_then_it_is_approved_there(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    assert propose(sora, where, note="The laser is serviced in the morning.").status_code == 303
    assert (first().state, held(first())) == ("waiting", [ASKED, PROPOSED])
    assert told("booking-propose") == still_to_be_told("booking-propose") == [lab.people["alan"]]
    page = alan.get(where)
    assert "The laser is serviced in the morning." in page.text
    assert "proposed it" in page.text
    assert "A change waits for a decision" not in page.text
    assert answer(alan, page, "accept").status_code == 303
    stands = first()
    assert (stands.state, stands.wall_start, stands.wall_end, stands.sequence) == ("approved", *PROPOSED, 1)
    assert (held(stands), proposal()) == ([PROPOSED], None)
    assert codes(stands) == ["ask", "propose", "accept-proposal"]
    assert told("booking-accept-proposal") == [lab.people["sora"]]
    assert still_to_be_told("booking-propose") == []  # nobody is asked by mail for an answer that they have given
    body = db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "booking-accept-proposal")).one()
    assert body is not None
    assert body["old"]["starts"] == "2026-11-24T01:00:00+00:00"
    assert "Asked for" in alan.get(where).text


def test_refused_it_waits_as_it_was_asked_for(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)
    page = alan.get(where)
    assert answer(alan, page, "refuse").status_code == 303
    assert (first().state, first().wall_start, held(first()), proposal()) == ("waiting", ASKED[0], [ASKED], None)
    assert told("booking-refuse-proposal") == [lab.people["sora"]]
    assert still_to_be_told("booking-propose") == []
    assert answer(alan, page, "refuse").status_code == 303  # the second click
    assert answer(alan, page, "accept").status_code == 409
    assert sora.submit(sora.get(where), "/approve").status_code == 303


def test_for_a_wish_only_what_is_proposed_is_kept(app: Flask, lab: Cast) -> None:
    wished()
    alan, ben, sora = Visitor(app, "alan"), Visitor(app, "ben"), Visitor(app, "sora")
    where, theirs = ask(alan), ask(ben, time=PROPOSED)
    assert propose(sora, where).status_code == 303
    assert (first().state, held(first())) == ("wished", [PROPOSED])
    assert sora.post(f"{theirs}/approve", version="1").status_code == 409
    assert nth(1).state == "wished"
    assert answer(alan, alan.get(where), "accept").status_code == 303
    assert (first().state, held(first())) == ("approved", [PROPOSED])


def test_what_is_kept_for_a_proposal_is_taken_for_everybody_else(app: Flask, lab: Cast) -> None:
    alan, ben, sora, mio = (Visitor(app, name) for name in ("alan", "ben", "sora", "mio"))
    where = ask(alan)
    propose(sora, where)
    assert ben.book("tsukuba-asked", *PROPOSED).status_code == 409
    other = ask(ben, time=("2026-11-25T10:00", "2026-11-25T12:00"))
    refused = propose(mio, other, PROPOSED)
    assert refused.status_code == 409
    assert nth(1).state == "waiting"
    assert held(nth(1)) == [("2026-11-25T10:00", "2026-11-25T12:00")]
    assert approve_so(mio, other, PROPOSED).status_code == 422  # outside of what was asked for


def test_another_proposal_takes_the_place_of_the_first(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "mio")
    where = ask(alan)
    propose(sora, where)
    seen = alan.get(where)
    later = ("2026-11-25T15:00", "2026-11-25T17:00")
    assert propose(mio, where, later).status_code == 303
    assert held(first()) == [ASKED, later]
    assert answer(alan, seen, "accept").status_code == 409  # the page shows the old one
    assert answer(alan, alan.get(where), "accept").status_code == 303
    assert (first().wall_start, held(first())) == (later[0], [later])
    assert codes(first()) == ["ask", "propose", "end-proposal", "propose", "accept-proposal"]


@on_sqlite
def test_second_clicks_are_as_good_as_the_first(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    form = sora.get(f"{where}/propose")
    assert [sora.submit(form, "/propose", **times(*PROPOSED)).status_code for _ in range(2)] == [303, 303]
    page = alan.get(where)
    assert [answer(alan, page, "accept").status_code for _ in range(2)] == [303, 303]
    assert codes(first()) == ["ask", "propose", "accept-proposal"]


@pytest.mark.parametrize("says", ["/approve", "/decline", "/withdraw"])
def test_whatever_else_becomes_of_it_ends_the_proposal(app: Flask, lab: Cast, says: str) -> None:
    wished()
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)
    seen, who = alan.get(where), alan if says == "/withdraw" else sora
    assert who.submit(who.get(where), says, **({"reason": "No"} if says == "/decline" else {})).status_code == 303
    assert proposal() is None
    assert held(first()) == ([ASKED] if says == "/approve" else [])
    assert codes(first())[1:3] == ["propose", "end-proposal"]
    assert answer(alan, seen, "accept").status_code == 409
    assert sora.get(f"{where}/propose").status_code == 409


@on_sqlite
def test_it_lapses_and_those_who_wait_for_it_are_told(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    late = ("2026-12-03T10:00", "2026-12-03T12:00")
    where = ask(alan, time=late)
    propose(sora, where, ("2026-12-04T10:00", "2026-12-04T12:00"))
    clock.now = NOW + timedelta(hours=48)
    alan = Visitor(app, "alan")
    page = alan.get(where)
    assert page.status_code == 200
    assert "/accept" not in page.text
    sent = alan.post(f"/proposals/{first().key}/accept", version=str(first().request.version))
    assert sent.status_code == 409
    assert service.tick(now=clock.now) == 1
    assert (first().state, proposal(), held(first())) == ("waiting", None, [late])
    assert told("booking-end-proposal") == sorted([lab.people["alan"], lab.people["sora"]])
    assert service.tick(now=clock.now) == 0


@on_sqlite
def test_it_lapses_when_it_begins_and_what_was_asked_for_waits_for_the_answer(
    app: Flask, lab: Cast, clock: Clock
) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)  # five hours later on the same day
    clock.now = first().starts_at
    assert service.tick(now=clock.now) == 0  # there is time yet to answer
    assert first().state == "waiting"
    clock.now += timedelta(hours=5)
    service.tick(now=clock.now)
    assert (first().state, proposal(), held(first())) == ("expired", None, [])


@on_sqlite
def test_what_was_asked_for_may_have_begun_when_the_proposal_is_taken(app: Flask, lab: Cast, clock: Clock) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)
    clock.now = first().starts_at + timedelta(minutes=5)
    service.tick(now=clock.now)
    alan = Visitor(app, "alan")
    assert answer(alan, alan.get(where), "accept").status_code == 303
    assert (first().state, held(first())) == ("approved", [PROPOSED])


def test_it_is_judged_once_more_when_it_is_taken(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)
    rule("tsukuba-asked", Length(longest=30))
    refused = answer(alan, alan.get(where), "accept")
    assert refused.status_code == 409
    assert (first().state, held(first())) == ("waiting", [ASKED, PROPOSED])


@on_sqlite
def test_what_a_rule_refuses_is_not_proposed(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    rule("tsukuba-asked", Length(longest=60))
    assert propose(sora, where).status_code == 409
    assert proposal() is None
    shorter = ("2026-11-24T10:00", "2026-11-24T11:00")
    assert propose(sora, where, shorter).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("time", "said"),
    [
        (ASKED, "That is what was asked for"),
        (("2026-11-20T10:00", "2026-11-20T11:00"), "still to come"),
        (("2026-11-24T12:00", "2026-11-24T11:00"), "The end must come after the start."),
        (("", ""), "Give a date"),
    ],
)
def test_what_makes_no_sense_is_said(app: Flask, lab: Cast, time: tuple[str, str], said: str) -> None:
    alan, mio = Visitor(app, "alan"), english(Visitor(app, "mio"))
    page = propose(mio, ask(alan), time, note="For good reasons")
    assert page.status_code == 422
    assert said in page.text
    assert "For good reasons" in page.text
    assert proposal() is None


@on_sqlite
def test_nobody_else_proposes_or_answers(app: Flask, lab: Cast) -> None:
    alan, sora, cora = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "cora")
    where = ask(alan)
    assert alan.get(f"{where}/propose").status_code == 403
    assert alan.post(f"{where}/propose", version="1").status_code == 403
    propose(sora, where)
    key, version = first().key, str(first().request.version)
    for name, status in (("hana", 403), ("sora", 403), ("ben", 404), ("sam", 404)):
        for says in ("accept", "refuse"):
            assert Visitor(app, name).post(f"/proposals/{key}/{says}", version=version).status_code == status, name
    assert alan.post(f"/proposals/{key}/take-back", version=version).status_code == 403
    assert alan.post(f"/proposals/{key}/accept").status_code == 422
    assert answer(cora, cora.get(where), "accept").status_code == 303  # she coordinates


@on_sqlite
def test_staff_take_it_back(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), Visitor(app, "mio")
    where = ask(alan)
    propose(sora, where)
    assert mio.submit(mio.get(where), "/take-back").status_code == 303
    assert (proposal(), held(first()), told("booking-end-proposal")) == (None, [ASKED], [lab.people["alan"]])


@on_sqlite
def test_where_decisions_are_signed_a_proposal_is(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    sign_with(lab, "aoba")
    assert propose(sora, where, password="wrong", meaning="reviewed").status_code == 422
    assert propose(sora, where, password=PASSWORD).status_code == 422
    assert (proposal(), signatures()) == (None, [])
    assert propose(sora, where, password=PASSWORD, meaning="reviewed").status_code == 303
    assert signatures() == [(lab.people["sora"], "reviewed")]
    assert answer(alan, alan.get(where), "accept").status_code == 303


@on_sqlite
def test_what_is_decided_together_is_approved_together(app: Flask, lab: Cast) -> None:
    """Of a set one part is proposed elsewhere; the whole set is approved by taking that."""
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan, what1="tsukuba-plain")
    assert [nth(number).state for number in (0, 1)] == ["waiting", "waiting"]
    assert propose(sora, where, booking=nth(0).key).status_code == 303
    assert answer(alan, alan.get(where), "accept").status_code == 303
    assert [(nth(number).state, nth(number).wall_start) for number in (0, 1)] == [
        ("approved", PROPOSED[0]),
        ("approved", ASKED[0]),
    ]


def test_another_unit_is_proposed_or_approved_at_once(app: Flask, lab: Cast) -> None:
    all_ask("tsukuba-hood")
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan, "tsukuba-hood")
    other = next(one for one in units("tsukuba-hood") if one.id != first().unit_id)
    assert propose(sora, where, ASKED, unit=other.key).status_code == 303
    assert "Staff propose another unit" in alan.get(where).text
    assert approve_so(sora, where, ASKED, unit=other.key).status_code == 303
    assert (first().state, first().unit_id, held(first())) == ("approved", other.id, [ASKED])
    assert codes(first()) == ["ask", "propose", "end-proposal", "approve"]


@transactional
def all_ask(slug: str) -> None:
    """Staff decide on everything there."""
    db.session.execute(update(Resource).where(Resource.slug == slug).values(asks="always"))


def units(slug: str) -> list[Unit]:
    """Of a resource."""
    return list(db.session.scalars(select(Unit).join(Resource).where(Resource.slug == slug).order_by(Unit.id)))


@on_sqlite
def test_free_places_are_suggested_and_fill_the_form(app: Flask, lab: Cast) -> None:
    all_ask("tsukuba-hood")
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan, "tsukuba-hood")
    page = sora.get(f"{where}/propose")
    link = next(line for line in page.text.split('href="') if line.startswith(f"{where}/propose?")).split('"')[0]
    filled = sora.get(link.replace("&amp;", "&"))
    assert sora.submit(filled, "/propose").status_code == 303
    change = proposal()
    assert change is not None
    assert (change.unit_id, wall(change.starts_at)) != (first().unit_id, ASKED[0])


@on_sqlite
def test_a_move_or_a_handing_over_ends_what_was_proposed(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    propose(sora, where)
    form = alan.get(f"/bookings/{first().key}/move")
    there = ("2026-11-26T10:00", "2026-11-26T12:00")
    assert alan.submit(form, "/move", **times(*there)).status_code == 303
    assert (proposal(), held(first())) == (None, [there])
    assert codes(first()) == ["ask", "propose", "end-proposal", "move"]


def test_the_request_of_a_proposal_goes_by_its_version(app: Flask, lab: Cast) -> None:
    alan, sora, mio = Visitor(app, "alan"), Visitor(app, "sora"), english(Visitor(app, "mio"))
    where = ask(alan)
    seen = mio.get(where)
    propose(sora, where)
    late = mio.submit(seen, "/approve")
    assert late.status_code == 409
    assert "Another time was proposed" in late.text
    assert db.session.scalars(select(Request.version)).one() == 2
    assert db.session.scalars(select(Booking.state)).one() == "waiting"
