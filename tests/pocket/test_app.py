"""What makes LabBook an app on a phone: installable, and without a network nothing but one's own bookings ahead."""

from __future__ import annotations

import json
import re
import struct
import zlib
from datetime import timedelta

import pytest
from flask import Flask

from labbook.pocket.icons import png
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

MINE = "/now/mine.json"


@on_sqlite
def test_every_page_leads_to_a_manifest_whose_icons_are_there_in_their_sizes(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    found = re.search(r'<link rel="manifest" href="([^"]+)"', visitor.get("/sign-in").text)
    assert found is not None
    answer = visitor.get(found.group(1))
    assert answer.mimetype == "application/manifest+json"
    said = json.loads(answer.text)
    assert said["display"] == "standalone"
    assert said["start_url"].startswith(said["scope"])
    assert {one["purpose"] for one in said["icons"]} == {"any", "maskable"}
    for one in said["icons"]:
        picture = visitor.get(one["src"])
        assert picture.mimetype == "image/png"
        side = struct.unpack(">II", picture.data[16:24])
        assert one["sizes"] == f"{side[0]}x{side[1]}"
    for shortcut in said["shortcuts"]:
        assert visitor.get(shortcut["url"]).status_code == 303  # to sign in first
    assert visitor.get("/icons/icon-9999.png").status_code == 404


@on_sqlite
@pytest.mark.parametrize(("words", "shortcut"), [("en", "Free now"), ("ja", "今すぐ使える")])
def test_the_manifest_is_in_both_languages(app: Flask, lab: Cast, words: str, shortcut: str) -> None:
    said = json.loads(Visitor(app).get(f"/manifest.webmanifest?lang={words}").text)
    assert said["lang"] == words
    assert said["shortcuts"][0]["name"] == shortcut


@on_sqlite
def test_what_caches_keep_for_everybody_does_not_go_by_who_asks(app: Flask, lab: Cast) -> None:
    for path in ("/manifest.webmanifest", "/manifest.webmanifest?lang=xx", "/sw.js"):
        said = {Visitor(app, name).get(path, headers={"Accept-Language": "ja"}).text for name in (None, "hana", "ben")}
        assert said == {Visitor(app).get(path).text}, path


def test_the_icon_is_a_picture_with_the_drawing_in_it() -> None:
    for fills in (False, True):
        data = png(64, fills=fills)
        rows = zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8])
        assert len(rows) == 64 * (1 + 64 * 4)
        corner, middle = rows[1:5], rows[21 * 257 + 1 + 28 * 4 : 21 * 257 + 1 + 28 * 4 + 4]
        assert corner[3] == (255 if fills else 0)
        assert middle == b"\xff\xff\xff\xff"  # the first bar


@on_sqlite
def test_the_service_worker_answers_for_every_page_and_names_files_that_are_there(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app)
    answer = visitor.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    lines = dict(re.findall(r"^const ([A-Z_]+) = (.+);$", answer.text, re.MULTILINE))
    for path in [*json.loads(lines["FILES"]), *json.loads(lines["OFFLINE"]).values()]:
        assert visitor.get(path).status_code == 200, path
    assert json.loads(lines["SIGN_OUT"]) == "/sign-out"
    assert "/signs/" in json.loads(lines["ELSEWHERE"])


@on_sqlite
def test_the_page_without_a_network_is_the_same_for_everybody(app: Flask, lab: Cast) -> None:
    for words, heading in (("en", "No network"), ("ja", "ネットワークに接続できません")):
        page = Visitor(app, "alan").get(f"/offline/{words}").text
        assert page == Visitor(app).get(f"/offline/{words}").text
        assert heading in page
        assert "Abbott" not in page
    assert Visitor(app).get("/offline/xx").status_code == 404


@on_sqlite
def test_a_phone_shows_what_it_keeps_no_longer_than_a_session_may_last(
    app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SESSION_DAYS", 2)
    assert f'data-oldest="{2 * 86400 * 1000}"' in Visitor(app).get("/offline/en").text


def test_a_phone_keeps_ones_own_bookings_ahead_and_no_others(app: Flask, lab: Cast, clock: Clock) -> None:
    hana = Visitor(app, "hana")
    for visitor, day, title in (
        (hana, 24, "Mine ahead"),
        (hana, 23, "Mine today"),
        (Visitor(app, "alan"), 25, "A colleague's"),
        (Visitor(app, "ben"), 26, "A rival's"),
    ):
        made = visitor.book("tsukuba-plain", f"2026-11-{day}T10:00", f"2026-11-{day}T11:00", title=title)
        assert made.status_code == 303
    clock.now = NOW + timedelta(hours=3)
    said = json.loads(hana.get(MINE).text)
    assert [one["title"] for one in said["bookings"]] == ["Mine ahead"]
    assert said["bookings"][0]["resource"] == "プレートリーダー"
    assert said["bookings"][0]["when"] == "2026年11月24日(火) 10:00～11:00"
    assert said["at"] == "2026年11月23日(月) 12:00 JST"
    assert set(said) == {"who", "at", "bookings"}
    assert set(said["bookings"][0]) == {"title", "resource", "when", "zone", "state", "ends"}
    assert json.loads(Visitor(app, "sora").get(MINE).text)["bookings"] == []
    assert Visitor(app).get(MINE).status_code == 303


@on_sqlite
def test_pages_say_by_a_mark_whose_phone_it_is_and_the_mark_says_nothing_of_them(app: Flask, lab: Cast) -> None:
    def mark(visitor: Visitor) -> str:
        found = re.search(
            r'<meta name="pocket" content="([^"]*)"', visitor.get("/sign-in" if not whose else "/feeds").text
        )
        assert found is not None
        return found.group(1)

    whose = "alan"
    alan, again, ben = (mark(Visitor(app, name)) for name in ("alan", "alan", "ben"))
    assert alan == again != ben
    assert re.fullmatch(r"[0-9a-f]{24}", alan)
    assert json.loads(Visitor(app, "alan").get(MINE).text)["who"] == alan
    whose = ""
    assert mark(Visitor(app)) == ""


@on_sqlite
def test_whose_agreement_has_ended_keeps_nothing_of_what_they_may_not_see_any_more(app: Flask, lab: Cast) -> None:
    assert json.loads(Visitor(app, "dora").get(MINE).text)["bookings"] == []
