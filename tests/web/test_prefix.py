"""LabBook below a path of its host, behind proxies that keep that path and proxies that take it off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from flask import Flask

from labbook.web.prefix import Prefix
from tests.browsing import Visitor, on_sqlite, token_of
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import application, let_go

BASE = "https://lab.example/lab/book"
_LEADS = re.compile(r'(?:href|action|src|data-[a-z-]*url|hx-get|hx-post)="(/[^"]*)"')
PAGES = (
    *("/", "/bookings", "/resources", "/resources/tsukuba-plain", "/resources/tsukuba-plain/book", "/feeds", "/inbox"),
    *("/sites/tsukuba/day?on=2026-11-24", "/sites/tsukuba/week?on=2026-11-24", "/sites/tsukuba/residencies"),
    *("/account", "/find", "/trail", "/sites/tsukuba/settings", "/nowhere"),
)


@pytest.fixture
def below(lab: Cast, database: str) -> Iterator[Flask]:
    """The application below a path, over http so that tests keep its cookies."""
    app = application(database, CLOCK=lambda: NOW, BASE_URL=BASE.replace("https", "http"))
    with app.app_context():
        yield app
        let_go()


def everything(app: Flask, name: str) -> Iterator[tuple[str, Any]]:
    """Pages as a proxy asks for them that takes the path off."""
    visitor = Visitor(app, name)
    for path in PAGES:
        yield path, visitor.get(path)


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "sora"])
def test_every_page_leads_on_below_the_path(below: Flask, lab: Cast, name: str) -> None:
    Visitor(below, "hana").book("tsukuba-asked", "2026-11-24T10:00", "2026-11-24T12:00")
    seen = 0
    for path, answer in everything(below, name):
        where = {one for one in _LEADS.findall(answer.text) if not one.startswith("/lab/book/")}
        assert where == set(), path
        seen += len(_LEADS.findall(answer.text))
        assert answer.headers.get("Location", "/lab/book/").startswith("/lab/book/")
    assert seen > 200


@pytest.mark.parametrize(
    ("path", "asked"), [("/bookings", "/bookings"), ("/book/bookings", "/bookings"), ("/book", "/"), ("/book/", "/")]
)
def test_a_path_that_only_begins_like_it_is_not_below_it(path: str, asked: str) -> None:
    def inner(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("303 SEE OTHER", [("Location", environ["PATH_INFO"]), ("Location", f"/book{environ['PATH_INFO']}")])
        return []

    seen: list[tuple[str, str]] = []
    list(Prefix(inner, "/book")({"PATH_INFO": path}, lambda status, headers: seen.extend(headers)))
    assert seen == [("Location", f"/book{asked}")] * 2


@on_sqlite
def test_with_and_without_the_path_it_is_the_same_page(below: Flask, lab: Cast) -> None:
    nobody = Visitor(below)
    for path in ("/bookings", "/lab/book/bookings"):
        answer = nobody.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/lab/book/sign-in?next=/bookings"
    assert nobody.get("/lab/book").headers["Location"].startswith("/lab/book/")
    assert nobody.get("/lab/bookings").status_code == 404  # another path that only begins alike


@on_sqlite
def test_after_signing_in_one_is_where_one_wanted_to_be(below: Flask, lab: Cast) -> None:
    hana = Visitor(below)
    hana.token = token_of(hana.get("/sign-in?next=/resources"))
    answer = hana.post("/sign-in", email="hana@lab.example", password=PASSWORD, next="/resources")
    assert answer.headers["Location"] == "/lab/book/resources"


@on_sqlite
def test_feeds_are_found_where_their_link_says(below: Flask, lab: Cast) -> None:
    hana = Visitor(below, "hana")
    hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00")
    page = hana.get("/feeds")
    made = hana.submit(page, "/lab/book/feeds", name="My phone")
    assert made.status_code == 201
    (link, *_) = re.findall(r"http://lab\.example(/lab/book/feeds/[\w-]+/[\w-]+\.ics)", made.text)
    calendar = Visitor(below)
    for path in (link, link.removeprefix("/lab/book")):
        first = calendar.get(path)
        assert first.status_code == 200
        assert calendar.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "URL:http://lab.example/lab/book/requests/" in first.text.replace("\r\n ", "").replace("VALUE=URI:", "")
    assert calendar.get(link.replace("/feeds/", "/feeds/x")).data == b"There is no such calendar.\n"


@on_sqlite
def test_behind_a_trusted_proxy_that_names_the_path_it_is_named_once(lab: Cast, database: str) -> None:
    app = application(database, CLOCK=lambda: NOW, BASE_URL=BASE, TRUSTED_PROXIES=1)
    with app.app_context():
        for path in ("/bookings", "/lab/book/bookings"):
            answer = Visitor(app).get(path, headers={"X-Forwarded-Prefix": "/lab/book", "X-Forwarded-Proto": "https"})
            assert answer.headers["Location"] == "/lab/book/sign-in?next=/bookings"
        let_go()


@on_sqlite
def test_robots_may_read_feeds_there(below: Flask, lab: Cast) -> None:
    """The host's own /robots.txt is to say the same; Google obeys it when it fetches calendars."""
    rules = RobotFileParser()
    rules.parse(Visitor(below).get("/lab/book/robots.txt").text.splitlines())
    assert rules.can_fetch("Google-Calendar-Importer", "https://lab.example/lab/book/feeds/x/a.ics")
    assert not rules.can_fetch("Google-Calendar-Importer", "https://lab.example/lab/book/requests/x")
