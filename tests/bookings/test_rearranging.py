"""Staff let bookings change unit, so that there is room for one more; times stay, and everybody is told once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.allocation import change_units
from labbook.bookings.wanted import Ask
from labbook.core.lifecycle import State
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Booking, Event, Hold, Notice, Resource, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource, fresh_key

DAY = "2026-11-24T"
ROOM = f"/resources/tsukuba-pool/room?from={DAY}11:00&to={DAY}14:00"


@pytest.fixture(autouse=True)
def pool(app: Flask, lab: Cast) -> None:
    """Two units: Hana on the first from ten to twelve, Alan on the second from one to three."""
    _pool(lab.sites["tsukuba"])
    ask(lab, "hana", "10:00", "12:00")
    ask(lab, "alan", "13:00", "15:00")
    _lay(hana="1", alan="2")


@transactional
def _pool(site: int) -> None:
    add_resource(site, "tsukuba-pool", pieces=2, before="0 min", after="0 min")


@transactional
def _lay(**units: str) -> None:
    of_pool = select(Unit).join(Resource).where(Resource.slug == "tsukuba-pool")
    known = {one.name: one.id for one in db.session.scalars(of_pool)}
    change_units({booking(who): known[unit] for who, unit in units.items()})


@transactional
def _change(who: str, **values: Any) -> None:
    for name, value in values.items():
        setattr(booking(who), name, value)


def ask(lab: Cast, who: str, start: str, end: str) -> str:
    """Book any of the units; the request's key."""
    partner = lab.partners["birch" if who == "ben" else "aoba"]
    first, last = (datetime.fromisoformat(f"{DAY}{at}+09:00") for at in (start, end))
    wanted = Ask("tsukuba-pool", first, last, partner, f"Cells of {who}", purpose="All of it")
    return str(service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW))


def booking(who: str) -> Booking:
    """The booking of this person."""
    return db.session.scalars(select(Booking).where(Booking.request.has(title=f"Cells of {who}"))).one()


def lies(who: str) -> tuple[str, str]:
    """On which unit it is booked, and which it holds; nothing where it holds none."""
    db.session.remove()
    one = booking(who)
    held = db.session.scalars(select(Unit.name).join(Hold).where(Hold.claim_id == one.claim_id)).all()
    return db.session.get_one(Unit, one.unit_id).name, ", ".join(held)


def test_staff_make_room_with_one_click(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = sora.get(ROOM)
    assert "Cells of alan" in page.text and "2 → 1" in page.text and "Cells of hana" not in page.text
    answer = sora.submit(page, "/room")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/resources/tsukuba-pool/book?")
    assert "from=2026-11-24T11:00" in answer.headers["Location"]
    assert (lies("hana"), lies("alan")) == (("1", "1"), ("1", "1"))
    moved = booking("alan")
    assert (moved.sequence, moved.state) == (1, State.APPROVED)
    events = db.session.scalars(select(Event).where(Event.code == "booking-move")).all()
    assert [(one.detail.body or {})["old"]["unit"] for one in events] == ["2"]
    told = db.session.scalars(select(Notice.person_id).where(Notice.event_id == events[0].id)).all()
    assert told == [lab.people["alan"]]


def test_a_click_on_an_old_page_changes_nothing(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    page = sora.get(ROOM)
    _change("alan", unit_is_fixed=True)
    assert sora.submit(page, "/room").status_code == 409
    assert lies("alan") == ("2", "2")
    again = sora.get(ROOM)
    assert "Cells of hana" in again.text and "Cells of alan" not in again.text
    assert sora.submit(again, "/room").status_code == 303
    assert sora.submit(again, "/room").status_code == 409  # twice
    assert (lies("hana"), lies("alan")) == (("2", "2"), ("2", "2"))


@on_sqlite
@pytest.mark.parametrize("who", ["hana", "alan"])
def test_what_has_begun_stays(app: Flask, lab: Cast, who: str) -> None:
    _change(who, state=State.RUNNING)
    other = {"hana": "alan", "alan": "hana"}[who]
    page = Visitor(app, "sora").get(ROOM).text
    assert f"Cells of {other}" in page and f"Cells of {who}" not in page


@on_sqlite
def test_where_no_arrangement_helps_that_is_said(app: Flask, lab: Cast) -> None:
    for who in ("hana", "alan"):
        _change(who, unit_is_fixed=True)
    page = Visitor(app, "sora").get(ROOM)
    assert (
        page.status_code == 200 and "→" not in page.text and '<form method="post" action="/resources' not in page.text
    )


@on_sqlite
def test_it_is_for_the_site_s_staff(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "hana").get(ROOM).status_code == 403
    assert Visitor(app, "two").get(ROOM).status_code in (403, 404)
    assert Visitor(app).get(ROOM).status_code in (302, 303, 401)


@transactional
def _wishes() -> None:
    resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-pool")).one()
    resource.asks, resource.holds_on_request = Asks.FORM, False


def test_a_request_that_waits_gets_the_room_that_is_made(app: Flask, lab: Cast) -> None:
    _change("hana", unit_is_fixed=True)
    _wishes()
    _lay(hana="2", alan="1")
    key = _ask_early(lab)
    sora = Visitor(app, "sora")
    page = sora.get(f"/requests/{key}")
    assert "Cells of alan" in page.text and "1 → 2" in page.text
    answer = sora.submit(page, "/room")
    assert answer.headers["Location"] == f"/requests/{key}"
    assert lies("ben") == ("1", "")
    assert sora.submit(sora.get(f"/requests/{key}"), "/approve").status_code == 303
    assert (lies("ben"), lies("alan"), lies("hana")) == (("1", "1"), ("2", "2"), ("2", "2"))


def _ask_early(lab: Cast) -> str:
    """Ben wished for the time before the others were there."""
    for who in ("hana", "alan"):
        _change(who, state=State.WISHED)
    _without_holds()
    key = ask(lab, "ben", "11:00", "14:00")
    for who in ("hana", "alan"):
        _change(who, state=State.APPROVED)
    _with_holds()
    return key


@transactional
def _without_holds() -> None:
    for hold in db.session.scalars(select(Hold)):
        db.session.delete(hold)


@transactional
def _with_holds() -> None:
    for who in ("hana", "alan"):
        one = booking(who)
        db.session.add(Hold(unit_id=one.unit_id, claim_id=one.claim_id, starts_at=one.starts_at, ends_at=one.ends_at))


def test_two_may_take_each_other_s_place(app: Flask, lab: Cast) -> None:
    ask(lab, "ben", "10:00", "12:00")
    _lay(ben="1", hana="2")
    assert (lies("ben"), lies("hana")) == (("1", "1"), ("2", "2"))
