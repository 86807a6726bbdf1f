"""One booking as a file for a calendar: the entry that feeds have, for whoever gets all of it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.feeds import Scope
from labbook.db import db
from labbook.models import Booking, Event
from tests.browsing import Visitor, on_sqlite, steady
from tests.cast import Cast
from tests.feeds.reading import feed, fetched, only

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"


@pytest.fixture
def path(app: Flask, lab: Cast) -> str:
    """Where Hana's booking is."""
    Visitor(app, "hana").book("tsukuba-plain", *WANTED, title="Quokka 細胞")
    return f"/bookings/{db.session.scalars(select(Booking.key)).one()}.ics"


def event(text: str) -> str:
    """The one VEVENT of a calendar."""
    _, begin, rest = text.partition("BEGIN:VEVENT")
    found, end, _ = rest.partition("END:VEVENT")
    assert "BEGIN:VEVENT" not in rest
    return begin + found + end


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_the_entry_that_feeds_have(app: Flask, lab: Cast, path: str, language: str) -> None:
    hana, alan = Visitor(app, "hana"), Visitor(app, "alan")
    for visitor in (hana, alan):
        visitor.post("/language", language=language)
    mine, partners = feed(lab, "hana", language=language), feed(lab, "alan", Scope.RESOURCE, about="tsukuba-plain")
    answer = hana.get(path)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert event(answer.text) == event(fetched(Visitor(app), mine).text)
    if language == "en":
        assert event(alan.get(path).text) == event(fetched(Visitor(app), partners).text)
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@on_sqlite
def test_it_is_for_those_alone_who_get_all_of_the_booking(app: Flask, lab: Cast, path: str) -> None:
    codes = {name: Visitor(app, name).get(path).status_code for name in ("hana", "alan", "sora", "ben", "sam")}
    assert codes == {"hana": 200, "alan": 200, "sora": 200, "ben": 404, "sam": 404}
    ben = Visitor(app, "ben")
    hidden, missing = (ben.get(one).text.replace(one, "") for one in (path, "/bookings/none.ics"))
    assert steady(hidden) == steady(missing)
    stranger = Visitor(app).get(path)
    assert stranger.status_code == 303
    assert "/sign-in" in stranger.headers["Location"]


@on_sqlite
def test_a_look_of_staff_and_of_duty_is_recorded_as_on_the_page(app: Flask, lab: Cast, path: str) -> None:
    def looks() -> int:
        db.session.remove()
        return db.session.scalar(select(func.count(Event.id)).where(Event.code.contains("look"))) or 0

    assert looks() == 0
    Visitor(app, "hana").get(path)
    assert looks() == 0
    for name in ("sora", "ada"):
        before = looks()
        assert Visitor(app, name).get(path).status_code == 200
        assert looks() == before + 1, db.session.scalars(select(Event.code)).all()


@on_sqlite
def test_the_page_of_the_request_leads_there_until_it_is_over(app: Flask, lab: Cast, path: str) -> None:
    hana = Visitor(app, "hana")
    request = db.session.scalars(select(Booking)).one().request.key
    assert path in hana.get(f"/requests/{request}").text
    hana.post(path.replace(".ics", "/cancel"), version=db.session.scalars(select(Booking.version)).one())
    assert path not in hana.get(f"/requests/{request}").text
    assert only(hana.get(path))["STATUS"] == "CANCELLED"
