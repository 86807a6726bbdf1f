"""The page behind the code on an instrument: a few taps, the one way in, and nothing of anybody else."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from labbook.core.lifecycle import State
from labbook.core.limits.no_show import NoShow
from labbook.db import db, transactional
from labbook.models import Agreement, Booking, Request
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.ruling import add_rules

PLAIN = "/resources/tsukuba-plain/now"


def ends(page: TestResponse) -> list[str]:
    """The lengths on offer, as “1 h until 10:00”."""
    found = re.findall(r"<b>([^<]+)</b> <small>([^<]+)", page.text)
    return [" ".join(one).strip() for one in found]


def value_of(page: TestResponse, until: str) -> str:
    """What the form sends for the length that ends then."""
    found = re.search(rf'value="([^"]+)"[^>]*><span><b>[^<]+</b> <small>until {until}', page.text)
    assert found is not None, ends(page)
    return found.group(1)


def taken(visitor: Visitor, page: TestResponse, **changes: str) -> TestResponse:
    """Send the page's form."""
    return visitor.submit(page, "/now", **changes)


def standing() -> list[tuple[str, State]]:
    """The titles and states of all bookings."""
    db.session.remove()
    rows = db.session.execute(select(Request.title, Booking.state).join(Booking).order_by(Booking.id))
    return [(row.title, row.state) for row in rows]


