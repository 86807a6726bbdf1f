"""What was used stays held: its past time, and its clean-down, so that nobody sees where a booking ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.core.feeds import Scope
from labbook.db import db
from labbook.models import Booking, Hold, Resource
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import feed, fetched
from tests.messages.conftest import NEW, unit_key

PLAIN = "tsukuba-plain"  # a quarter of an hour before and after
DAY = "/sites/tsukuba/day?on=2026-11-23"


@pytest.fixture
def at(clock: Clock) -> Callable[[str], None]:
    """Lets it become this time of the Monday in Tsukuba, as in 11:00:17; the worker has looked."""

    def become(wall: str) -> None:
        clock.now = datetime.fromisoformat(f"2026-11-23T{wall}+09:00").astimezone(NOW.tzinfo)
        service.tick(now=clock.now)

    return become


def book(app: Flask, who: str, start: str, end: str) -> str:
    """Book the plate reader that Monday; returns the page of the request."""
    answer = Visitor(app, who).book(PLAIN, f"2026-11-23T{start}", f"2026-11-23T{end}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def held() -> list[str]:
    """All holds, by the clocks of Tsukuba."""
    db.session.remove()
    zone = timedelta(hours=9)
    rows = db.session.scalars(select(Hold).order_by(Hold.starts_at))
    return [f"{one.starts_at + zone:%H:%M:%S}-{one.ends_at + zone:%H:%M:%S}" for one in rows]


def busy_revision() -> int:
    """What raises a rival's feed of the plate reader."""
    db.session.remove()
    return db.session.scalars(select(Resource.busy_revision).where(Resource.slug == PLAIN)).one()


# --- finished ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", ["11:00:17", "11:16:00", "12:29:59"])
def test_where_one_booking_of_a_block_ends_does_not_show(
    app: Flask, lab: Cast, at: Callable[[str], None], ended: str
) -> None:
    """Two of Hana's are one block from 09:45 to 12:45, before, and after the first has ended."""
    book(app, "hana", "10:00", "11:00")
    book(app, "hana", "11:30", "12:30")
    path = feed(lab, "ben", Scope.RESOURCE, about=PLAIN)
    at("10:59:59")
    ben, calendar = Visitor(app, "ben"), Visitor(app)
    before = fetched(calendar, path)
    assert "09:45–12:45" in ben.get(DAY).text
    at(ended)
    assert "09:45–12:45" in ben.get(DAY).text
    after = fetched(calendar, path)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    unit = unit_key(PLAIN)
    asking = [ben.get(NEW, query_string={"unit": unit, "at": f"2026-11-23T{one}"}) for one in ("10:30", "11:45")]
    assert [one.status_code for one in asking] == [200, 200]
    assert len({tuple(re.findall(r"<option[^>]*value=.([^\"']+)", one.text)) for one in asking}) == 1


def test_nobody_books_into_the_clean_down(app: Flask, lab: Cast, at: Callable[[str], None]) -> None:
    book(app, "hana", "10:00", "11:00")
    at("11:00:00")
    assert held() == ["09:45:00-11:15:00"]
    ben = Visitor(app, "ben")
    refused = ben.book(PLAIN, "2026-11-23T11:00", "2026-11-23T12:00")
    assert refused.status_code == 409
    assert "Someone else holds this time" in refused.text
    book(app, "ben", "11:30", "12:30")


@on_sqlite
def test_what_is_long_over_still_looks_as_it_did(app: Flask, lab: Cast, at: Callable[[str], None]) -> None:
    """One after the other by the same person and by two people is one block to a rival, for ever."""
    book(app, "hana", "10:00", "11:00")
    book(app, "alan", "11:30", "12:30")
    at("16:00:00")
    page = steady(Visitor(app, "ben").get(DAY).text)
    assert "09:45–12:45" in page
    mine = Visitor(app, "hana").get("/bookings").text
    assert "Now and next" not in mine


# --- released ---------------------------------------------------------------------------------------------------------


def test_a_release_leaves_what_was_used_and_its_clean_down(app: Flask, lab: Cast, at: Callable[[str], None]) -> None:
    page, hana = book(app, "hana", "10:00", "14:00"), Visitor(app, "hana")
    at("10:20:30")
    before = busy_revision()
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    assert held() == ["09:45:00-10:36:00"]
    assert busy_revision() == before + 1
    ben = Visitor(app, "ben")
    assert "09:45–10:36" in ben.get(DAY).text
    assert ben.book(PLAIN, "2026-11-23T10:30", "2026-11-23T11:30").status_code == 409
    book(app, "ben", "11:00", "12:00")
    assert "Now and next" not in hana.get("/bookings").text


def test_a_release_in_the_last_minute_changes_nothing_for_rivals(
    app: Flask, lab: Cast, at: Callable[[str], None]
) -> None:
    page, hana = book(app, "hana", "10:00", "11:00"), Visitor(app, "hana")
    at("10:59:01")
    before = busy_revision()
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    assert held() == ["09:45:00-11:15:00"]
    assert busy_revision() == before
    db.session.remove()
    assert str(db.session.scalars(select(Booking.state)).one()) == "released"


@on_sqlite
def test_a_release_at_the_very_start_holds_a_minute(app: Flask, lab: Cast, at: Callable[[str], None]) -> None:
    page, hana = book(app, "hana", "10:00", "11:00"), Visitor(app, "hana")
    at("10:00:00")
    assert hana.submit(hana.get(page), "/cancel").status_code == 303
    assert held() == ["09:45:00-10:16:00"]
