"""A booking is handed over to a colleague of the same partner, who may have it by the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.bookings.service import handing
from labbook.bookings.service.rebooking import decides
from labbook.core.feeds import Detail, Scope
from labbook.core.limits.bookings import Bookings
from labbook.core.permissions import ForbiddenError, Role
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, Letter, Person, Request, Resource, RoleGrant
from labbook.people.queries import actor_of
from tests.bookings.ruling import rule
from tests.bookings.snapshot import taken
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.feeds.reading import feed, fetched

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


def booking() -> Booking:
    """The first there is."""
    db.session.remove()
    return db.session.scalars(select(Booking).order_by(Booking.id)).first() or pytest.fail("no booking")


def key_of(lab: Cast, name: str) -> str:
    """The key under which a form knows somebody."""
    return db.session.get_one(Person, lab.people[name]).key


def booked(app: Flask, slug: str = "tsukuba-plain", name: str = "hana") -> Visitor:
    """hana has a booking."""
    visitor = Visitor(app, name)
    assert visitor.book(slug, *WANTED, title="Plates").status_code == 303
    return visitor


def hand(visitor: Visitor, lab: Cast, to: str, **changes: str) -> TestResponse:
    """By the form."""
    form = visitor.get(f"/bookings/{booking().key}/hand-over")
    return visitor.submit(form, "/hand-over", to=key_of(lab, to), **changes)


def test_it_is_theirs_from_then_on(app: Flask, lab: Cast) -> None:
    hana, alan = booked(app), Visitor(app, "alan")
    before = taken()
    answer = hand(hana, lab, "alan", reason="I am away.")
    assert answer.status_code == 303
    after = booking()
    assert (after.person_id, after.sequence) == (lab.people["alan"], 1)
    assert db.session.get_one(Request, after.request_id).person_id == lab.people["hana"]  # who asked stays who asked
    assert "Plates" in alan.get("/bookings").text
    assert "Plates" not in hana.get("/bookings").text
    page = alan.get(answer.headers["Location"]).text
    assert "I am away." in page
    assert "Handed over" in page
    assert hana.get(f"/bookings/{after.key}/move").status_code == 403  # a colleague's now
    assert alan.get(f"/bookings/{after.key}/move").status_code == 200
    assert before.holds == taken().holds


def test_nobody_takes_over_what_they_have_approved_themselves(app: Flask, lab: Cast) -> None:
    """sora works at the site, and for hana's organisation too."""
    join(lab.people["sora"], lab.partners["aoba"])
    booked(app, "tsukuba-asked")
    sora = Visitor(app, "sora")
    key = db.session.scalars(select(Request.key)).one()
    assert sora.submit(sora.get(f"/requests/{key}"), "/approve").status_code == 303
    form = sora.get(f"/bookings/{booking().key}/hand-over")
    offered = form.text.split("<main")[1]
    assert key_of(lab, "sora") not in offered
    assert key_of(lab, "alan") in offered
    assert hand(sora, lab, "sora").status_code == 422
    actor, one = actor_of(lab.people["sora"], NOW) or pytest.fail("nobody"), booking()
    with pytest.raises(ForbiddenError):
        handing.hand_over(actor, one.key, key_of(lab, "sora"), reason="", version=one.version, now=NOW)
    assert booking().person_id == lab.people["hana"]
    assert hand(sora, lab, "alan").status_code == 303


@transactional
def join(person_id: int, partner_id: int) -> None:
    """Let somebody book for a partner too."""
    since = NOW.date() - timedelta(days=30)
    db.session.add(RoleGrant(person_id=person_id, role=Role.SCIENTIST, partner_id=partner_id, starts_on=since))


@pytest.mark.parametrize("shares", [False, True])
def test_rivals_calendars_stay_as_they_are(app: Flask, lab: Cast, shares: bool) -> None:
    share_buffers("tsukuba-plain", shares=shares)
    hana, ben = booked(app), Visitor(app, "ben")
    link = feed(lab, "ben", Scope.RESOURCE, Detail.FULL, about="tsukuba-plain")
    before = fetched(ben, link)
    assert hand(hana, lab, "alan").status_code == 303
    assert fetched(ben, link, before.headers["ETag"]).status_code == 304


