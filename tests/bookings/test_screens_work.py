"""The kind of work and the level of the sample, on the booking form."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db, transactional
from labbook.models import Area, Booking, Resource
from tests.browsing import Visitor, on_sqlite
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
def _differ() -> None:
    resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-plain")).one()
    resource.modes = MODES
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
