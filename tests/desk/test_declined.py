"""Whoever was declined waits for the time with one click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from labbook.core.lifecycle import State
from labbook.db import db, transactional
from labbook.models import Booking, Hold, Request, Wait
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast, add_resource
from tests.conftest import Clock
from tests.desk.test_rivals import TEN, approve, bookings, wish

BUTTON = 'action="/bookings/{}/wait"'


def waits() -> list[Wait]:
    db.session.remove()
    return list(db.session.scalars(select(Wait)))


@pytest.fixture
def lost(app: Flask, lab: Cast) -> str:
    """Ben was declined with the approval of Hana's request; the address of his."""
    page = wish(app, "hana")
    his = wish(app, "ben", purpose="Sort the cells.")
    assert approve(app, page, "ben").status_code == 303
    return his


def test_the_reason_stands_before_all_else(app: Flask, lab: Cast, lost: str) -> None:
    ben = Visitor(app, "ben")
    ben.post("/language", language="en")
    page = ben.get(lost).text
    assert page.index("Why it was declined") < page.index('id="wait"') < page.index('id="r-bookings"')
    hana = Visitor(app, "hana")
    hana.post("/language", language="en")
    assert "Why it was declined" not in hana.get(f"/requests/{bookings()['Of hana'].request.key}").text


def test_one_click_waits_for_the_very_time_and_twice_is_once(app: Flask, lab: Cast, lost: str) -> None:
    booking = bookings()["Of ben"]
    ben = Visitor(app, "ben")
    page = ben.get(lost)
    assert 'id="wait"' in page.text
    for _ in range(2):
        answer = ben.submit(page, f"/bookings/{booking.key}/wait")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{lost}#wait")
    [wait] = waits()
    assert (wait.person_id, wait.partner_id) == (lab.people["ben"], lab.partners["birch"])
    assert (wait.starts_at, wait.ends_at, wait.minutes) == (booking.starts_at, booking.ends_at, 120)
    assert (wait.resource_id, wait.title, wait.purpose) == (booking.resource_id, "Of ben", "Sort the cells.")
    ben.post("/language", language="en")
    after = ben.get(lost).text
    assert "You wait for it." in after
    assert BUTTON.format(booking.key) not in after


@on_sqlite
def test_what_is_booked_by_the_day_is_waited_for_in_days_whatever_the_clocks_do(app: Flask, lab: Cast) -> None:
    shelf(lab)
    days = {"start_on": "2027-03-13", "end_on": "2027-03-15"}  # the clocks go forward in between
    for name in ("ben", "hana"):
        if name == "hana":
            lose("Of ben")
        visitor = Visitor(app, name)
        form = visitor.get("/resources/cambridge-shelf/book")
        sent = visitor.submit(form, "/resources/cambridge-shelf/book", title=f"Of {name}", **days)
        assert sent.status_code == 303
    assert Visitor(app, "ben").post(f"/bookings/{bookings()['Of ben'].key}/wait").status_code == 303
    assert [one.minutes for one in waits()] == [3 * 24 * 60]


@transactional
def shelf(lab: Cast) -> None:
    """One is booked by the day in Cambridge."""
    add_resource(
        lab.sites["cambridge"],
        "cambridge-shelf",
        by_day=True,
        slot="1 d",
        shortest="1 d",
        longest="30 d",
        before="0 min",
        after="0 min",
        horizon="720 d",
    )


@transactional
def lose(title: str) -> None:
    """A booking is declined and holds nothing."""
    booking = db.session.scalars(select(Booking).join(Request).where(Request.title == title)).one()
    booking.state = State.DECLINED
    db.session.execute(delete(Hold).where(Hold.claim_id == booking.claim_id))


@on_sqlite
def test_nobody_waits_for_somebody_else(app: Flask, lab: Cast, lost: str) -> None:
    key = bookings()["Of ben"].key
    for name, status in (("sora", 403), ("hana", 404), ("sam", 404)):
        visitor = Visitor(app, name)
        assert visitor.post(f"/bookings/{key}/wait").status_code == status, name
        if status == 403:
            assert BUTTON.format(key) not in visitor.get(lost).text
    assert waits() == []


@on_sqlite
def test_a_colleague_reads_that_it_was_declined_and_does_not_wait_for_it(app: Flask, lab: Cast) -> None:
    first, page = wish(app, "ben"), wish(app, "hana")
    assert approve(app, first, "hana").status_code == 303
    key = bookings()["Of hana"].key
    for name in ("alan", "cora"):
        visitor = Visitor(app, name)
        assert 'id="wait"' not in visitor.get(page).text
        assert visitor.post(f"/bookings/{key}/wait").status_code == 403
    assert waits() == []


@on_sqlite
def test_only_what_was_declined_and_is_to_come_is_waited_for(app: Flask, lab: Cast, lost: str, clock: Clock) -> None:
    key, other = bookings()["Of ben"].key, bookings()["Of hana"].key
    assert Visitor(app, "hana").post(f"/bookings/{other}/wait").status_code == 409
    clock.now += timedelta(hours=26)
    ben = Visitor(app, "ben")
    assert BUTTON.format(key) not in ben.get(lost).text
    answer = ben.post(f"/bookings/{key}/wait")
    assert answer.status_code == 409
    assert f'href="{lost}"' in answer.text
    assert waits() == []


@on_sqlite
def test_where_the_time_is_free_one_is_led_to_the_form_that_books_it(app: Flask, lab: Cast) -> None:
    page = wish(app, "ben")
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/decline", reason="No operator.").status_code == 303
    answer = Visitor(app, "ben").post(f"/bookings/{bookings()['Of ben'].key}/wait")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/resources/tsukuba-sorter/book?from={TEN[0]}&to={TEN[1]}&exact=1"
    assert Visitor(app, "ben").get(answer.headers["Location"]).status_code == 200
    assert waits() == []


@on_sqlite
def test_who_waits_for_too_much_already_is_told_so(
    app: Flask, lab: Cast, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbook.waiting.service.joining.MOST_WAITS", 0)
    ben = Visitor(app, "ben")
    ben.post("/language", language="en")
    answer = ben.post(f"/bookings/{bookings()['Of ben'].key}/wait")
    assert answer.status_code == 409
    assert "You wait for as much as one may." in answer.text
    assert waits() == []


@on_sqlite
def test_staff_see_no_button(app: Flask, lab: Cast, lost: str) -> None:
    assert 'id="wait"' not in Visitor(app, "sora").get(lost).text