@on_sqlite
def test_held_otherwise_for_somebody_else_it_is_told_to_calendars(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_buffers("tsukuba-plain", shares=True)
    hana, before = booked(app), taken()
    seen = iter(("before", "after"))
    monkeypatch.setattr(handing, "held_around", lambda *_: next(seen))
    assert hand(hana, lab, "alan").status_code == 303
    resource = ("resource", booking().resource_id)
    assert taken().busy[resource] == before.busy[resource] + 1


@transactional
def share_buffers(slug: str, *, shares: bool) -> None:
    """Let one person's bookings follow on directly, or not."""
    db.session.scalars(select(Resource).where(Resource.slug == slug)).one().shares_buffers = shares


def test_both_calendars_change_and_both_people_have_a_letter(app: Flask, lab: Cast) -> None:
    hana = booked(app)
    before = taken()
    hand(hana, lab, "alan")
    after = taken()
    for name in ("hana", "alan"):
        person = ("person", lab.people[name])
        assert after.full[person] > before.full[person]
        assert after.busy[person] > before.busy[person]
    letters = db.session.scalars(select(Letter).where(Letter.kind == "handed-over").order_by(Letter.id)).all()
    assert [(one.person_id, one.values["gave"]) for one in letters] == [
        (lab.people["hana"], True),
        (lab.people["alan"], False),
    ]


@on_sqlite
def test_the_rules_are_asked_for_whoever_takes_it(app: Flask, lab: Cast) -> None:
    hana = booked(app, "tsukuba-confocal-1")  # alan holds no training for it
    answer = hand(hana, lab, "alan")
    assert answer.status_code == 409
    assert booking().person_id == lab.people["hana"]
    assert "training" not in answer.text.lower().replace("trainings", "")  # that is alan's own business
    told = hand(Visitor(app, "cora"), lab, "alan")
    assert told.status_code == 409
    assert "Laser sign-off" in told.text  # the coordinator may see his card


@on_sqlite
def test_a_limit_for_each_person_counts_for_whoever_takes_it(app: Flask, lab: Cast) -> None:
    rule("tsukuba-plain", Bookings(most=1))
    hana = booked(app)
    Visitor(app, "alan").book("tsukuba-plain", "2026-11-24T15:00", "2026-11-24T16:00")
    assert hand(hana, lab, "alan").status_code == 409
    assert hand(hana, lab, "cora").status_code == 303


@on_sqlite
def test_only_colleagues_are_offered_and_taken(app: Flask, lab: Cast) -> None:
    hana = booked(app)
    form = hana.get(f"/bookings/{booking().key}/hand-over")
    assert key_of(lab, "alan") in form.text
    assert key_of(lab, "hana") not in form.text
    assert key_of(lab, "ben") not in form.text
    for nobody in (key_of(lab, "ben"), key_of(lab, "hana"), "nonsense", ""):
        assert hana.submit(form, "/hand-over", to=nobody).status_code == 422
    assert booking().person_id == lab.people["hana"]


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "cora", "sora"])  # whose it was, their coordinator, staff
def test_sent_twice_it_is_handed_over_once(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    booked(app)
    form = visitor.get(f"/bookings/{booking().key}/hand-over")
    answers = [visitor.submit(form, "/hand-over", to=key_of(lab, "alan")) for _ in range(2)]
    page = f"/requests/{db.session.get_one(Request, booking().request_id).key}"
    assert [(one.status_code, one.headers["Location"]) for one in answers] == [(303, page)] * 2
    assert visitor.submit(form, "/hand-over", to=key_of(lab, "cora")).status_code in (
        403,
        409,
    )  # another than they said
    assert len(db.session.scalars(select(Event).where(Event.code == "booking-hand-over")).all()) == 1


@on_sqlite
def test_an_old_page_hands_nothing_over(app: Flask, lab: Cast) -> None:
    hana = booked(app)
    form = hana.get(f"/bookings/{booking().key}/hand-over")
    cora = Visitor(app, "cora")
    cora.submit(cora.get(f"/bookings/{booking().key}/move"), "/move", start_at="15:00", end_at="16:00")
    answer = hana.submit(form, "/hand-over", to=key_of(lab, "alan"))
    assert answer.status_code == 409
    assert booking().person_id == lab.people["hana"]
    assert hana.submit(answer, "/hand-over", to=key_of(lab, "alan")).status_code == 303


@on_sqlite
def test_what_waits_is_handed_over_and_its_new_holder_takes_it_back(app: Flask, lab: Cast) -> None:
    hana, alan = booked(app, "tsukuba-asked"), Visitor(app, "alan")
    page = hand(hana, lab, "alan").headers["Location"]
    assert "/withdraw" not in hana.get(page).text
    assert alan.submit(alan.get(page), "/withdraw").status_code == 303


@on_sqlite
def test_nobody_decides_on_what_they_asked_for_though_it_is_somebody_elses_now(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    booked(app, "tsukuba-asked", "mio")  # who works there too
    page = hand(cora, lab, "alan").headers["Location"]
    assert Visitor(app, "mio").post(f"{page}/approve", version="2").status_code == 403
    waits = booking()
    there = db.session.get_one(Resource, waits.resource_id)
    under_a_closure = {name: decides(lab.actor(name), waits, there, NOW) for name in ("mio", "sora")}
    assert under_a_closure == {"mio": False, "sora": True}
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("alan", 403), ("cora", 200), ("sora", 200), ("sam", 404), ("ben", 404), ("dora", 404), ("ada", 403), (None, 303)],
)
def test_who_may_hand_it_over(app: Flask, lab: Cast, name: str | None, status: int) -> None:
    booked(app)
    visitor, path = Visitor(app, name), f"/bookings/{booking().key}/hand-over"
    assert visitor.get(path).status_code == status
    if status in (403, 404):
        assert visitor.post(path, version="1", to=key_of(lab, "alan")).status_code == status


@on_sqlite
def test_what_is_over_is_handed_to_nobody(app: Flask, lab: Cast) -> None:
    hana = booked(app)
    form = hana.get(f"/bookings/{booking().key}/hand-over")
    page = db.session.get_one(Request, booking().request_id).key
    hana.submit(hana.get(f"/requests/{page}"), "/cancel")
    assert hana.get(f"/bookings/{booking().key}/hand-over").status_code == 409
    assert hana.submit(form, "/hand-over", to=key_of(lab, "alan")).status_code == 409
    assert db.session.scalars(select(Hold)).all() == []


@on_sqlite
def test_who_asked_for_it_decides_on_no_change_of_it_either(app: Flask, lab: Cast) -> None:
    cora, sora, alan = Visitor(app, "cora"), Visitor(app, "sora"), Visitor(app, "alan")
    booked(app, "tsukuba-asked", "mio")
    page = hand(cora, lab, "alan").headers["Location"]
    sora.submit(sora.get(page), "/approve")
    alan.submit(alan.get(f"/bookings/{booking().key}/move"), "/move", start_at="15:00", end_at="16:00")
    path, version = f"/bookings/{booking().key}/change/approve", str(booking().version)
    assert Visitor(app, "mio").post(path, version=version).status_code == 403
    assert sora.post(path, version=version).status_code == 303
