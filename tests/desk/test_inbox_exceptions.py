"""The inbox shows alone what goes against rules, whichever of a request's dates does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.lifecycle import State
from labbook.db import db, transactional
from labbook.models import Booking, Request
from tests.browsing import Visitor
from tests.cast import Cast
from tests.desk.test_inbox import titles
from tests.desk.waiting import pile

AGAINST = {"code": "closed", "effect": "refuse", "sentence": "It is closed then.", "values": {}}


@transactional
def _as_one(keys: list[str], against: int) -> None:
    """The first two requests become the dates of one wish, of which one goes against a rule."""
    first, second, _ = (db.session.scalars(select(Request).where(Request.key == key)).one() for key in keys)
    dates: list[Booking] = [*first.bookings, *second.bookings]
    dates[1].request = first
    for number, one in enumerate(dates):
        one.state, one.findings = State.WISHED, [AGAINST] if number == against else []


@pytest.mark.parametrize("against", [0, 1])
def test_a_request_is_an_exception_where_any_of_its_dates_is(app: Flask, lab: Cast, against: int) -> None:
    _as_one(pile(lab, 3), against)
    sora = Visitor(app, "sora")
    assert titles(sora, "/inbox?show=exceptions") == ["Plate 0"]
    assert "例外：規則1件" in sora.get("/inbox").text  # and its row says so: it is not decided together with others
    assert sorted(titles(sora)) == ["Plate 0", "Plate 2"]
