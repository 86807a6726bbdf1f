"""The kind of work and the level of the sample, on the booking form."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Area, Booking, Resource
from tests.browsing import Visitor, on_sqlite, times
from tests.cast import Cast

pytestmark = on_sqlite
WANTED = ("2026-11-24T10:00", "2026-11-24T12:00")
MODES = [
    {"slug": "fixed", "en": "Fixed samples", "ja": "固定サンプル"},
    {"slug": "live", "en": "Live imaging", "ja": ""},
]


@pytest.fixture
def visitor(app: Flask, lab: Cast) -> Visitor:
    """Alan, where the plain instrument has two kinds of work and its area is fit for level 2."""
    _differ()
    return Visitor(app, "alan")


@transactional
def _differ(asks: Asks = Asks.NEVER) -> None:
    resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
    resource.modes, resource.asks = MODES, asks
    db.session.get_one(Area, resource.area_id).biosafety = 2


def test_both_are_asked_where_they_matter_and_not_elsewhere(visitor: Visitor) -> None:
    asked = visitor.get("/resources/tsukuba-plain/book").text
    assert "Live imaging" in asked
    assert "BSL-2" in asked
    plain = visitor.get("/resources/cambridge-plain/book").text
    assert "Kind of work" not in plain
    assert "BSL-2" not in plain


def test_they_are_kept_with_the_booking(visitor: Visitor) -> None:
    assert visitor.book("tsukuba-plain", *WANTED, mode="live", biosafety="2").status_code == 303
    made = db.session.scalars(select(Booking)).one()
    assert (made.mode, made.biosafety) == ("live", 2)


def test_without_a_kind_of_work_nothing_is_sent_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    answer = visitor.book("tsukuba-plain", *WANTED, title="Third batch")
    assert answer.status_code == 422
    assert "Choose what kind of work it is" in answer.text
    assert "Third batch" in answer.text
    assert db.session.scalars(select(Booking)).all() == []


@pytest.mark.parametrize(
    "wrong", [{"mode": "other"}, {"mode": "live", "biosafety": "9"}, {"mode": "live", "biosafety": "x"}]
)
def test_what_is_not_offered_cannot_be_chosen(visitor: Visitor, wrong: dict[str, str]) -> None:
    assert visitor.book("tsukuba-plain", *WANTED, **wrong).status_code == 422


def test_a_sample_of_a_higher_level_is_refused_with_the_level(visitor: Visitor) -> None:
    answer = visitor.book("tsukuba-plain", *WANTED, mode="live", biosafety="3")
    assert answer.status_code == 409
    assert "BSL-2" in answer.text


def test_a_link_may_choose_the_kind_of_work(visitor: Visitor) -> None:
    for asked, chosen in (("live", "live"), ("none", "")):
        page = visitor.get(f"/resources/tsukuba-plain/book?mode={asked}").text
        assert f'<option selected value="{chosen}">' in page.split('name="mode"')[1].split("</select>")[0]


def test_whoever_sees_the_request_reads_both_also_when_the_kind_is_gone(app: Flask, visitor: Visitor) -> None:
    page = visitor.book("tsukuba-plain", *WANTED, mode="live", biosafety="2").headers["Location"]
    for who in ("alan", "cora", "sora"):
        text = Visitor(app, who).get(page).text
        assert "Live imaging" in text
        assert "BSL-2" in text
    assert Visitor(app, "ben").get(page).status_code == 404
    assert "Live imaging" not in Visitor(app, "ben").get("/sites/tsukuba/day?on=2026-11-24").text
    _forget()
    assert ">live<" in visitor.get(page).text


def test_sent_twice_with_another_kind_is_said_to_be_another_request(visitor: Visitor) -> None:
    page = visitor.get("/resources/tsukuba-plain/book")
    typed = {"title": "Plates", **times(*WANTED)}
    assert visitor.submit(page, "/book", **typed, mode="live").status_code == 303
    assert visitor.submit(page, "/book", **typed, mode="live").status_code == 303
    assert visitor.submit(page, "/book", **typed, mode="fixed").status_code == 422
    assert len(db.session.scalars(select(Booking)).all()) == 1


def test_the_first_booking_of_a_person_waits_and_later_ones_do_not(app: Flask, visitor: Visitor) -> None:
    _differ(asks=Asks.FIRST)
    page = visitor.book("tsukuba-plain", *WANTED, mode="live").headers["Location"]
    assert visitor.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T12:00", mode="live").status_code == 303
    sora = Visitor(app, "sora")
    assert "最初の予約" in sora.get(page).text
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    assert visitor.book("tsukuba-plain", "2026-11-26T10:00", "2026-11-26T12:00", mode="live").status_code == 303
    db.session.remove()
    states = [str(one) for one in db.session.scalars(select(Booking.state).order_by(Booking.starts_at))]
    assert states == ["approved", "waiting", "approved"]


@transactional
def _forget() -> None:
    db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one().modes = None
