"""What is kept for a proposal: with what is linked, beside what shares its buffers, and never against the rules."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings.besides import rows_besides_of
from labbook.bookings.service import LinkDraft, link
from labbook.core.interval import Interval
from labbook.core.links import LinkKind
from labbook.db import db, transactional
from labbook.desk.service import proposals
from labbook.desk.service.deadlines import watch_deadlines
from labbook.desk.service.places import Otherwise
from labbook.models import Hold, Request, Resource, Unit, Waiver
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.desk.proposing import answer, approve_so, ask, close, first, held, proposal, propose, wished

OVERLAPPING = ("2026-11-24T11:00", "2026-11-24T13:00")


def tie(lab: Cast) -> None:
    """The sequencer contains the plate reader."""
    draft = LinkDraft("tsukuba-plain", LinkKind.CONTAINS)
    link(lab.actor("mio"), "tsukuba-asked", draft, version=1, now=NOW)


def resource(slug: str) -> Resource:
    """By its slug."""
    return db.session.scalars(select(Resource).where(Resource.slug == slug)).one()


def on_plain() -> list[Interval]:
    """What is held of the plate reader."""
    db.session.remove()
    found = select(Hold).join(Unit, Unit.id == Hold.unit_id).where(Unit.resource_id == resource("tsukuba-plain").id)
    return sorted(Interval(one.starts_at, one.ends_at) for one in db.session.scalars(found))


def test_what_is_linked_is_kept_with_it(app: Flask, lab: Cast) -> None:
    tie(lab)
    wished()
    hana, ben, sora = (Visitor(app, name) for name in ("hana", "ben", "sora"))
    where = ask(hana)
    assert propose(sora, where, OVERLAPPING).status_code == 303
    change = proposal()
    assert change is not None
    assert len(on_plain()) == 1
    assert on_plain()[0].covers(change.time)
    assert ben.book("tsukuba-plain", *OVERLAPPING).status_code == 409
    assert ben.book("tsukuba-plain", "2026-11-24T09:00", "2026-11-24T10:00").status_code == 303  # nothing of the wish
    assert answer(hana, hana.get(where), "accept").status_code == 303
    assert [one.covers(change.time) for one in on_plain()] == [False, True]


@on_sqlite
def test_on_what_is_linked_it_stands_where_it_is_proposed(app: Flask, lab: Cast) -> None:
    tie(lab)
    wished()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    propose(sora, ask(hana), OVERLAPPING)
    [held_there] = on_plain()
    around = Interval(NOW, NOW + timedelta(days=3))
    [beside] = rows_besides_of([resource("tsukuba-plain").id], around)
    assert (beside.row.time, beside.stands) == (held_there, False)


@on_sqlite
def test_a_link_made_later_holds_for_it_too(app: Flask, lab: Cast) -> None:
    wished()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    propose(sora, ask(hana))
    tie(lab)
    change = proposal()
    assert change is not None
    assert [one.covers(change.time) for one in on_plain()] == [True]


@on_sqlite
def test_an_exception_is_proposed_only_as_what_is_none(app: Flask, lab: Cast) -> None:
    """Whoever takes a proposal waives nothing: also a shorter one must keep the rules."""
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    late = ("2026-11-24T16:00", "2026-11-24T20:00")  # the workshop closes at six
    where = ask(hana, "tsukuba-daytime", late, as_request="1", purpose="It cannot wait.")
    assert first().state == "wished"
    assert propose(sora, where, ("2026-11-24T16:00", "2026-11-24T19:00")).status_code == 409
    assert proposal() is None
    assert propose(sora, where, ("2026-11-24T16:00", "2026-11-24T18:00")).status_code == 303
    assert answer(hana, hana.get(where), "accept").status_code == 303
    assert (first().state, db.session.scalars(select(Waiver)).all()) == ("approved", [])
    other = ask(hana, "tsukuba-daytime", ("2026-11-25T16:00", "2026-11-25T20:00"), as_request="1", purpose="Again.")
    shorter = ("2026-11-25T16:00", "2026-11-25T19:00")
    assert approve_so(sora, other, shorter).status_code == 422  # a reason is asked for
    assert approve_so(sora, other, shorter, waiver="It is urgent.").status_code == 303
    assert len(db.session.scalars(select(Waiver)).all()) == 1


@transactional
def share() -> None:
    """Whoever has two bookings after each other needs no time between them."""
    db.session.execute(update(Resource).where(Resource.slug == "tsukuba-asked").values(shares_buffers=True))


@on_sqlite
def test_ones_own_booking_beside_it_does_not_shorten_what_is_kept(app: Flask, lab: Cast) -> None:
    wished()
    share()
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    longer = ("2026-11-24T10:00", "2026-11-24T12:30")
    where = ask(hana)
    propose(sora, where, longer)
    assert hana.book("tsukuba-asked", "2026-11-24T12:15", "2026-11-24T13:30").status_code == 409
    form = hana.get("/resources/tsukuba-asked/book?from=2026-11-24T12:15&to=2026-11-24T13:30&exact=1")
    assert 'data-code="taken"' in form.text
    beside = ask(hana, time=("2026-11-24T13:00", "2026-11-24T14:00"))
    for step in ("/approve", "/cancel"):
        assert sora.submit(sora.get(beside), step, reason="Service").status_code == 303
        assert held(first()) == [longer]
    assert answer(hana, hana.get(where), "accept").status_code == 303


def test_what_is_closed_is_neither_proposed_nor_taken(app: Flask, lab: Cast) -> None:
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    where = ask(hana)
    assert propose(sora, where).status_code == 303
    change = proposal()
    assert change is not None
    close(lab, change.starts_at, change.ends_at)
    assert answer(hana, hana.get(where), "accept").status_code == 409
    assert answer(hana, hana.get(where), "refuse").status_code == 303
    assert propose(sora, where).status_code == 409
    assert (first().state, proposal()) == ("waiting", None)


@on_sqlite
def test_while_it_waits_for_an_answer_nobody_is_to_decide(app: Flask, lab: Cast) -> None:
    """The deadline of staff stands still, and they have their time anew once it is refused or has lapsed."""
    hana, sora = Visitor(app, "hana"), Visitor(app, "sora")
    where = ask(hana, time=("2026-12-10T10:00", "2026-12-10T12:00"))
    watch_deadlines(now=NOW)
    due = decide_by()
    late = due - timedelta(minutes=1)
    proposals.propose(
        lab.actor("sora"), where.rpartition("/")[2], later(), note="", version=1, longest=timedelta(hours=48), now=late
    )
    assert watch_deadlines(now=due + timedelta(minutes=1)) == 0
    for reader in (hana, sora):
        reader.post("/language", language="en")
        page = reader.get(where).text
        assert "Waiting for an answer to the proposal" in page
        assert "The staff of" not in page
    proposals.refuse(lab.actor("hana"), first().key, reason="", version=2, now=due + timedelta(hours=1))
    assert decide_by() > due + timedelta(hours=1)
    assert sora.get(where).status_code == 200


def later() -> Otherwise:
    """A day later."""
    booking, day = first(), timedelta(days=1)
    return Otherwise(booking.key, Interval(booking.starts_at + day, booking.ends_at + day))


def decide_by() -> datetime:
    """By when staff are to decide."""
    db.session.remove()
    return db.session.scalars(select(Request.decide_by)).one() or pytest.fail("no deadline")
