"""What the rules say to a time while it is dragged over the board: short, at once, and to nobody whom it is not for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.db import db
from labbook.models import Booking, Unit
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.statements import counted

DAY = "2026-11-24"


def said(visitor: Visitor, path: str, start: str, end: str, more: str = "") -> dict[str, Any]:
    """The answer for a time of that day."""
    answer = visitor.get(f"{path}/said?from={DAY}T{start}&to={DAY}T{end}{more}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.fixture
def moved(app: Flask, lab: Cast) -> str:
    """Where alan's booking from ten to eleven is; Birch has booked from one to two."""
    Visitor(app, "ben").book("tsukuba-plain", f"{DAY}T13:00", f"{DAY}T14:00", title="Secret of Birch")
    Visitor(app, "alan").book("tsukuba-plain", f"{DAY}T10:00", f"{DAY}T11:00", title="Plates")
    db.session.remove()
    key = db.session.scalars(select(Booking.key).order_by(Booking.id.desc())).first()
    return f"/bookings/{key}"


def test_a_free_time_is_free_a_taken_one_says_so_in_the_readers_language(app: Flask, lab: Cast, moved: str) -> None:
    alan, hana = Visitor(app, "alan"), Visitor(app, "hana")
    assert said(alan, moved, "16:00", "17:00") == {
        "outcome": "approved",
        "headline": "Free: it is yours when you send it",
        "why": [],
    }
    for path in (moved, "/resources/tsukuba-plain"):
        clash = said(alan, path, "13:30", "14:30")
        assert clash["outcome"] == "refused"
        assert clash["headline"] == "Not possible: 1 rule stands in the way"
        assert clash["why"] == ["Someone else holds this time, or the buffer around it."]
    ours = said(hana, "/resources/tsukuba-plain", "13:30", "14:30")
    assert ours["why"] == ["この時間、またはその前後の準備時間は、すでに確保されています。"]
    assert "Birch" not in str(ours)


@on_sqlite
def test_a_booking_does_not_stand_in_its_own_way_and_nothing_asked_is_its_own_time(
    app: Flask, lab: Cast, moved: str
) -> None:
    alan = Visitor(app, "alan")
    assert said(alan, moved, "10:30", "11:30")["outcome"] == "approved"
    assert alan.get(f"{moved}/said").get_json()["outcome"] == "approved"
    assert alan.get(f"{moved}/said?from=x&to={DAY}T99:99").get_json()["outcome"] == "approved"
    assert alan.get("/resources/tsukuba-plain/said").json == {"outcome": "", "headline": "", "why": []}


@on_sqlite
def test_what_staff_decide_on_says_so(app: Flask, lab: Cast) -> None:
    found = said(Visitor(app, "hana"), "/resources/tsukuba-asked", "10:00", "11:00")
    assert (found["outcome"], len(found["why"])) == ("review", 1)
    wish = said(Visitor(app, "alan"), "/resources/tsukuba-sorter", "10:00", "11:00")
    assert wish["headline"] == "Possible as a wish: staff choose the time"


@on_sqlite
def test_another_unit_is_judged_as_that_unit(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-hood", f"{DAY}T10:00", f"{DAY}T11:00")
    db.session.remove()
    taken = db.session.scalars(select(Unit.key).join(Booking, Booking.unit_id == Unit.id)).one()
    assert said(alan, "/resources/tsukuba-hood", "10:00", "11:00", f"&unit={taken}")["outcome"] == "refused"
    assert said(alan, "/resources/tsukuba-hood", "10:00", "11:00", "&unit=")["outcome"] == "approved"
    assert alan.get(f"/resources/tsukuba-hood/said?from={DAY}T10:00&to={DAY}T11:00&unit=none").status_code == 200


@on_sqlite
def test_it_is_not_for_rivals_strangers_and_the_signed_out(app: Flask, lab: Cast, moved: str) -> None:
    for path, who in ((moved, "ben"), ("/resources/tsukuba-secret", "ben"), ("/resources/none", "alan")):
        assert Visitor(app, who).get(f"{path}/said?from={DAY}T10:00&to={DAY}T11:00").status_code == 404
    assert Visitor(app, "hana").get(f"{moved}/said").status_code == 403  # a colleague sees it, and may not move it
    assert Visitor(app).get(f"{moved}/said").headers["Location"].startswith("/sign-in")
    assert said(Visitor(app, "sora"), "/resources/tsukuba-plain", "16:00", "17:00")["outcome"] == ""  # for whom?


@on_sqlite
def test_it_costs_the_same_on_a_full_day(app: Flask, lab: Cast, moved: str) -> None:
    alan = Visitor(app, "alan")
    said(alan, moved, "16:00", "17:00")
    with counted() as few:
        said(alan, moved, "16:00", "17:00")
    for hour in (18, 20, 22):
        Visitor(app, "ben").book("tsukuba-plain", f"{DAY}T{hour}:00", f"{DAY}T{hour + 1}:00")
    with counted() as many:
        said(alan, moved, "16:00", "17:00")
    assert len(many) == len(few)


@on_sqlite
def test_of_one_that_runs_the_board_moves_the_end(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T14:00")
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    db.session.remove()
    path = f"/bookings/{db.session.scalars(select(Booking.key)).one()}"
    assert f'data-move="{path}/end"' in alan.get("/sites/tsukuba/day?on=2026-11-23").text
    longer = alan.get(f"{path}/said?from=2026-11-23T10:00&to=2026-11-23T15:00").get_json()
    assert longer["outcome"] == "approved"
