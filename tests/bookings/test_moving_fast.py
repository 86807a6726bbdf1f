"""A series of which each date clashes, and is to be moved, where there is no better time for weeks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.core import free
from labbook.core.amount import Amount
from labbook.core.interval import Interval
from labbook.core.limits.length import Length
from labbook.db import db, transactional
from labbook.models import Claim, Hold, Resource, Unit
from tests.bookings.ruling import rule
from tests.bookings.test_screens_more import panel
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

pytestmark = on_sqlite

DAILY = {"clash": "move", "every": "day", "count": "60"}


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Counter[Interval]:
    """How often each time was judged in search of one that is free."""
    counted: Counter[Interval] = Counter()
    would_do = free._Search.would_do

    def counting(search: free._Search, wanted: Interval) -> bool:
        counted[wanted] += 1
        return would_do(search, wanted)

    monkeypatch.setattr(free._Search, "would_do", counting)
    return counted


@transactional
def _change(**terms: Amount) -> None:
    db.session.execute(update(Resource).where(Resource.slug == "tsukuba-plain").values(**terms))


@transactional
def _fill(hours: int) -> None:
    unit_id = db.session.scalars(select(Unit.id).join(Resource).where(Resource.slug == "tsukuba-plain")).one()
    for start in (NOW + number * timedelta(hours=1) for number in range(hours)):
        held = Hold(unit_id=unit_id, claim=Claim(), starts_at=start, ends_at=start + timedelta(minutes=40))
        db.session.add(held)


def test_no_time_is_judged_twice_for_a_rule(app: Flask, lab: Cast, tried: Counter[Interval]) -> None:
    _change(horizon=Amount.parse("120 d"))
    rule("tsukuba-plain", Length(longest=30))
    text = panel(Visitor(app, "alan"), "tsukuba-plain", **DAILY)
    assert "None of these dates is possible" in text
    assert len(tried) > 2000 and max(tried.values()) <= 2  # once more for the advice about the first date


def test_no_time_is_judged_twice_where_all_is_taken(app: Flask, lab: Cast, tried: Counter[Interval]) -> None:
    _fill(70 * 24)
    text = panel(Visitor(app, "alan"), "tsukuba-plain", **DAILY)
    assert "None of these dates is possible" in text
    assert len(tried) > 1000 and max(tried.values()) <= 2


def test_a_date_moves_where_those_before_it_could_not(app: Flask, lab: Cast) -> None:
    """What was refused for being out of sight is looked at again once it is in sight."""
    _fill(12 * 24)
    text = panel(Visitor(app, "alan"), "tsukuba-plain", clash="move", every="day", count="8")
    assert "Moved to" in text and "Not possible" in text
