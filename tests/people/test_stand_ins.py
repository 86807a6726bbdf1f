"""Who decides: an area's or a resource's approvers, and whoever stands in for one of them, on those days only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import AreaApprover, Event, Notice, Person, ResourceApprover, RoleGrant, StandIn
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

ASKED = "2026-12-10T10:00", "2026-12-10T11:00"


def key_of(lab: Cast, name: str) -> str:
    db.session.remove()
    return db.session.scalars(select(Person.key).where(Person.id == lab.people[name])).one()


@pytest.fixture
def staffed(app: Flask, lab: Cast) -> Cast:
    """Tsukuba with three on its staff: sora, sam (from Cambridge too) and ada."""
    _hire(lab)
    return lab


@transactional
def _hire(lab: Cast) -> None:
    for name in ("sam", "ada"):
        db.session.add(
            RoleGrant(
                person_id=lab.people[name], role=Role.STAFF, site_id=lab.sites["tsukuba"], starts_on=date(2026, 1, 1)
            )
        )


def name_approver(app: Flask, lab: Cast, name: str, place: str) -> None:
    mio = Visitor(app, "mio")
    page = mio.get("/sites/tsukuba/approvers")
    answer = mio.submit(page, "/sites/tsukuba/approvers", place=place, person=key_of(lab, name))
    assert answer.status_code == 303, answer.text


def stand_in(app: Flask, lab: Cast, absent: str, name: str, first: str, last: str, by: str = "mio") -> int:
    visitor = Visitor(app, by)
    page = visitor.get("/sites/tsukuba/approvers")
    answer = visitor.submit(
        page,
        "/sites/tsukuba/stand-ins",
        absent=key_of(lab, absent),
        person=key_of(lab, name),
        starts_on=first,
        ends_on=last,
    )
    return answer.status_code


def ask(app: Flask, name: str = "alan") -> str:
    location: str = Visitor(app, name).book("tsukuba-asked", *ASKED).headers["Location"]
    return location


def decide(app: Flask, name: str, request: str) -> int:
    return Visitor(app, name).post(f"{request}/approve", version="1").status_code


AREA, RESOURCE = "area:imaging", "resource:tsukuba-asked"


def test_an_areas_approver_decides_for_what_names_nobody_itself(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sam", AREA)
    first = ask(app)
    db.session.remove()
    told = db.session.scalars(select(Notice.person_id).join(Event).where(Event.code == "booking-ask")).all()
    assert told == [staffed.people["sam"]]
    assert decide(app, "sora", first) == 403
    assert decide(app, "mio", first) == 403
    assert decide(app, "sam", first) == 303


@on_sqlite
def test_a_resources_own_approver_comes_before_the_areas(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sam", AREA)
    name_approver(app, staffed, "sora", RESOURCE)
    asked = ask(app)
    assert decide(app, "sam", asked) == 403
    assert decide(app, "sora", asked) == 303


@on_sqlite
def test_without_anybody_named_the_sites_staff_decide(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sam", AREA)
    mio = Visitor(app, "mio")
    assert mio.submit(mio.get("/sites/tsukuba/approvers"), "/approvers/remove").status_code == 303
    assert mio.post("/sites/tsukuba/approvers/remove", place=AREA, person=key_of(staffed, "sam")).status_code == 409
    assert decide(app, "sora", ask(app)) == 303


def test_a_stand_in_decides_during_those_days_and_the_absent_one_still_may(
    app: Flask, staffed: Cast, clock: Clock
) -> None:
    name_approver(app, staffed, "sora", AREA)
    assert stand_in(app, staffed, "sora", "sam", "2026-11-25", "2026-11-26") == 303
    for day, status in ((1, 403), (2, 303), (3, 303), (4, 403)):
        clock.now = NOW + timedelta(days=day)
        assert decide(app, "sam", ask_at(app, day)) == status, day
    clock.now = NOW + timedelta(days=3)
    assert decide(app, "sora", ask_at(app, 7)) == 303


def ask_at(app: Flask, number: int) -> str:
    """A request for a time of its own."""
    start = f"2026-12-{10 + number}"
    location: str = Visitor(app, "alan").book("tsukuba-asked", f"{start}T10:00", f"{start}T11:00").headers["Location"]
    return location


@on_sqlite
def test_the_days_are_those_of_the_sites_calendar(app: Flask, staffed: Cast, clock: Clock) -> None:
    name_approver(app, staffed, "sora", AREA)
    stand_in(app, staffed, "sora", "sam", "2026-11-25", "2026-11-25")
    clock.now = NOW.replace(day=24, hour=14, minute=59)  # 23:59 at Tsukuba, the day before
    assert decide(app, "sam", ask_at(app, 1)) == 403
    clock.now = NOW.replace(day=24, hour=15, minute=0)
    assert decide(app, "sam", ask_at(app, 2)) == 303
    clock.now = NOW.replace(day=25, hour=15, minute=0)
    assert decide(app, "sam", ask_at(app, 3)) == 403


@on_sqlite
def test_a_stand_in_hears_of_what_is_to_be_decided(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sora", AREA)
    stand_in(app, staffed, "sora", "sam", "2026-11-23", "2026-11-26")
    ask(app)
    db.session.remove()
    told = db.session.scalars(select(Notice.person_id).join(Event).where(Event.code == "booking-ask")).all()
    assert set(told) == {staffed.people["sora"], staffed.people["sam"]}


@on_sqlite
def test_a_stand_in_that_was_ended_decides_no_more(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sora", AREA)
    stand_in(app, staffed, "sora", "sam", "2026-11-23", "2026-11-26")
    asked = ask(app)
    mio = Visitor(app, "mio")
    page = mio.get("/sites/tsukuba/approvers")
    assert "Sam" in page.text
    assert mio.submit(page, "/end").status_code == 303
    db.session.remove()
    key = db.session.scalars(select(StandIn.key)).one()
    assert mio.post(f"/stand-ins/{key}/end").status_code == 409
    assert decide(app, "sam", asked) == 403
    assert decide(app, "sora", asked) == 303


@on_sqlite
def test_nobody_stands_in_for_the_decision_on_their_own_request(app: Flask, staffed: Cast) -> None:
    name_approver(app, staffed, "sora", AREA)
    assert stand_in(app, staffed, "sora", "mio", "2026-11-23", "2026-11-26") == 303
    own = ask(app, "mio")  # a manager and scientist in one
    assert decide(app, "mio", own) == 403
    assert decide(app, "sora", own) == 303


@on_sqlite
def test_whoever_is_away_names_their_own_stand_in_and_nobody_elses(app: Flask, staffed: Cast) -> None:
    assert stand_in(app, staffed, "sora", "sam", "2026-11-23", "2026-11-26", by="sora") == 303
    assert stand_in(app, staffed, "sam", "sora", "2026-11-23", "2026-11-26", by="sora") == 422
    assert stand_in(app, staffed, "sora", "sam", "2026-11-24", "2026-11-25", by="sora") == 409  # twice
    assert stand_in(app, staffed, "sora", "sora", "2026-11-27", "2026-11-28", by="sora") == 409
    assert stand_in(app, staffed, "sora", "sam", "2026-11-28", "2026-11-27", by="sora") == 422
    assert stand_in(app, staffed, "sora", "sam", "", "", by="sora") == 422
    db.session.remove()
    assert len(db.session.scalars(select(StandIn)).all()) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("name", "sees", "acts"),
    [("sora", 200, 403), ("audrey", 200, 403), ("sam", 404, 404), ("cora", 404, 404), ("ben", 404, 404)],
)
def test_only_managers_of_the_site_name_approvers(app: Flask, lab: Cast, name: str, sees: int, acts: int) -> None:
    visitor, key = Visitor(app, name), key_of(lab, "sora")
    assert visitor.get("/sites/tsukuba/approvers").status_code == sees
    assert visitor.post("/sites/tsukuba/approvers", place=AREA, person=key).status_code == acts
    assert visitor.post("/sites/tsukuba/approvers/remove", place=AREA, person=key).status_code == acts
    db.session.remove()
    assert not db.session.scalars(select(AreaApprover)).all()


@on_sqlite
@pytest.mark.parametrize(
    ("place", "who"),
    [("area:none", "sora"), ("resource:cambridge-scope", "sora"), (AREA, "alan"), (AREA, "sam"), ("", "sora")],
)
def test_only_the_sites_own_people_and_places_can_be_named(app: Flask, lab: Cast, place: str, who: str) -> None:
    mio = Visitor(app, "mio")
    assert mio.post("/sites/tsukuba/approvers", place=place, person=key_of(lab, who)).status_code == 422
    db.session.remove()
    assert not db.session.scalars(select(AreaApprover)).all()
    assert not db.session.scalars(select(ResourceApprover)).all()
