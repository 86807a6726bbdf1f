"""Cancelling and moving after the deadline that a rule sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.consequences import Due, follows, follows_move
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.core.limits.limit import Place
from labbook.core.money import Money
from labbook.db import db
from labbook.models import Booking, Charge, Event
from tests.bookings.ruling import rule
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # Wednesday, 10:00 in Tsukuba
COUNTED = Deadline(hours=24)
CHARGED = Deadline(hours=48, then=Consequence.CHARGED, amount=3000)
REFUSED = Deadline(hours=2, then=Consequence.REFUSED)
MOVING = Deadline(step=Step.CHANGE, hours=24, then=Consequence.CHARGED, amount=500)
FIXED = Deadline(step=Step.CHANGE, hours=2, then=Consequence.REFUSED)


def before(hours: float, minutes: float = 0) -> datetime:
    """So long before the start."""
    return START - timedelta(hours=hours, minutes=minutes)


def dues(*limits: Deadline) -> list[Due]:
    """These limits of one rule set."""
    return [Due(one, Words("House rules", "")) for one in limits]


@pytest.mark.parametrize(
    ("limits", "now", "seen", "refused"),
    [
        ([COUNTED], before(24, 1), "", False),
        ([COUNTED], before(24), "", False),
        ([COUNTED], before(24, -1), "counted", False),
        ([CHARGED], before(48), "", False),
        ([CHARGED], before(48, -1), "charged:3000 JPY", False),
        ([REFUSED], before(2), "", False),
        ([REFUSED], before(2, -1), "", True),
        ([COUNTED, CHARGED], before(30), "charged:3000 JPY", False),
        ([COUNTED, CHARGED], before(20), "counted,charged:3000 JPY", False),
        ([COUNTED, CHARGED, REFUSED], before(1), "", True),
        ([CHARGED, Deadline(then=Consequence.CHARGED, amount=5000)], before(20), "charged:5000 JPY", False),
        ([MOVING], before(1), "", False),
    ],
)
def test_of_several_deadlines_the_strictest_counts(
    limits: list[Deadline], now: datetime, seen: str, refused: bool
) -> None:
    found = follows(dues(*limits), Step.CANCEL, START, now)
    assert (found.seen, found.is_refused) == (seen, refused)


@pytest.mark.parametrize(
    ("wanted", "same_unit", "free"),
    [
        ((0, 2), True, True),  # its end is given back
        ((1, 4), True, True),  # its beginning
        ((0, 2), False, False),
        ((0, 5), True, False),
        ((-1, 3), True, False),
        ((24, 28), True, False),
    ],
)
def test_giving_part_of_the_time_back_is_free(wanted: tuple[int, int], same_unit: bool, free: bool) -> None:
    old, (first, last) = Interval(START, START + timedelta(hours=4)), wanted
    new = Interval(START + timedelta(hours=first), START + timedelta(hours=last))
    found = follows_move(dues(MOVING), old, new, before(3), same_unit=same_unit)
    assert found.is_free is free


def test_nobody_shortens_a_booking_to_escape_a_deadline_that_has_passed() -> None:
    old = Interval(START, START + timedelta(hours=8))
    short = Interval(START + timedelta(hours=7), old.end)
    assert follows_move(dues(FIXED), old, short, before(1), same_unit=True).is_refused


def test_more_than_was_seen_is_worse_and_less_is_not() -> None:
    found = follows(dues(COUNTED, CHARGED), Step.CANCEL, START, before(20))
    assert [found.is_worse_than(one) for one in ("", "counted", "charged:3000 JPY", "counted,charged:2999 JPY")] == [
        True,
        True,
        True,
        True,
    ]
    assert not found.is_worse_than("counted,charged:3000 JPY")
    assert not found.is_worse_than("counted,charged:9000 JPY")
    assert found.is_worse_than("nonsense,charged:,charged:x JPY")


@pytest.mark.parametrize(("money", "text"), [(Money(3000, "JPY"), "3000 JPY"), (Money(3005, "USD"), "30.05 USD")])
def test_money_is_read_as_it_is_spelled(money: Money, text: str) -> None:
    assert str(money) == text
    assert Money.read(text) == money


def test_that_the_old_time_counts_after_a_change_cannot_be_saved() -> None:
    wrong = Deadline(step=Step.CHANGE, then=Consequence.COUNTED)
    assert [one.field for one in wrong.problems(Place([], []))] == ["then"]
    assert not list(COUNTED.problems(Place([], [])))


def test_a_day_before_is_24_hours_when_the_clocks_change() -> None:
    start = datetime(2027, 3, 14, 14, 0, tzinfo=UTC)  # Sunday, 10:00 EDT in Cambridge
    due = dues(COUNTED)[0]
    assert due.until(start) == datetime(2027, 3, 13, 14, 0, tzinfo=UTC)  # Saturday, 09:00 EST
    assert follows([due], Step.CANCEL, start, datetime(2027, 3, 13, 14, 0, tzinfo=UTC)).is_free
    assert follows([due], Step.CANCEL, start, datetime(2027, 3, 13, 14, 1, tzinfo=UTC)).counts


# --- on the pages -----------------------------------------------------------------------------------------------------


def booking() -> Booking:
    """The one booking there is."""
    db.session.remove()
    return db.session.scalars(select(Booking)).one()


def charges() -> list[tuple[str, int, str]]:
    """What is charged."""
    db.session.remove()
    return [(one.code, one.amount, one.currency) for one in db.session.scalars(select(Charge).order_by(Charge.id))]


def book(app: Flask) -> str:
    """Alan books Wednesday from ten to two; the page of the request."""
    page: str = Visitor(app, "alan").book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T14:00").headers["Location"]
    return page


def test_a_late_cancelling_counts_and_is_charged(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", COUNTED, CHARGED)
    page = book(app)
    clock.now = before(20)
    alan = Visitor(app, "alan")
    shown = alan.get(page)
    assert "the time counts as used and 3000 JPY is charged." in shown.text
    assert "Mon 23 Nov 2026, 10:00 JST" in shown.text
    assert [alan.submit(shown, "/cancel").status_code for _ in range(2)] == [303, 409]
    assert (str(booking().state), booking().counts_anyway) == ("cancelled", True)
    assert charges() == [("late-cancel", 3000, "JPY")]
    after = alan.get(page).text
    assert "3000 JPY" in after
    assert "Cancelled; the time still counts as used" in after  # in the history
    assert "All of its time counts as used." in after  # beside the booking
    assert "全体を使用した時間として数えます" in Visitor(app, "sora").get(page).text


@on_sqlite
def test_before_the_deadline_nothing_follows(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", COUNTED, CHARGED)
    page, clock.now = book(app), before(48)
    alan = Visitor(app, "alan")
    assert "Cancelling is free until Mon 23 Nov 2026, 10:00 JST." in alan.get(page).text
    assert alan.submit(alan.get(page), "/cancel").status_code == 303
    assert (booking().counts_anyway, charges()) == (False, [])
    assert "as used" not in alan.get(page).text


@on_sqlite
def test_what_has_become_worse_meanwhile_is_asked_again(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", COUNTED, CHARGED)
    page, clock.now = book(app), before(30)
    alan = Visitor(app, "alan")
    old = alan.get(page)
    clock.now = before(20)
    answer = alan.submit(old, "/cancel")
    assert answer.status_code == 409
    assert "More follows now than the page had said." in answer.text
    assert (str(booking().state), charges()) == ("approved", [])
    assert form_of(answer, "/cancel").fields["seen"] == "counted,charged:3000 JPY"
    assert alan.submit(answer, "/cancel").status_code == 303


@on_sqlite
def test_after_a_strict_deadline_only_staff_cancel(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", REFUSED, CHARGED)
    page, clock.now = book(app), before(1)
    for name in ("alan", "cora"):
        answer = Visitor(app, name).post(f"/bookings/{booking().key}/cancel", version="1")
        assert answer.status_code == 409
        assert "The deadline has passed. Nothing was changed." in answer.text
    assert str(booking().state) == "approved"
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/cancel").status_code == 303
    assert (booking().counts_anyway, charges()) == (False, [])
    db.session.remove()
    event = db.session.scalars(select(Event).where(Event.code == "booking-cancel")).one()
    assert (event.detail.body or {})["by"] == "staff"


@on_sqlite
def test_a_manager_who_works_for_the_partner_is_not_free(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", REFUSED)
    book(app)
    clock.now = before(1)
    assert Visitor(app, "mio").post(f"/bookings/{booking().key}/cancel", version="1").status_code == 409


@on_sqlite
def test_a_late_move_is_charged_and_a_shorter_booking_is_not(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", MOVING)
    book(app)
    clock.now = before(20)
    alan, key = Visitor(app, "alan"), booking().key
    form = alan.get(f"/bookings/{key}/move")
    assert "Moved now, 500 JPY is charged" in form.text
    assert alan.submit(form, "/move", end_at="13:00").status_code == 303
    assert charges() == []
    form = alan.get(f"/bookings/{key}/move")
    assert alan.submit(form, "/move", start_at="15:00", end_at="16:00", seen="").status_code == 409
    assert charges() == []
    assert alan.submit(form, "/move", start_at="15:00", end_at="16:00").status_code == 303
    assert charges() == [("late-change", 500, "JPY")]


@on_sqlite
def test_a_refused_move_moves_nothing(app: Flask, lab: Cast, clock: Clock) -> None:
    rule("tsukuba-plain", FIXED)
    book(app)
    clock.now = before(1)
    alan, key = Visitor(app, "alan"), booking().key
    answer = alan.submit(alan.get(f"/bookings/{key}/move"), "/move", start_at="15:00", end_at="16:00")
    assert answer.status_code == 409
    assert "The deadline has passed. Nothing was changed." in answer.text
    assert (booking().starts_at, booking().version) == (START, 1)


@on_sqlite
def test_a_rule_made_when_it_was_too_late_to_keep_it_binds_nobody(app: Flask, lab: Cast, clock: Clock) -> None:
    page = book(app)
    rule("tsukuba-plain", COUNTED, made_at=before(23))
    clock.now = before(20)
    alan = Visitor(app, "alan")
    assert "counts as used" not in alan.get(page).text
    assert alan.submit(alan.get(page), "/cancel").status_code == 303
    assert booking().counts_anyway is False


def test_the_cast_stands_before_all_of_this() -> None:
    assert before(48) == NOW + timedelta(hours=1)
