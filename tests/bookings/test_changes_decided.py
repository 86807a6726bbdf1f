"""A change is decided as a request is: signed where decisions are, with waivers, and charged where it is late."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.core.limits.length import Length
from labbook.db import db
from labbook.models import Charge, Event, EventDetail, Waiver
from tests.bookings.ruling import rule
from tests.bookings.test_changes import NEW, OLD, asked, booking, change, move, page
from tests.bookings.test_signed import sign_with, signatures
from tests.browsing import Visitor, on_sqlite
from tests.cast import PASSWORD, Cast

LATE = Deadline(step=Step.CHANGE, hours=72, then=Consequence.CHARGED, amount=500)


def count(table: type) -> int:
    """Its rows."""
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_where_decisions_are_signed_a_change_is(app: Flask, lab: Cast) -> None:
    asked(app)
    sign_with(lab, "aoba")
    sora = Visitor(app, "sora")
    shown = page(sora)
    assert sora.submit(shown, "/change/approve", meaning="reviewed", password="wrong").status_code == 422
    assert sora.submit(shown, "/change/approve", password=PASSWORD).status_code == 422
    assert change() is not None
    assert sora.submit(shown, "/change/approve", meaning="reviewed", password=PASSWORD).status_code == 303
    assert booking().wall_start == NEW[0]
    assert signatures() == [(lab.people["sora"], "reviewed")]
    body = db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "request-signed")).one()
    assert body is not None
    assert body["decision"] == "grant-change"


@on_sqlite
def test_even_staff_who_move_it_sign_for_that(app: Flask, lab: Cast) -> None:
    asked(app)
    sign_with(lab, "aoba")
    sora = Visitor(app, "sora")
    assert move(sora, "2026-11-25T10:00", "2026-11-25T11:00").status_code == 303
    assert booking().wall_start == OLD[0]
    fields = {"meaning": "not-fit", "password": PASSWORD, "reason": "It does not fit."}
    mio = Visitor(app, "mio")
    assert mio.submit(page(mio), "/change/decline", **fields).status_code == 303
    assert (booking().wall_start, change()) == (OLD[0], None)
    assert signatures() == [(lab.people["mio"], "not-fit")]


@on_sqlite
def test_staff_do_not_decide_on_what_they_asked_for_and_take_it_back_themselves(app: Flask, lab: Cast) -> None:
    asked(app)
    sign_with(lab, "aoba")
    sora, mio = Visitor(app, "sora"), Visitor(app, "mio")
    assert move(sora, "2026-11-25T10:00", "2026-11-25T11:00").status_code == 303
    there, version = f"/bookings/{booking().key}/change", str(booking().version)
    fields = {"version": version, "password": PASSWORD, "reason": "It does not fit."}
    for step, meaning in (("approve", "reviewed"), ("decline", "not-fit")):
        assert sora.post(f"{there}/{step}", meaning=meaning, **fields).status_code == 403
        assert f"{there}/{step}" not in page(sora).text
        assert f"{there}/{step}" in page(mio).text
    assert mio.post(f"{there}/withdraw", version=version).status_code == 403
    assert f"{there}/withdraw" not in page(mio).text
    assert (booking().wall_start, signatures()) == (OLD[0], [])
    assert sora.submit(page(sora), "/change/withdraw").status_code == 303
    assert (booking().wall_start, change()) == (OLD[0], None)


def test_what_stands_in_the_way_by_then_is_waived_with_a_reason(app: Flask, lab: Cast) -> None:
    asked(app)
    rule("tsukuba-asked", Length(longest=30))
    sora = Visitor(app, "sora")
    shown = page(sora)
    assert sora.submit(shown, "/change/approve").status_code == 422
    assert (booking().wall_start, count(Waiver)) == (OLD[0], 0)
    assert sora.submit(shown, "/change/approve", waiver="For the revision.").status_code == 303
    assert (booking().wall_start, count(Waiver)) == (NEW[0], 1)


@on_sqlite
@pytest.mark.parametrize(("step", "charged"), [("approve", 1), ("decline", 0)])
def test_a_late_change_is_charged_once_it_is_granted(app: Flask, lab: Cast, step: str, charged: int) -> None:
    rule("tsukuba-asked", LATE)
    asked(app)
    assert count(Charge) == 0
    sora = Visitor(app, "sora")
    fields = {"reason": "No"} if step == "decline" else {}
    assert sora.submit(page(sora), f"/change/{step}", **fields).status_code == 303
    assert count(Charge) == charged


@on_sqlite
def test_what_staff_asked_for_is_charged_to_nobody(app: Flask, lab: Cast) -> None:
    rule("tsukuba-asked", LATE)
    asked(app)
    sign_with(lab, "aoba")  # or they would just move it
    sora = Visitor(app, "sora")
    move(sora, "2026-11-25T10:00", "2026-11-25T11:00")
    mio = Visitor(app, "mio")
    assert mio.submit(page(mio), "/change/approve", meaning="reviewed", password=PASSWORD).status_code == 303
    assert (booking().wall_start, count(Charge)) == ("2026-11-25T10:00", 0)
