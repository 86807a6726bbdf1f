"""What one may not see and what does not exist are the same: status, bytes, headers, and the work behind them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, event, update

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Area, Resource
from tests.browsing import Visitor, on_sqlite, steady, times
from tests.cast import Cast
from tests.privacy.planting import Plants
from tests.privacy.reading import like

HIDDEN, MISSING = "tsukuba-secret", "tsukuba-secres"
VIEWERS = ("ben", "chika", "sam", "dora")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


REQUESTS = [
    ("GET", "/resources/{}", {}),
    ("HEAD", "/resources/{}", {}),
    ("GET", "/resources/{}/book", {}),
    ("POST", "/resources/{}/book", {"title": "A", **times("2026-11-24T10:00", "2026-11-24T11:00")}),
    ("POST", "/resources/{}/book", {}),
    ("POST", "/resources/{}/findings", {**times("2026-11-24T10:00", "2026-11-24T11:00")}),
    ("GET", "/resources/{}/said?from=2026-11-24T10:00&to=2026-11-24T11:00", {}),
    ("GET", "/resources/{}/now", {}),
    ("POST", "/resources/{}/now", {"title": "A", "start": "2026-11-23T01:00Z", "end": "2026-11-23T02:00Z"}),
    ("POST", "/favourites/{}", {}),
    ("POST", "/favourites/{}/remove", {}),
    ("DELETE", "/resources/{}", {}),
    ("GET", "/resources?q={}", {}),
    ("GET", "/sites/tsukuba/day?q={}", {}),
    ("GET", "/sites/tsukuba/week?part=board&q={}", {}),
    ("GET", "/day?q={}", {}),
]


@on_sqlite
@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_hidden_resource_is_like_none_at_all(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    visitor = Visitor(app, viewer)
    token = visitor.good_token()
    for method, path, fields in REQUESTS:
        said = []
        for slug in (HIDDEN, MISSING):
            with statements() as sent:
                data = {"csrf_token": token, **fields} if method == "POST" else None
                answer = visitor.open(path.format(slug), method=method, data=data)
            said.append((like(answer, slug), len(sent)))
        assert said[0] == said[1], f"{method} {path}"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_an_area_with_nothing_but_what_is_hidden_is_like_none_at_all(app: Flask, lab: Cast, viewer: str) -> None:
    with app.app_context():
        _moved_to_an_area_of_its_own(lab.sites["tsukuba"])
    visitor = Visitor(app, viewer)
    for path in ("/sites/tsukuba/day", "/sites/tsukuba/week", "/day", "/now", "/sites/tsukuba/list"):
        said = [like(visitor.get(path, query_string={"area": slug}), slug) for slug in ("vault", "vaulx")]
        assert said[0] == said[1], path
        assert "Vault" not in visitor.get(path).text, path
    if viewer == "ben":
        for name in ("hana", "sora"):
            assert "秘密の区画" in Visitor(app, name).get("/sites/tsukuba/day").text


@transactional
def _moved_to_an_area_of_its_own(site_id: int) -> None:
    area = Area(site_id=site_id, slug="vault", name=Words("Vault of Aoba", "秘密の区画"), position=2)
    db.session.add(area)
    db.session.flush()
    db.session.execute(update(Resource).where(Resource.slug == HIDDEN).values(area_id=area.id))


@on_sqlite
@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_feed_can_be_made_of_a_hidden_resource(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    visitor = Visitor(app, viewer)
    answers = [
        visitor.post("/feeds", name="f", about=f"resource:{slug}", detail="full", language="en")
        for slug in (HIDDEN, MISSING)
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert like(answers[0], HIDDEN) == like(answers[1], MISSING)
    assert HIDDEN not in visitor.get("/feeds").text


def test_a_rivals_request_is_like_none_at_all(app: Flask, lab: Cast, plants: Plants) -> None:
    ben, asked = Visitor(app, "ben"), plants.requests["Waiting"]
    unknown = secrets.token_hex(len(asked) // 2)
    booking, nowhere = plants.bookings["Waiting"], secrets.token_hex(len(plants.bookings["Waiting"]) // 2)
    ben.good_token()
    for method, path, pair in (
        ("GET", "/requests/{}", (asked, unknown)),
        ("POST", "/requests/{}/approve", (asked, unknown)),
        ("POST", "/requests/{}/decline", (asked, unknown)),
        ("POST", "/requests/{}/withdraw", (asked, unknown)),
        ("GET", "/bookings/{}/move", (booking, nowhere)),
        ("POST", "/bookings/{}/move", (booking, nowhere)),
        ("POST", "/bookings/{}/cancel", (booking, nowhere)),
        ("POST", "/feeds/{}/revoke", (plants.others["feed"], nowhere)),
    ):
        said = []
        for key in pair:
            with statements() as sent:
                answer = ben.get(path.format(key)) if method == "GET" else ben.post(path.format(key), version="1")
            assert answer.status_code == 404
            said.append((like(answer, key), len(sent)))
        assert said[0] == said[1], path


@on_sqlite
def test_those_for_whom_it_is_see_it(app: Flask, lab: Cast, plants: Plants) -> None:
    for name in ("hana", "sora", "ada"):
        assert Visitor(app, name).get(f"/resources/{HIDDEN}").status_code == 200


@on_sqlite
def test_a_search_for_a_hidden_word_answers_like_one_for_a_random_word(app: Flask, lab: Cast, plants: Plants) -> None:
    ben = Visitor(app, "ben")
    said = []
    for word in ("Secret", "Zecret", "QuokkaApproved", "Tardigrade", "%", "_"):
        text = steady(ben.get("/resources", query_string={"q": word}).text)
        said.append(re.sub(r'name="(next|q)" value="[^"]*"', "", text))
    assert len(set(said)) == 1
    assert "Nothing found" in said[0]
