"""Moving a booking and settling its flag decide on it too: by who may decide, and never past a signature."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings.flags import future_bookings, raise_flags
from labbook.db import db, transactional
from labbook.models import Booking, Hold, PendingChange, Request, Resource, ResourceApprover
from tests.agreements.making import flags, request_state_of
from tests.bookings.test_flags import keys_on
from tests.bookings.test_signed import GOOD, sign_with, signatures
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
LATER = {"start_at": "15:00", "end_at": "16:00"}


@transactional
def name_approver(lab: Cast, person: str) -> None:
    """Let one person alone decide for the resource that is asked for."""
    resource = db.session.scalars(select(Resource.id).where(Resource.slug == "tsukuba-asked")).one()
    db.session.add(ResourceApprover(resource_id=resource, person_id=lab.people[person]))


@transactional
def flag(lab: Cast) -> None:
    """Alan has left: everything that he has ahead is suspended."""
    raise_flags(future_bookings(now=NOW, person_id=lab.people["alan"]), "person-left", now=NOW)


@pytest.fixture
def asked(app: Flask, lab: Cast) -> str:
    """The page of alan's request, which waits for a decision."""
    location: str = Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def booking() -> Booking:
    """The one booking there is."""
    db.session.remove()
    return db.session.scalars(select(Booking)).one()


def move(visitor: Visitor, **to: str) -> int:
    """Move the one booking; the status of the answer."""
    return visitor.submit(visitor.get(f"/bookings/{booking().key}/move"), "/move", **to).status_code


def settle(visitor: Visitor, choice: str) -> tuple[int, str]:
    """Settle every flag that is listed."""
    page, keys = visitor.get("/flags"), keys_on(visitor)
    answer = visitor.submit(page, "/flags", flags=keys[0], choice=choice, reason="He has left.")
    return answer.status_code, answer.text


# --- flags ------------------------------------------------------------------------------------------------------------


def test_a_flag_declines_nothing_that_has_to_be_signed(app: Flask, lab: Cast, asked: str) -> None:
    sign_with(lab, "aoba")
    flag(lab)
    sora = Visitor(app, "sora")
    status, said = settle(sora, "cancelled")
    assert status == 409
    assert "署名" in said, said
    assert (request_state_of(asked), flags()) == ("waiting", [("person-left", None)])
    assert sora.submit(sora.get(asked), "/decline", **{**GOOD, "meaning": "not-fit"}, reason="Gone").status_code == 303
    assert (request_state_of(asked), signatures()) == ("declined", [(lab.people["sora"], "not-fit")])


@on_sqlite
def test_what_is_approved_is_cancelled_without_a_signature(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(asked), "/approve").status_code == 303
    sign_with(lab, "aoba")
    flag(lab)
    assert settle(sora, "cancelled")[0] == 303
    assert request_state_of(asked) == "cancelled"


@on_sqlite
def test_a_flag_declines_only_for_who_may_decide(app: Flask, lab: Cast, asked: str) -> None:
    name_approver(lab, "mio")
    flag(lab)
    assert settle(Visitor(app, "sora"), "cancelled")[0] == 403
    assert (request_state_of(asked), flags()) == ("waiting", [("person-left", None)])
    assert settle(Visitor(app, "mio"), "cancelled")[0] == 303
    assert request_state_of(asked) == "declined"


@on_sqlite
def test_keeping_a_waiting_one_decides_nothing(app: Flask, lab: Cast, asked: str) -> None:
    sign_with(lab, "aoba")
    name_approver(lab, "mio")
    flag(lab)
    assert settle(Visitor(app, "sora"), "kept")[0] == 303
    assert request_state_of(asked) == "waiting"


# --- moving -----------------------------------------------------------------------------------------------------------


def test_a_signed_approval_does_not_stand_under_another_time(app: Flask, lab: Cast, asked: str) -> None:
    sign_with(lab, "aoba")
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    assert sora.submit(sora.get(asked), "/approve", **GOOD).status_code == 303
    assert move(sora, **LATER) == 303
    assert stands() == ("approved", NOW + timedelta(hours=25), True)
    assert len(db.session.scalars(select(Hold)).all()) == 2  # both times are kept while it waits
    assert Visitor(app, "ben").book("tsukuba-asked", "2026-11-24T15:00", "2026-11-24T16:00").status_code == 409
    assert mio.submit(mio.get(asked), "/change/approve").status_code == 422
    assert mio.submit(mio.get(asked), "/change/approve", **GOOD).status_code == 303
    assert stands() == ("approved", NOW + timedelta(hours=30), False)
    assert len(signatures()) == 2


def test_who_may_not_decide_there_asks_those_who_may(app: Flask, lab: Cast, asked: str) -> None:
    name_approver(lab, "mio")
    mio, sora = Visitor(app, "mio"), Visitor(app, "sora")
    assert mio.submit(mio.get(asked), "/approve").status_code == 303
    assert move(sora, **LATER) == 303
    assert stands()[2]
    version = str(booking().version)
    assert sora.post(f"/bookings/{booking().key}/change/approve", version=version).status_code == 403
    assert mio.submit(mio.get(asked), "/change/approve").status_code == 303
    assert move(mio, start_at="17:00", end_at="18:00") == 303
    assert stands() == ("approved", NOW + timedelta(hours=32), False)  # within her own decision


@on_sqlite
def test_nobody_decides_on_what_they_asked_for_by_moving_it(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(asked), "/approve").status_code == 303
    _asked_by(lab, "sora")
    assert move(sora, **LATER) == 303
    assert stands() == ("approved", NOW + timedelta(hours=25), True)


def stands() -> tuple[str, datetime, bool]:
    """The booking's state and start, and whether a change of it waits."""
    one = booking()
    return str(one.state), one.starts_at, bool(db.session.scalars(select(PendingChange.booking_id)).all())


@transactional
def _asked_by(lab: Cast, person: str) -> None:
    db.session.execute(update(Request).values(asked_by_id=lab.people[person]))


@on_sqlite
def test_what_needs_no_decision_is_moved_by_anybody_of_the_staff(app: Flask, lab: Cast) -> None:
    sign_with(lab, "aoba")
    Visitor(app, "alan").book("tsukuba-plain", *WANTED)
    assert move(Visitor(app, "sora"), **LATER) == 303
    assert str(booking().state) == "approved"
