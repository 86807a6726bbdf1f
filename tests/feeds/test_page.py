"""The page on which one makes, renews and revokes links."""

from __future__ import annotations

import re
from configparser import ConfigParser
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.core.feeds import Detail, Scope, Takes
from labbook.db import db
from labbook.feeds.service import making as service
from labbook.models import Event, Feed, Partner
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock, application, let_go
from tests.feeds.reading import feed

TICKED = {"waiting": "y", "cancelled": "y", "closures": "y"}
FIELDS = {
    **{"name": "My phone", "about": "mine", "detail": "full", "language": "en", "history_days": "30"},
    "alarm_minutes": "",
    **TICKED,
}


def count() -> int:
    """How many feeds there are."""
    db.session.remove()
    return db.session.scalar(select(func.count(Feed.id))) or 0


def only_feed() -> Feed:
    """The one feed that there is."""
    db.session.remove()
    return db.session.scalars(select(Feed)).one()


def link_in(text: str) -> str:
    """The link that a page shows."""
    found = re.search(r'id="made-url"[^>]*value="([^"]+)"', text)
    assert found is not None
    return found[1]


def path_in(app: Flask, text: str) -> str:
    """The same without the host."""
    return link_in(text).removeprefix(app.config["BASE_URL"])


def test_a_link_is_made_shown_once_and_opens_the_feed(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    made = hana.submit(hana.get("/feeds"), "/feeds", name="My phone")
    assert made.status_code == 201
    link = link_in(made.text)
    assert link.startswith(app.config["BASE_URL"] + "/feeds/")
    assert link.endswith("/my-phone.ics")
    webcal = "webcal://" + link.partition("://")[2]
    assert f'href="{webcal}"' in made.text
    assert f"https://calendar.google.com/calendar/r?cid={webcal.replace(':', '%3A').replace('/', '%2F')}" in made.text
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in made.text
    assert made.headers["Referrer-Policy"] == "no-referrer"
    assert made.headers["Cache-Control"] == "no-store"
    assert "Location" not in made.headers
    token = link.split("/")[-2]
    assert token not in str(made.headers)
    assert Visitor(app).get(path_in(app, made.text)).status_code == 200
    later = hana.get("/feeds").text
    assert "My phone" in later
    assert token not in later


@on_sqlite
def test_the_lines_for_vdirsyncer_and_khal_are_all_that_they_need(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    made = hana.submit(hana.get("/feeds"), "/feeds", name="My phone").text
    read = [ConfigParser() for _ in ("vdirsyncer", "khal")]
    for program, lines in zip(read, re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", made, re.DOTALL), strict=True):
        program.read_string(unescape(lines).replace("[[", "[").replace("]]", "]"))
    vdirsyncer, khal = read
    assert vdirsyncer.sections() == ["general", "pair labbook", "storage labbook_feed", "storage labbook_local"]
    assert vdirsyncer["general"]["status_path"]
    assert vdirsyncer["storage labbook_feed"]["url"] == f'"{link_in(made)}"'
    assert vdirsyncer["storage labbook_local"]["path"] == f'"{khal["labbook"]["path"]}"'
    assert khal["labbook"]["readonly"] == "True"


@on_sqlite
@pytest.mark.parametrize(("name", "told"), [("alan", True), ("sam", False)])
def test_only_those_for_whom_it_is_so_read_that_others_are_just_busy(
    app: Flask, lab: Cast, name: str, told: bool
) -> None:
    assert ("always just “busy”" in Visitor(app, name).get("/feeds").text) is told


@on_sqlite
def test_a_feed_takes_in_what_was_chosen_and_the_usual_things_unasked(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    assert alan.submit(alan.get("/feeds"), "/feeds", name="Usual").status_code == 201
    usual = only_feed()
    assert (usual.scope, usual.detail, usual.language) == (Scope.MINE, Detail.FULL, "en")
    assert service.Wanted("", Scope.MINE, Detail.FULL, "en").takes == Takes()
    assert (usual.waiting, usual.cancelled, usual.closures, usual.buffers, usual.expands) == (True,) * 3 + (False,) * 2
    assert (usual.history_days, usual.alarm_minutes) == (30, None)
    alan.submit(alan.get("/feeds"), f"/feeds/{usual.key}/revoke")
    chosen = {"name": "Mine", "detail": "full", "language": "ja", "history_days": "90", "alarm_minutes": "30"}
    assert alan.post("/feeds", about="mine", expands="y", closures="y", **chosen).status_code == 201
    db.session.remove()
    other = db.session.scalars(select(Feed).where(Feed.revoked_at.is_(None))).one()
    assert (other.waiting, other.cancelled, other.closures, other.expands) == (False, False, True, True)
    assert (other.language, other.history_days, other.alarm_minutes) == ("ja", 90, 30)
    said = alan.get("/feeds").text
    for words in ("日本語", "without requests that wait", "series date by date", "90 days back", "Alarm 30 min before"):
        assert words in said


@on_sqlite
@pytest.mark.parametrize(
    ("about", "name", "file", "language"),
    [
        ("mine", "My bookings", "my-bookings", "en"),
        ("mine", "自分の予約", "my-bookings", "ja"),
        ("resource:tsukuba-plain", "Plate reader", "plate-reader", "en"),
        ("resource:tsukuba-plain", "プレートリーダー", "tsukuba-plain", "ja"),
    ],
)
def test_without_a_name_it_is_called_what_it_is_about(
    app: Flask, lab: Cast, about: str, name: str, file: str, language: str
) -> None:
    made = Visitor(app, "alan").post("/feeds", **{**FIELDS, "name": " ", "about": about, "language": language})
    assert made.status_code == 201
    assert only_feed().name == name
    assert link_in(made.text).endswith(f"/{file}.ics")


@on_sqlite
def test_a_link_without_latin_letters_of_its_own_is_called_after_the_partner(app: Flask, lab: Cast) -> None:
    key = db.session.scalars(select(Partner.key).where(Partner.slug == "aoba")).one()
    alan = Visitor(app, "alan")
    made = alan.post("/feeds", **{**FIELDS, "name": "私たちの予定", "about": f"partner:{key}"})
    assert link_in(made.text).endswith("/aoba-bio.ics")
    anew = alan.submit(alan.get("/feeds"), f"/feeds/{only_feed().key}/rotate")
    assert link_in(anew.text).endswith("/aoba-bio.ics")


def test_a_new_link_ends_the_old_one_at_once(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    old = feed(lab, "alan", title="Phone")
    etag = Visitor(app).get(old).headers["ETag"]
    key = only_feed().key
    clock.now = NOW + timedelta(hours=3)
    answer = alan.submit(alan.get("/feeds"), f"/feeds/{key}/rotate")
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    new = path_in(app, answer.text)
    assert new != old
    for known in ("", etag):
        assert Visitor(app).get(old, headers={"If-None-Match": known}).status_code == 410
    assert Visitor(app).get(new).status_code == 200
    kept = only_feed()
    assert (kept.key, kept.rotated_at, kept.created_at) == (key, clock.now, NOW)
    events = db.session.scalars(select(Event.code).where(Event.subject == "feed").order_by(Event.id)).all()
    assert events == ["feed-created", "feed-rotated"]
    clock.now += timedelta(hours=1)
    page = alan.get("/feeds").text
    assert "Made 4 hours ago" in page
    assert "new link 1 hour ago" in page
    assert "Phone" in page


def test_every_link_that_a_feed_ever_had_is_dead(app: Flask, lab: Cast) -> None:
    alan, paths = Visitor(app, "alan"), [feed(lab, "alan")]
    key = only_feed().key
    for _ in range(3):
        paths.append(path_in(app, alan.submit(alan.get("/feeds"), f"/feeds/{key}/rotate").text))
    assert [Visitor(app).get(path).status_code for path in paths] == [410, 410, 410, 200]
    alan.submit(alan.get("/feeds"), f"/feeds/{key}/revoke")
    assert [Visitor(app).get(path).status_code for path in paths] == [410] * 4


@on_sqlite
def test_a_revoked_feed_gets_no_new_link(app: Flask, lab: Cast) -> None:
    alan, path = Visitor(app, "alan"), feed(lab, "alan")
    key, page = only_feed().key, alan.get("/feeds")
    alan.submit(page, f"/feeds/{key}/revoke")
    answer = alan.submit(page, f"/feeds/{key}/rotate")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feeds")
    assert "This feed was revoked. Make a new one instead." in alan.get("/feeds").text
    assert Visitor(app).get(path).status_code == 410


@on_sqlite
def test_the_page_says_when_a_feed_was_last_read_and_by_what(app: Flask, lab: Cast, clock: Clock) -> None:
    alan = Visitor(app, "alan")
    path = feed(lab, "alan")
    assert "not fetched yet" in alan.get("/feeds").text
    Visitor(app).get(path, headers={"User-Agent": "Google-Calendar-Importer"})
    clock.now = NOW + timedelta(hours=2)
    assert "last fetched 2 hours ago by Google Calendar" in alan.get("/feeds").text
    Visitor(app).get(path, headers={"User-Agent": ""})
    assert " by " not in alan.get("/feeds").text.split("last fetched")[1].split("</p>")[0]


def test_revoking_ends_one_link_for_good(app: Flask, lab: Cast) -> None:
    alan, paths = Visitor(app, "alan"), [feed(lab, "alan", title=title) for title in ("Phone", "Laptop")]
    page = alan.get("/feeds")
    key = db.session.scalars(select(Feed.key).where(Feed.name == "Phone")).one()
    answer = alan.submit(page, f"/feeds/{key}/revoke")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feeds")
    assert "The feed is revoked. Its link does not work any more." in alan.get("/feeds").text
    assert [Visitor(app).get(path).status_code for path in paths] == [410, 200]
    assert alan.submit(page, f"/feeds/{key}/revoke").status_code == 303  # twice is as good as once
    assert "Revoked" in alan.get("/feeds").text


@on_sqlite
@pytest.mark.parametrize("verb", ["revoke", "rotate"])
def test_nobody_ends_anothers_feed(app: Flask, lab: Cast, verb: str) -> None:
    path = feed(lab, "alan")
    key = db.session.scalars(select(Feed.key)).one()
    for name in ("ben", "cora", "hana", "sora", "ada"):
        assert Visitor(app, name).post(f"/feeds/{key}/{verb}").status_code == 404
    assert Visitor(app).post(f"/feeds/{key}/{verb}").status_code == 303  # to the sign-in page
    assert Visitor(app).get(path).status_code == 200
    assert Visitor(app, "ben").get(f"/feeds/{key}/{verb}").status_code == 405


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "x" * 61, "At most 60 characters, please. Shorten it."),
        ("name", "a\x00b", "It holds invisible control characters."),
        ("name", "a\u202eb", "It holds invisible control characters."),
        ("about", "everything", "Choose one from the list."),
        ("about", "resource:nowhere", "Choose one from the list."),
        ("detail", "more", "Choose one from the list."),
        ("language", "fr", "Choose one from the list."),
        ("history_days", "4000", "Choose one from the list."),
        ("alarm_minutes", "-5", "Choose one from the list."),
        ("buffers", "y", "Set-up and clean-up are for staff of the place."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(app: Flask, lab: Cast, field: str, value: str, said: str) -> None:
    answer = Visitor(app, "sam").post("/feeds", **{**FIELDS, field: value})
    assert answer.status_code == 422
    beside = re.search(rf'<ul class="errors" id="{field}-errors">.*?</ul>', answer.text, re.S)
    assert beside is not None
    assert said in beside[0]
    assert count() == 0


@on_sqlite
def test_alarms_ring_for_ones_own_bookings_alone(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    wanted = {**FIELDS, "about": "resource:tsukuba-plain", "alarm_minutes": "10"}
    answer = alan.post("/feeds", **wanted)
    assert answer.status_code == 422
    assert "Alarms ring for your own bookings only." in answer.text
    assert '<details class="more" open>' in answer.text  # what is wrong is not folded away
    assert alan.post("/feeds", **{**wanted, "about": "mine"}).status_code == 201


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
    assert "49" not in made.text.split("Your link to")[1].split("</h1>")[0]


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
