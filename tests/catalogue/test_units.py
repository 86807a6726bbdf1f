"""The units of a resource: managers add, name and retire them; what is booked stays; works, wrong, stranger, twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.feeds import Detail, Scope
from labbook.db import db
from labbook.models import Event, Resource, Unit
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast
from tests.feeds.reading import feed, fetched

PATH = "/resources/tsukuba-hood/units"


def stored() -> list[tuple[str, bool]]:
    """The units in order: name, and whether it is in use."""
    db.session.remove()
    found = select(Unit).join(Resource).where(Resource.slug == "tsukuba-hood").order_by(Unit.position)
    return [(one.name, one.is_active) for one in db.session.scalars(found)]


def save(visitor: Visitor, **changes: str) -> Any:
    """Open the page, change some fields and save; an empty text takes a tick away."""
    fields = {**form_of(visitor.get(PATH), PATH).fields, **changes}
    return visitor.post(PATH, **{name: value for name, value in fields.items() if value or "is_active" not in name})


def test_a_manager_adds_names_and_retires_units(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert PATH in mio.get("/resources/tsukuba-hood").text
    changes = {"units-0-name": "Hood A", "units-2-is_active": "", "new": "Hood D\n\nHood E"}
    assert save(mio, **changes).status_code == 303
    assert stored() == [("Hood A", True), ("2", True), ("3", False), ("Hood D", True), ("Hood E", True)]
    page = Visitor(app, "alan").get("/resources/tsukuba-hood/book").text
    assert "Hood E" in page
    assert ">3<" not in page
    said = db.session.scalars(select(Event).where(Event.code == "resource-set")).one().detail.body
    assert said
    assert said["after"]["units"] == ["Hood A", "2", "(3)", "Hood D", "Hood E"]


@on_sqlite
def test_a_unit_that_is_booked_stays_in_use(app: Flask, lab: Cast) -> None:
    alan, mio = Visitor(app, "alan"), Visitor(app, "mio")
    unit = db.session.scalars(select(Unit.key).join(Resource).where(Resource.slug == "tsukuba-hood")).first()
    alan.book("tsukuba-hood", "2026-11-24T10:00", "2026-11-24T11:00", unit=str(unit))
    answer = save(mio, **{"units-0-is_active": "", "units-1-name": "Kept words"})
    assert answer.status_code == 422
    assert "今後の予約が1件あり" in answer.text
    assert "Kept words" in answer.text
    assert stored() == [("1", True), ("2", True), ("3", True)]


WRONG = {
    "twice the same name": ({"units-1-name": "1"}, "同じ名称"),
    "a new one of the same name": ({"new": "2"}, "同じ名称"),
    "no name": ({"units-0-name": "  "}, "ユニットの名称を入力"),
    "too long": ({"new": "x" * 41}, "40文字以内"),
    "none in use": ({f"units-{n}-is_active": "" for n in range(3)}, "少なくとも1つ"),
}


@on_sqlite
@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_said_and_nothing_is_changed(app: Flask, lab: Cast, case: str) -> None:
    changes, sentence = WRONG[case]
    answer = save(Visitor(app, "mio"), **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert stored() == [("1", True), ("2", True), ("3", True)]


@on_sqlite
def test_from_a_page_that_is_out_of_date_nothing_is_changed(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    old = dict(form_of(mio.get(PATH), PATH).fields)
    save(mio, new="Fourth")
    assert mio.post(PATH, **old).status_code == 409
    assert mio.post(PATH, **{**old, "version": "2"}).status_code == 409  # it does not know of the fourth
    assert [name for name, _ in stored()] == ["1", "2", "3", "Fourth"]


@on_sqlite
@pytest.mark.parametrize(("who", "status"), [("alan", 403), ("sora", 403), ("sam", 403), ("ben", 403)])
def test_others_do_not_change_them(app: Flask, lab: Cast, who: str, status: int) -> None:
    visitor = Visitor(app, who)
    assert visitor.get(PATH).status_code == status
    assert visitor.post(PATH, version="1").status_code == status


@on_sqlite
def test_the_calendars_of_whoever_booked_it_say_the_new_name(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").book("tsukuba-hood", "2026-11-24T10:00", "2026-11-24T11:00")
    path = feed(lab, "alan", Scope.MINE, Detail.FULL)
    tag = fetched(Visitor(app), path).headers["ETag"]
    save(Visitor(app, "mio"), **{f"units-{number}-name": f"Hood {number}" for number in range(3)})
    answer = fetched(Visitor(app), path, tag)
    assert answer.status_code == 200
    assert "Hood Hood 0" in answer.text
