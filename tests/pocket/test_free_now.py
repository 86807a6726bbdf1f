"""What is free now: exactly what the judge would let one have, and of the rest no more than everybody may know."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from labbook.core.language import Words
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Closure, Favourite, Resource
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource
from tests.conftest import Clock
from tests.statements import counted, unlike


def section(text: str, heading: str) -> list[str]:
    """The resources that stand below a heading, by the last part but one of their addresses."""
    found = re.search(rf"<h2>{heading} .*?</details>", text, re.DOTALL)
    return re.findall(r'href="/resources/([\w-]+)/now"', found.group(0)) if found else []


def test_it_lists_what_the_reader_may_have_now_and_says_until_when(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T12:00", "2026-11-23T13:00").status_code == 303
    page = Visitor(app, "alan").get("/now")
    free = section(page.text, "Imaging")
    assert {"tsukuba-plain", "tsukuba-hood", "tsukuba-bench", "tsukuba-asked"} <= set(free)
    assert "tsukuba-sorter" not in page.text  # staff run it: nobody walks up to it
    row = page.text[page.text.index("/resources/tsukuba-plain/now") :].split("</a>")[0]
    assert "until 11:45" in row  # a rival's booking with the time kept free before it, and not whose it is
    assert "3 of 3 free" in page.text


@on_sqlite
def test_what_one_may_not_have_now_stands_apart_with_the_reason(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/now")  # has no laser sign-off
    assert section(page.text, "Free, but not for you now") == ["tsukuba-confocal-1"]
    assert "training that you do not hold" in page.text
    assert "tsukuba-confocal-1" in section(Visitor(app, "cora").get("/now").text, "Imaging")


@on_sqlite
def test_what_is_in_use_or_closed_says_when_it_is_free_again(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T09:00", "2026-11-23T11:00").status_code == 303
    _close("tsukuba-daytime", lab)
    page = Visitor(app, "alan").get("/now")
    assert section(page.text, "In use or closed") == ["tsukuba-plain", "tsukuba-daytime"]
    assert "free again from 11:15" in page.text
    assert "free again from 12:00" in page.text


@transactional
def _close(slug: str, lab: Cast) -> None:
    number = db.session.query(Resource.id).filter_by(slug=slug).scalar()
    time = {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=3)}
    row = {"site_id": lab.sites["tsukuba"], "resource_id": number, "reason": Words("Repair", "修理")}
    db.session.add(Closure(**row, **time))


@on_sqlite
def test_what_begins_within_the_hour_is_named_with_its_start(app: Flask, lab: Cast, clock: Clock) -> None:
    assert Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T09:00", "2026-11-23T10:00").status_code == 303
    clock.now = NOW + timedelta(minutes=50)
    page = Visitor(app, "alan").get("/now")
    row = page.text[page.text.index("/resources/tsukuba-plain/now") :].split("</a>")[0]
    assert "from 10:30" in row  # till 10:15 it is cleaned, and it starts on the half hour


@on_sqlite
def test_favourites_come_first_and_the_area_is_remembered(app: Flask, lab: Cast) -> None:
    _star(lab.people["alan"], "tsukuba-hood")
    visitor = Visitor(app, "alan")
    page = visitor.get("/now?site=tsukuba&area=imaging")
    assert section(page.text, "Favourites") == ["tsukuba-hood"]
    assert "tsukuba-hood" not in section(page.text, "Imaging")
    again = visitor.get("/now")
    assert 'area=imaging" aria-current="true"' in again.text.replace("&amp;", "&")
    elsewhere = visitor.get("/now?site=cambridge")
    assert section(elsewhere.text, "Imaging") == ["cambridge-scope"]
    assert 'area=imaging" aria-current="true"' not in elsewhere.text.replace("&amp;", "&"), "areas belong to one site"
    assert "/resources/cambridge-scope/now" in visitor.get("/now").text


@transactional
def _star(person: int, slug: str) -> None:
    number = db.session.query(Resource.id).filter_by(slug=slug).scalar()
    db.session.add(Favourite(person_id=person, resource_id=number))


@on_sqlite
def test_hidden_resources_and_other_sites_are_not_there_for_those_who_may_not_see_them(app: Flask, lab: Cast) -> None:
    assert "tsukuba-secret" in Visitor(app, "alan").get("/now").text
    ben = Visitor(app, "ben")
    assert "tsukuba-secret" not in ben.get("/now").text
    assert "cambridge-scope" not in Visitor(app, "chika").get("/now?site=cambridge").text  # Cedar has none there


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "audrey", "ada"])
def test_who_books_for_nobody_sees_how_things_stand(app: Flask, lab: Cast, name: str) -> None:
    page = Visitor(app, name).get("/now?site=tsukuba")
    assert page.status_code == 200
    assert "/resources/tsukuba-plain/now" in page.text


@on_sqlite
def test_whose_agreement_has_ended_reads_what_to_do(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "dora").get("/now")
    assert page.status_code == 200
    assert "/resources/tsukuba" not in page.text
    assert "ask your coordinator" in page.text


@on_sqlite
@pytest.mark.parametrize(
    "query", ["site=%00", "area=nowhere", "site=tsukuba&area=imaging&area=x", "site=" + "x" * 3000]
)
def test_odd_questions_are_answered_with_the_usual_page(app: Flask, lab: Cast, query: str) -> None:
    assert Visitor(app, "alan").get(f"/now?{query}").status_code == 200


@on_sqlite
def test_it_takes_as_many_statements_for_few_resources_as_for_many(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "alan")
    visitor.get("/now")
    with counted() as few:
        visitor.get("/now")
    _many(lab)
    with counted() as many:
        page = visitor.get("/now")
    assert "tsukuba-more-29" in page.text
    assert len(many) == len(few), unlike(few, many)


@transactional
def _many(lab: Cast) -> None:
    for number in range(30):
        asks = Asks.ALWAYS if number % 3 else Asks.NEVER
        add_resource(lab.sites["tsukuba"], f"tsukuba-more-{number}", pieces=1 + number % 3, asks=asks)


@on_sqlite
def test_the_site_that_is_marked_is_the_one_that_is_shown(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    for before, shown in (("cambridge", "tsukuba"), ("tsukuba", "cambridge")):
        assert alan.get(f"/sites/{before}/day").status_code == 200
        page = alan.get(f"/now?site={shown}").text
        assert re.findall(r'href="/sites/(\w+)/day" aria-current="true"', page) == [shown]
