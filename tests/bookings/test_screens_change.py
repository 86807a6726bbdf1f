"""Cancelling and moving, and the list of one's bookings."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.bookings import service
from labbook.db import db
from labbook.models import Booking, Event, Hold
from tests.browsing import Visitor, form_of, on_sqlite, times
from tests.cast import NOW, Cast
from tests.conftest import Clock

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


@pytest.fixture
def booked(app: Flask, lab: Cast) -> str:
    """The page of alan's approved booking."""
    location: str = Visitor(app, "alan").book("tsukuba-plain", *WANTED, title="Plates").headers["Location"]
    return location


def booking() -> Booking:
    """The one booking there is."""
    db.session.remove()
    return db.session.scalars(select(Booking)).one()


def move_form(visitor: Visitor, key: str) -> TestResponse:
    """The form to move a booking."""
    return visitor.get(f"/bookings/{key}/move")


def holds() -> int:
    """How many holds there are."""
    db.session.remove()
    return db.session.scalar(select(func.count(Hold.id))) or 0


# --- cancel -----------------------------------------------------------------------------------------------------------


def test_cancelling_frees_the_time(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    answer = alan.submit(alan.get(booked), "/cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, booked)
    assert str(booking().state) == "cancelled"
    assert holds() == 0
    assert "Cancelled" in alan.get(booked).text
    assert Visitor(app, "ben").book("tsukuba-plain", *WANTED).status_code == 303


@on_sqlite
def test_cancelling_twice_is_cancelling_once(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(booked)
    assert [alan.submit(page, "/cancel").status_code for _ in range(3)] == [303, 409, 409]
    db.session.remove()
    assert len(db.session.scalars(select(Event).where(Event.code == "booking-cancel")).all()) == 1


@on_sqlite
def test_an_old_page_cancels_nothing(app: Flask, lab: Cast, booked: str) -> None:
    alan, cora = Visitor(app, "alan"), Visitor(app, "cora")
    old = cora.get(booked)
    key = booking().key
    assert alan.submit(move_form(alan, key), "/move", start_at="15:00", end_at="16:00").status_code == 303
    answer = cora.submit(old, "/cancel")
    assert answer.status_code == 409
    assert "It was changed meanwhile (" in answer.text
    assert "15:00" in answer.text
    assert str(booking().state) == "approved"


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("hana", 403),  # a colleague sees it and may not
        ("cora", 303),  # the coordinator
        ("sora", 303),  # staff here
        ("sam", 404),
        ("ben", 404),
        ("dora", 404),
        ("chika", 404),
        ("ada", 403),
        ("audrey", 403),
        (None, 303),  # to the sign-in page
    ],
)
def test_who_may_cancel(app: Flask, lab: Cast, booked: str, name: str | None, status: int) -> None:
    key = booking().key
    visitor = Visitor(app, name)
    answer = visitor.post(f"/bookings/{key}/cancel", version="1")
    assert answer.status_code == status
    is_cancelled = status == 303 and name is not None
    assert str(booking().state) == ("cancelled" if is_cancelled else "approved")
    assert visitor.get(f"/bookings/{key}/cancel").status_code == 405


@on_sqlite
def test_the_rest_of_a_running_booking_is_given_back(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    page = alan.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T14:00").headers["Location"]
    clock.now = NOW + timedelta(hours=2)
    service.tick(now=clock.now)
    assert alan.submit(alan.get(page), "/cancel").status_code == 303
    assert str(booking().state) == "released"
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T12:00", "2026-11-23T13:00").status_code == 303


# --- move -------------------------------------------------------------------------------------------------------------


def test_moving_takes_the_new_time_and_frees_the_old(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    form = move_form(alan, booking().key)
    assert form_of(form, "/move").fields["start_at"] == "10:00"
    answer = alan.submit(form, "/move", start_at="15:00", end_at="16:30")
    assert (answer.status_code, answer.headers["Location"]) == (303, booked)
    assert "15:00–16:30" in alan.get(booked).text
    assert holds() == 1
    assert Visitor(app, "ben").book("tsukuba-plain", *WANTED).status_code == 303


@on_sqlite
def test_a_booking_is_not_in_its_own_way(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    key = booking().key
    form = move_form(alan, key)
    told = alan.submit_to(f"/bookings/{key}/findings", form, "/move", start_at="10:30", end_at="11:30")
    assert 'data-outcome="approved"' in told.text
    assert 'data-code="taken"' not in told.text
    assert alan.submit(form, "/move", start_at="10:30", end_at="11:30").status_code == 303


@on_sqlite
def test_a_taken_time_is_409_and_the_old_one_is_kept(app: Flask, lab: Cast, booked: str) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-11-24T15:00", "2026-11-24T16:00", title="Of ben")
    alan = Visitor(app, "alan")
    key = db.session.scalars(select(Booking.key).order_by(Booking.id)).first()
    answer = alan.submit(move_form(alan, key or ""), "/move", start_at="15:30", end_at="16:30")
    assert answer.status_code == 409
    assert 'data-code="taken"' in answer.text
    assert "Of ben" not in answer.text
    assert form_of(answer, "/move").fields["start_at"] == "15:30"
    assert "10:00–11:00" in alan.get(booked).text


@on_sqlite
def test_moving_twice_is_moving_once(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    form = move_form(alan, booking().key)
    answers = [alan.submit(form, "/move", start_at="15:00", end_at="16:00") for _ in range(3)]
    assert [(one.status_code, one.headers.get("Location")) for one in answers] == [(303, booked)] * 3
    db.session.remove()
    assert len(db.session.scalars(select(Event).where(Event.code == "booking-move")).all()) == 1


@on_sqlite
def test_an_old_page_is_not_told_yes_for_what_somebody_else_did(app: Flask, lab: Cast, booked: str) -> None:
    alan, cora = Visitor(app, "alan"), Visitor(app, "cora")
    key = booking().key
    old = move_form(cora, key)
    assert alan.submit(move_form(alan, key), "/move", start_at="15:00", end_at="16:00").status_code == 303
    assert cora.submit(old, "/move", start_at="15:00", end_at="16:00").status_code == 409


@on_sqlite
def test_an_old_page_moves_nothing(app: Flask, lab: Cast, booked: str) -> None:
    alan, cora = Visitor(app, "alan"), Visitor(app, "cora")
    key = booking().key
    old = move_form(cora, key)
    alan.submit(move_form(alan, key), "/move", start_at="15:00", end_at="16:00")
    answer = cora.submit(old, "/move", start_at="12:00", end_at="13:00")
    assert answer.status_code == 409
    assert "It was changed meanwhile." in answer.text
    assert form_of(answer, "/move").fields["version"] == "2"
    assert "15:00–16:00" in alan.get(booked).text
    assert cora.submit(answer, "/move").status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("hana", 403), ("cora", 200), ("sora", 200), ("sam", 404), ("ben", 404), ("dora", 404), ("ada", 403), (None, 302)],
)
def test_who_may_move(app: Flask, lab: Cast, booked: str, name: str | None, status: int) -> None:
    key = booking().key
    visitor = Visitor(app, name)
    assert visitor.get(f"/bookings/{key}/move").status_code in ((302, 303) if name is None else (status,))
    if status in (403, 404):
        assert visitor.post(f"/bookings/{key}/move", version="1").status_code == status
        assert visitor.post(f"/bookings/{key}/findings", **times(*WANTED)).status_code == status


@on_sqlite
def test_what_is_over_cannot_be_moved(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    key = booking().key
    form = move_form(alan, key)
    alan.submit(alan.get(booked), "/cancel")
    assert move_form(alan, key).status_code == 409
    assert alan.submit(form, "/move", start_at="15:00", end_at="16:00").status_code == 409


@on_sqlite
def test_moving_what_staff_approved_asks_them_again(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    page = alan.book("tsukuba-asked", *WANTED).headers["Location"]
    sora.submit(sora.get(page), "/approve")
    assert alan.submit(move_form(alan, booking().key), "/move", start_at="15:00", end_at="16:00").status_code == 303
    assert (str(booking().state), booking().wall_start) == ("approved", WANTED[0])
    assert sora.submit(sora.get(page), "/change/approve").status_code == 303
    assert (str(booking().state), booking().wall_start) == ("approved", "2026-11-24T15:00")
    assert sora.submit(move_form(sora, booking().key), "/move", start_at="17:00", end_at="18:00").status_code == 303
    assert str(booking().state) == "approved"  # staff move within their own decision


@on_sqlite
def test_another_unit_is_taken_by_its_key_only(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-hood", *WANTED)
    before = booking().unit_id
    form = move_form(alan, booking().key)
    units = re.findall(r'<option[^>]*value="([^"]+)"', form.text)
    assert len(units) == 3
    assert alan.submit(form, "/move", unit=units[2]).status_code == 303
    assert booking().unit_id != before
    other = db.session.scalars(select(Booking.key)).one()
    assert alan.submit(move_form(alan, other), "/move", unit="nonsense").status_code == 422


# --- one's bookings ---------------------------------------------------------------------------------------------------


def test_ones_bookings_are_grouped_by_what_becomes_of_them(app: Flask, lab: Cast, booked: str) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-asked", *WANTED, title="Asked for")
    gone = alan.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T11:00", title="Given up")
    alan.submit(alan.get(gone.headers["Location"]), "/cancel")
    Visitor(app, "hana").book("tsukuba-plain", "2026-11-26T10:00", "2026-11-26T11:00", title="Of hana")
    page = alan.get("/bookings").text
    places = [
        page.index(words) for words in ("Now and next", "Plates", "Waiting for a decision", "Asked for", "Given up")
    ]
    assert places == sorted(places)
    assert "Of hana" not in page


@on_sqlite
def test_without_bookings_it_says_what_to_do(app: Flask, lab: Cast) -> None:
    assert "No bookings yet" in Visitor(app, "alan").get("/bookings").text
