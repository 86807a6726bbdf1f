"""The page on which one makes and revokes links."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.db import db
from labbook.feeds.service import making as service
from labbook.models import Feed
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock, application, let_go
from tests.feeds.reading import feed

FIELDS = {"name": "My phone", "scope": "mine", "detail": "full", "language": "en", "resource": "", "site": ""}


def count() -> int:
    """How many feeds there are."""
    db.session.remove()
    return db.session.scalar(select(func.count(Feed.id))) or 0


def link_in(text: str) -> str:
    """The link that a page shows."""
    found = re.search(r'id="made-url"[^>]*value="([^"]+)"', text)
    assert found is not None
    return found[1]


def test_a_link_is_made_shown_once_and_opens_the_feed(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    made = hana.submit(hana.get("/feeds"), "/feeds", name="My phone")
    assert made.status_code == 201
    link = link_in(made.text)
    assert link.startswith(app.config["BASE_URL"] + "/feeds/")
    assert link.endswith("/my-phone.ics")
    assert "webcal://" + link.partition("://")[2] in made.text
    assert made.headers["Referrer-Policy"] == "no-referrer"
    assert made.headers["Cache-Control"] == "no-store"
    assert "Location" not in made.headers
    path = link.removeprefix(app.config["BASE_URL"])
    assert Visitor(app).get(path).status_code == 200
    later = hana.get("/feeds").text
    assert "My phone" in later
    assert path.split("/")[2] not in later


@on_sqlite
def test_the_page_says_when_a_feed_was_last_read(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    path = feed(lab, "alan")
    assert "not fetched yet" in alan.get("/feeds").text
    Visitor(app).get(path)
    clock.now = NOW + timedelta(hours=2)
    assert "last fetched 2 hours ago" in alan.get("/feeds").text


def test_revoking_ends_one_link_for_good(app: Flask, lab: Cast) -> None:
    alan, paths = Visitor(app, "alan"), [feed(lab, "alan", title=title) for title in ("Phone", "Laptop")]
    page = alan.get("/feeds")
    key = db.session.scalars(select(Feed.key).where(Feed.name == "Phone")).one()
    answer = alan.submit(page, f"/feeds/{key}/revoke")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feeds")
    assert [Visitor(app).get(path).status_code for path in paths] == [410, 200]
    assert alan.submit(page, f"/feeds/{key}/revoke").status_code == 303  # twice is as good as once
    assert "Revoked" in alan.get("/feeds").text


@on_sqlite
def test_nobody_revokes_anothers_feed(app: Flask, lab: Cast) -> None:
    path = feed(lab, "alan")
    key = db.session.scalars(select(Feed.key)).one()
    for name in ("ben", "cora", "hana", "sora", "ada"):
        assert Visitor(app, name).post(f"/feeds/{key}/revoke").status_code == 404
    assert Visitor(app).post(f"/feeds/{key}/revoke").status_code == 303  # to the sign-in page
    assert Visitor(app).get(path).status_code == 200
    assert Visitor(app, "ben").get(f"/feeds/{key}/revoke").status_code == 405


@on_sqlite
@pytest.mark.parametrize("name", ["ben", "cora", "ada", "dora", "chika"])
def test_only_staff_follow_a_site(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    for site in ("tsukuba", "cambridge", "nowhere"):
        assert visitor.post("/feeds", **{**FIELDS, "scope": "site", "site": site}).status_code == 422
    assert count() == 0


@on_sqlite
def test_staff_follow_their_own_site_only(app: Flask, lab: Cast) -> None:
    sam = Visitor(app, "sam")
    assert sam.post("/feeds", **{**FIELDS, "scope": "site", "site": "tsukuba"}).status_code == 422
    assert sam.post("/feeds", **{**FIELDS, "scope": "site", "site": "cambridge"}).status_code == 201


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Give it a name, as in “My phone”."),
        ("name", "x" * 61, "At most 60 characters, please. Shorten it."),
        ("name", "a\x00b", "It holds invisible control characters."),
        ("name", "a\u202eb", "It holds invisible control characters."),
        ("scope", "everything", "Choose one from the list."),
        ("detail", "more", "Choose one from the list."),
        ("language", "fr", "Choose one from the list."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(app: Flask, lab: Cast, field: str, value: str, said: str) -> None:
    answer = Visitor(app, "alan").post("/feeds", **{**FIELDS, field: value})
    assert answer.status_code == 422
    beside = re.search(rf'<ul class="errors" id="{field}-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert said in beside[0]
    assert count() == 0


@on_sqlite
def test_what_was_typed_is_kept_and_harmless(app: Flask, lab: Cast) -> None:
    nasty = '"><script>alert(1)</script>{{7*7}}'
    alan = Visitor(app, "alan")
    answer = alan.post("/feeds", **{**FIELDS, "name": nasty, "detail": "busy", "language": "fr"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    fields = form_of(answer, "/feeds").fields
    assert (fields["name"], fields["detail"]) == (nasty, "busy")
    made = alan.post("/feeds", **{**FIELDS, "name": nasty})
    assert made.status_code == 201
    assert "<script>alert" not in made.text
    assert "49" not in made.text.split("Your link to")[1].split("</h2>")[0]


@on_sqlite
def test_a_link_is_short_enough_for_every_client(lab: Cast, database: str) -> None:
    host = "h" * 36 + ".lab"
    app = application(database, CLOCK=lambda: NOW, BASE_URL=f"https://{host}")
    with app.app_context():
        hana = Visitor(app, "hana")
        for name in ("x" * 60, "私の予定", "Zeiss LSM 900 confocal, Cambridge, all of it"):
            link = link_in(hana.post("/feeds", **{**FIELDS, "name": name}).text)
            assert len(link) < 116, link
            assert re.fullmatch(r"[a-z0-9-]+\.ics", link.rsplit("/", 1)[1])
        let_go()


@on_sqlite
def test_there_is_an_end_to_feeds(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_FEEDS", 2)
    alan = Visitor(app, "alan")
    assert [alan.post("/feeds", **FIELDS).status_code for _ in range(3)] == [201, 201, 409]
    assert count() == 2
    assert "You have as many feeds as one may have." in alan.post("/feeds", **FIELDS).text


@on_sqlite
def test_signed_out_one_makes_no_feeds(app: Flask, lab: Cast) -> None:
    assert Visitor(app).get("/feeds").headers["Location"].startswith("/sign-in?next=")
    assert Visitor(app).post("/feeds", **FIELDS).status_code == 303
    assert count() == 0
