"""Two steps: safety looks at it first, then somebody else approves it, and nobody does both."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.db import db, transactional
from labbook.models import Clearance, Event, Request, Resource
from tests.bookings.test_signed import sign_with
from tests.browsing import Visitor, forms_of, on_sqlite
from tests.cast import PASSWORD, Cast
from tests.desk.proposing import ask, codes, english, first, propose, told
from tests.people.test_stand_ins import key_of, staffed, stand_in

__all__ = ["staffed"]
PLACE = "resource:tsukuba-asked"


@pytest.fixture
def careful(app: Flask, staffed: Cast) -> Cast:
    """The sequencer asks for two steps; sora answers for safety, and sam and ada approve."""
    in_two_steps()
    mio = Visitor(app, "mio")
    for name, safety in (("sora", {"for_safety": "y"}), ("sam", {}), ("ada", {})):
        page = mio.get("/sites/tsukuba/approvers")
        where = {"place": PLACE, "person": key_of(staffed, name), **safety}
        assert mio.submit(page, "/sites/tsukuba/approvers", **where).status_code == 303
    return staffed


@transactional
def in_two_steps() -> None:
    db.session.execute(update(Resource).where(Resource.slug == "tsukuba-asked").values(two_steps=True))


def decides_by(visitor: Visitor, where: str) -> set[str]:
    """Which decisions the page offers."""
    offered = {one.action.removeprefix(f"{where}/") for one in forms_of(visitor.get(where).text)}
    return offered & {"approve", "clear", "decline"}


def clearances() -> list[int]:
    db.session.remove()
    return list(db.session.scalars(select(Clearance.person_id)))


def test_safety_says_first_that_it_has_no_objection_and_somebody_else_approves(app: Flask, careful: Cast) -> None:
    alan, sora, sam = (english(Visitor(app, name)) for name in ("alan", "sora", "sam"))
    where = ask(alan)
    assert told("booking-ask") == [careful.people["sora"]]
    assert (decides_by(sora, where), decides_by(sam, where)) == ({"clear", "decline"}, set())
    assert "Step 1 of 2" in alan.get(where).text
    assert sam.post(f"{where}/approve", version="1").status_code == 403
    assert sora.post(f"{where}/approve", version="1").status_code == 409  # it is not approved in the first step
    assert sora.submit(sora.get(where), "/clear").status_code == 303
    assert (first().state, clearances(), codes(first())) == ("waiting", [careful.people["sora"]], ["ask", "clear"])
    assert told("booking-clear") == sorted(careful.people[name] for name in ("sam", "ada"))
    assert (decides_by(sora, where), decides_by(sam, where)) == (set(), {"approve", "decline"})
    assert "Step 2 of 2" in alan.get(where).text and "鈴木 空" in alan.get(where).text
    assert sora.post(f"{where}/approve", version="2").status_code == 403
    assert sam.submit(sam.get(where), "/approve").status_code == 303
    assert (first().state, codes(first())) == ("approved", ["ask", "clear", "approve"])


def test_a_second_click_clears_once_and_an_old_page_clears_nothing(app: Flask, careful: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    page = sora.get(where)
    assert [sora.submit(page, "/clear").status_code for _ in range(2)] == [303, 303]
    assert clearances() == [careful.people["sora"]]
    assert sora.post(f"{where}/clear", version="7").status_code == 403


def test_safety_declines_too(app: Flask, careful: Cast) -> None:
    where, sora = ask(Visitor(app, "alan")), Visitor(app, "sora")
    assert sora.submit(sora.get(where), "/decline", reason="No.").status_code == 303
    assert (first().state, clearances()) == ("declined", [])


@on_sqlite
def test_strangers_and_the_asker_clear_nothing(app: Flask, careful: Cast) -> None:
    alan = Visitor(app, "alan")
    where = ask(alan)
    for name, status in (("alan", 403), ("cora", 403), ("ben", 404), ("mio", 403)):
        assert Visitor(app, name).post(f"{where}/clear", version="1").status_code == status, name
    assert clearances() == []


@on_sqlite
def test_where_nobody_is_named_any_two_of_the_staff_decide(app: Flask, staffed: Cast) -> None:
    in_two_steps()
    where, sora, sam = ask(Visitor(app, "alan")), Visitor(app, "sora"), Visitor(app, "sam")
    assert decides_by(sora, where) == decides_by(sam, where) == {"clear", "decline"}
    assert sam.submit(sam.get(where), "/clear").status_code == 303
    assert (decides_by(sora, where), decides_by(sam, where)) == ({"approve", "decline"}, set())
    assert staffed.people["sam"] not in told("booking-clear")
    assert sam.post(f"{where}/approve", version="2").status_code == 403
    assert sora.submit(sora.get(where), "/approve").status_code == 303


@on_sqlite
def test_whoever_stands_in_for_safety_clears(app: Flask, careful: Cast) -> None:
    assert stand_in(app, careful, "sora", "mio", "2026-11-23", "2026-11-24") == 303
    where, mio = ask(Visitor(app, "ben")), Visitor(app, "mio")
    assert mio.submit(mio.get(where), "/clear").status_code == 303
    assert clearances() == [careful.people["mio"]]


@on_sqlite
def test_in_one_step_whoever_answers_for_safety_alone_does_not_decide(app: Flask, careful: Cast) -> None:
    db.session.remove()
    _in_one_step()
    where = ask(Visitor(app, "alan"))
    assert told("booking-ask") == sorted(careful.people[name] for name in ("sam", "ada"))
    assert decides_by(Visitor(app, "sora"), where) == set()
    assert decides_by(Visitor(app, "sam"), where) == {"approve", "decline"}


@transactional
def _in_one_step() -> None:
    db.session.execute(update(Resource).where(Resource.slug == "tsukuba-asked").values(two_steps=False))


@on_sqlite
def test_what_is_moved_while_it_waits_is_cleared_anew(app: Flask, careful: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    sora.submit(sora.get(where), "/clear")
    form = alan.get(f"/bookings/{first().key}/move")
    assert alan.submit(form, "/move", start_at="14:00", end_at="16:00").status_code == 303
    assert clearances() == []
    assert decides_by(sora, where) == {"clear", "decline"}


@on_sqlite
def test_what_waits_and_is_somebody_elses_now_is_cleared_anew(app: Flask, careful: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = ask(alan)
    sora.submit(sora.get(where), "/clear")
    form = alan.get(f"/bookings/{first().key}/hand-over")
    assert alan.submit(form, "/hand-over", to=key_of(careful, "hana")).status_code == 303
    assert clearances() == []
    assert decides_by(sora, where) == {"clear", "decline"}


@on_sqlite
def test_nothing_is_proposed_before_safety_has_looked_at_it(app: Flask, careful: Cast) -> None:
    where, sora, sam = ask(Visitor(app, "alan")), Visitor(app, "sora"), Visitor(app, "sam")
    assert f"{where}/propose" not in sora.get(where).text
    assert propose(sora, where).status_code == 409
    sora.submit(sora.get(where), "/clear")
    assert propose(sam, where).status_code == 303


@on_sqlite
def test_the_inbox_lists_it_for_whose_turn_it_is(app: Flask, careful: Cast) -> None:
    where, sora, sam = ask(Visitor(app, "alan"), title="Run 7"), Visitor(app, "sora"), Visitor(app, "sam")
    assert ("Run 7" in sora.get("/inbox").text, "Run 7" in sam.get("/inbox").text) == (True, False)
    sora.submit(sora.get(where), "/clear")
    assert ("Run 7" in sora.get("/inbox").text, "Run 7" in sam.get("/inbox").text) == (False, True)


@on_sqlite
def test_it_was_given_to_somebody_for_the_first_step_only(app: Flask, careful: Cast) -> None:
    where, sora = ask(Visitor(app, "alan")), Visitor(app, "sora")
    assert sora.submit(sora.get(where), "/assign", to=key_of(careful, "sora")).status_code == 303
    assert sora.submit(sora.get(where), "/clear").status_code == 303
    db.session.remove()
    assert db.session.scalars(select(Request.assigned_to_id)).one() is None


@on_sqlite
def test_both_steps_are_signed_where_the_agreement_asks_for_it(app: Flask, careful: Cast) -> None:
    sign_with(careful, "aoba")
    where, sora = ask(Visitor(app, "alan")), Visitor(app, "sora")
    page = sora.get(where)
    assert sora.submit(page, "/clear").status_code == 422
    assert sora.submit(page, "/clear", meaning="safe", password="wrong").status_code == 422
    assert sora.submit(page, "/clear", meaning="responsible", password=PASSWORD).status_code == 422
    assert clearances() == []
    assert sora.submit(page, "/clear", meaning="safe", password=PASSWORD).status_code == 303
    db.session.remove()
    signed = db.session.scalars(select(Event.state).where(Event.code == "request-signed")).all()
    assert (signed, clearances()) == (["safe"], [careful.people["sora"]])