def test_who_scans_the_code_books_from_the_slot_that_is_running(app: Flask, lab: Cast, clock: Clock) -> None:
    clock.now = NOW + timedelta(minutes=17)
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    assert "Free now" in page.text
    # From now on, to the next half hour: nobody gets less than it says.
    assert ends(page) == [
        "40 min until 10:00",
        "1 h 10 min until 10:30",
        "2 h 10 min until 11:30",
        "4 h 10 min until 13:30",
        "7 h 40 min until 17:00",
    ]
    answer = taken(visitor, page, end=value_of(page, "10:00"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == PLAIN
    after = visitor.get(PLAIN)
    assert "Booked until 10:00." in after.text
    assert "In use" in after.text
    booking = db.session.scalars(select(Booking)).one()
    assert (booking.starts_at, booking.ends_at) == (NOW, NOW + timedelta(hours=1))
    assert standing() == [("Plate reader", State.APPROVED)]


def test_while_it_is_in_use_the_next_free_time_is_offered_and_nothing_of_the_rival(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T09:00", "2026-11-23T11:00").status_code == 303
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    assert "In use" in page.text
    assert "free again from 11:15" in page.text
    assert "From 11:30, for how long" in page.text
    assert "Birk" not in page.text
    assert "Birch" not in page.text
    assert taken(visitor, page, end=value_of(page, "12:30")).status_code == 303
    row = db.session.scalars(select(Booking).order_by(Booking.id.desc())).first()
    assert row is not None
    assert row.starts_at == NOW + timedelta(hours=2, minutes=30)


@on_sqlite
def test_the_form_is_filled_as_it_was_last_time(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "two")
    chosen = visitor.get("/resources/tsukuba-plain/book")
    cedar = re.search(r'<option[^>]*value="([^"]+)"[^>]*>Cedar', chosen.text)
    assert cedar is not None
    visitor.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T11:00", title="Day 2")
    made = visitor.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00", title="Day 3", partner=cedar.group(1))
    assert made.status_code == 303
    page = visitor.get(PLAIN)
    form = form_of(page, "/now")
    assert form.fields["title"] == "Day 3"
    assert form.fields["partner"] == cedar.group(1)
    assert form.fields["end"] == "2026-11-23T02:00Z"  # two hours again
    aoba = re.search(r'<option[^>]*value="([^"]+)"[^>]*>Aoba', chosen.text)
    assert aoba is not None
    assert "Day 3" not in visitor.get(f"{PLAIN}?partner={aoba.group(1)}").text  # it was Cedar's


@on_sqlite
def test_a_title_is_not_put_before_people_of_another_partner_when_ones_own_has_left(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "two")
    cedar = re.search(r'<option[^>]*value="([^"]+)"[^>]*>Cedar', visitor.get("/resources/tsukuba-plain/book").text)
    assert cedar is not None
    visitor.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00", title="Day 3", partner=cedar.group(1))
    with app.app_context():
        _agreement_ends(lab.partners["cedar"])
    assert form_of(visitor.get(PLAIN), "/now").fields["title"] == "Plate reader"


@transactional
def _agreement_ends(partner_id: int) -> None:
    db.session.execute(update(Agreement).where(Agreement.partner_id == partner_id).values(ends_on=date(2026, 11, 1)))


@on_sqlite
def test_a_length_that_was_taken_meanwhile_is_refused_with_the_reason_and_what_was_typed_stays(
    app: Flask, lab: Cast
) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T09:30", "2026-11-23T10:30").status_code == 303
    answer = taken(visitor, page, end=value_of(page, "10:00"), title="Typed before")
    assert answer.status_code == 409
    assert 'data-code="taken"' in answer.text
    assert 'value="Typed before"' in answer.text
    assert len(standing()) == 1


@on_sqlite
def test_two_taps_make_one_booking(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    first, second = (taken(visitor, page, end=value_of(page, "10:00")) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(standing()) == 1
    back = taken(visitor, page, end=value_of(page, "11:00"))  # from the page that the back button shows
    assert back.status_code == 303
    assert back.headers["Location"].startswith("/requests/")
    assert len(standing()) == 1


@on_sqlite
def test_what_was_to_begin_in_a_slot_that_has_run_out_begins_in_the_next(app: Flask, lab: Cast, clock: Clock) -> None:
    clock.now = NOW + timedelta(minutes=29)
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    sent = value_of(page, "10:30")
    clock.now = NOW + timedelta(minutes=31)
    assert taken(visitor, page, end=sent).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert booking.starts_at == NOW + timedelta(minutes=30)


@on_sqlite
def test_a_page_that_lay_open_all_day_says_that_its_times_are_over(app: Flask, lab: Cast, clock: Clock) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    clock.now = NOW + timedelta(hours=5)
    answer = taken(visitor, page, end=value_of(page, "10:00"))
    assert answer.status_code in (409, 422)
    assert standing() == []


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"end": ""},
        {"end": "tomorrow"},
        {"end": "9999-12-31T23:59Z"},
        {"start": "0001-01-01T00:00Z"},
        {"start": "2026-11-23T00:00"},
        {"title": " "},
        {"title": "x" * 121},
        {"title": "a\u202eb"},
        {"idempotency_key": ""},
        {"partner": "someone"},
        {"biosafety": "4"},
        {"biosafety": "x"},
    ],
)
def test_what_has_the_wrong_shape_is_said_on_the_same_page(app: Flask, lab: Cast, changes: dict[str, str]) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    answer = taken(visitor, page, **changes)
    assert answer.status_code == 422, answer.text[:300]
    assert "Plate reader" in answer.text
    assert standing() == []


@on_sqlite
def test_a_unit_that_is_not_of_the_resource_means_any(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get("/resources/tsukuba-hood/now?unit=no-such")
    assert taken(visitor, page, end=value_of(page, "10:00"), unit="another").status_code == 303


@on_sqlite
def test_the_code_of_one_unit_books_that_unit(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get("/resources/tsukuba-hood/book")
    units = re.findall(r'<option value="([^"]{8,})">(\d)</option>', page.text)
    key = next(key for key, name in units if name == "3")
    page = visitor.get(f"/resources/tsukuba-hood/now?unit={key}")
    assert taken(visitor, page, end=value_of(page, "10:00")).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert booking.unit_is_fixed


@on_sqlite
def test_where_staff_decide_the_page_says_so_before_and_after(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get("/resources/tsukuba-asked/now")
    assert "Staff decide" in page.text
    assert taken(visitor, page).status_code == 303
    after = visitor.get("/resources/tsukuba-asked/now")
    assert "Sent. Staff will decide." in after.text
    assert standing() == [("Sequencer", State.WAITING)]


@on_sqlite
def test_who_lacks_a_training_reads_it_and_finds_no_button(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/resources/tsukuba-confocal-1/now")
    assert 'data-code="training"' in page.text
    assert 'name="end"' not in page.text


@on_sqlite
def test_a_running_booking_offers_check_in_more_time_and_giving_back(app: Flask, lab: Cast, clock: Clock) -> None:
    add_rules(lab, NoShow(grace=30, early=10, counts=False), resource="tsukuba-plain")
    visitor = Visitor(app, "alan")
    page = visitor.get(PLAIN)
    assert taken(visitor, page, end=value_of(page, "10:00")).status_code == 303
    _tick(app, clock)
    page = visitor.get(PLAIN)
    key = db.session.scalars(select(Booking.key)).one()
    assert f'href="/bookings/{key}/end?to=2026-11-23T10:30"' in page.text
    checked = visitor.submit(page, f"/bookings/{key}/check-in")
    assert (checked.status_code, checked.headers["Location"]) == (303, PLAIN)
    page = visitor.get(PLAIN)
    assert "Checked in" in page.text
    assert visitor.submit(page, f"/bookings/{key}/cancel").status_code == 303
    assert standing() == [("Plate reader", State.RELEASED)]


def _tick(app: Flask, clock: Clock) -> None:
    from labbook.bookings.service import tick

    clock.now = NOW + timedelta(minutes=1)
    db.session.remove()
    tick(now=clock.now)
    db.session.remove()


@on_sqlite
def test_only_those_who_may_see_it_find_the_page_and_only_those_who_book_the_form(app: Flask, lab: Cast) -> None:
    signed_out = Visitor(app).get(PLAIN)
    assert (signed_out.status_code, signed_out.headers["Location"]) == (303, f"/sign-in?next={PLAIN}")
    assert Visitor(app, "ben").get("/resources/tsukuba-secret/now").status_code == 404
    assert Visitor(app, "ben").post("/resources/tsukuba-secret/now").status_code == 404
    assert Visitor(app, "chika").get("/resources/cambridge-scope/now").status_code == 404
    for name in ("sora", "audrey"):
        visitor = Visitor(app, name)
        page = visitor.get(PLAIN)
        assert page.status_code == 200
        assert "standing-free" in page.text
        assert 'name="end"' not in page.text
        assert visitor.post(PLAIN).status_code == 403


@on_sqlite
def test_what_is_booked_by_the_day_is_offered_by_days(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    page = visitor.get("/resources/tsukuba-bench/now")
    assert ends(page)[:2] == ["1 day until Mon 23 Nov", "2 days until Tue 24 Nov"]
    assert taken(visitor, page).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert booking.by_day


@on_sqlite
def test_in_the_hour_that_comes_twice_the_lengths_are_true(app: Flask, lab: Cast, clock: Clock) -> None:
    clock.now = NOW.replace(month=11, day=1, hour=5, minute=40)  # 01:40 in Cambridge, for the first time
    visitor = Visitor(app, "alan")
    page = visitor.get("/resources/cambridge-scope/now")
    assert ends(page)[:3] == ["20 min until 01:00 EST", "50 min until 01:30 EST", "1 h 20 min until 02:00"]
    assert taken(visitor, page).status_code == 303
    booking = db.session.scalars(select(Booking)).one()
    assert booking.starts_at == clock.now.replace(minute=30)
