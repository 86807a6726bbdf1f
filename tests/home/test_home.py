"""The home page: what is next for its reader, what waits for them, what others did, and what is free."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.bookings.queries import request_by_key
from labbook.db import db
from labbook.models import Booking, Request
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.statements import counted, unlike

ASKED, PLAIN, SECRET = "tsukuba-asked", "tsukuba-plain", "tsukuba-secret"


def section(text: str, name: str) -> str:
    """What a page says in the section whose heading has this id."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.group(0))) if found else ""


@on_sqlite
def test_what_is_next_comes_by_day_with_the_site_s_clock(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book(PLAIN, "2026-11-23T11:00", "2026-11-23T12:00", title="Second")
    alan.book(PLAIN, "2026-11-24T10:00", "2026-11-24T11:30", title="Third")
    alan.book(PLAIN, "2026-11-27T10:00", "2026-11-27T11:30", title="Last")
    said = section(alan.get("/").text, "next")
    order = ["Today · Mon 23 Nov", "11:00–12:00", "begins in 2 hours", "Second"]
    order += ["Tomorrow · Tue 24 Nov", "10:00–11:30", "Third", "Fri 27 Nov", "Last"]
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    assert "JST, UTC+9" in said
    assert "Second" not in Visitor(app, "cora").get("/").text, "a colleague's bookings are not one's own"


@on_sqlite
def test_a_newcomer_is_led_through_the_first_steps_until_they_have_booked(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    said = section(alan.get("/").text, "steps")
    assert "Book your first time" in said
    assert "done: Star what you use often" not in re.sub(r"\s+", " ", said)
    alan.post(f"/favourites/{PLAIN}")
    assert "done: Star what you use often" in re.sub(r"\s+", " ", section(alan.get("/").text, "steps"))
    alan.book(PLAIN, "2026-11-24T10:00", "2026-11-24T11:00")
    assert section(alan.get("/").text, "steps") == ""
    assert section(Visitor(app, "sora").get("/").text, "steps") == "", "staff book for nobody"


@on_sqlite
def test_what_others_did_is_told_once_and_marked_as_new_until_one_has_seen_it(
    app: Flask, lab: Cast, clock: object
) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    alan.book(ASKED, "2026-11-24T10:00", "2026-11-24T11:00", title="Run 12")
    alan.get("/")
    assert "Run 12" not in section(alan.get("/").text, "changed"), "what one did oneself is no news"
    assert "判断待ちの申請が1件あります" in section(sora.get("/").text, "waits")
    clock.now = NOW + timedelta(hours=3)  # type: ignore[attr-defined]
    _approve(lab, "sora", clock.now)  # type: ignore[attr-defined]
    clock.now = NOW + timedelta(hours=4)  # type: ignore[attr-defined]
    for _ in range(2):
        assert "new Approved : Run 12" in section(alan.get("/").text, "changed")
    assert "判断待ち" not in section(sora.get("/").text, "waits")
    clock.now = NOW + timedelta(hours=8)  # type: ignore[attr-defined]
    assert "Approved : Run 12" in (said := section(alan.get("/").text, "changed"))
    assert "new" not in said
    assert "Run 12" not in Visitor(app, "ben").get("/").text


@on_sqlite
def test_a_favourite_says_when_it_is_free_next_and_leads_to_the_form_filled_with_it(app: Flask, lab: Cast) -> None:
    hana, ben = Visitor(app, "hana"), Visitor(app, "ben")
    hana.post(f"/favourites/{PLAIN}")
    ben.book(PLAIN, "2026-11-23T09:00", "2026-11-23T10:00")
    free = re.search(r'<a class="home-free[^"]*" href="([^"]+)"', hana.get("/").text)
    assert free is not None
    url = free.group(1).replace("&amp;", "&")
    form = hana.get(url)
    assert form.status_code == 200
    start = datetime.fromisoformat(url.partition("from=")[2][:16])
    end = datetime.fromisoformat(url.partition("to=")[2][:16])
    assert ben.book(PLAIN, f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}").status_code == 303
    assert url not in hana.get("/").text.replace("&amp;", "&"), "it is taken by now"
    hana.get(f"/favourites/{PLAIN}/remove")
    hana.post(f"/favourites/{PLAIN}/remove")
    assert "home-free" not in hana.get("/").text


@on_sqlite
def test_a_favourite_that_one_may_not_book_yet_says_what_is_missing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.post("/favourites/tsukuba-confocal-1")
    said = section(alan.get("/").text, "favourites")
    assert "Confocal" in said
    assert "Laser sign-off" in said


@on_sqlite
def test_one_checks_in_from_home_and_comes_back_to_it(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").get("/")
    assert page.status_code == 200
    assert 'name="back" value="/"' not in page.text, "nothing to check in for"


@on_sqlite
@pytest.mark.parametrize("name", ["ada", "audrey", "mio", "sora", "two", "cora", "chika", "sam"])
def test_everybody_has_a_home(app: Flask, lab: Cast, name: str) -> None:
    page = Visitor(app, name).get("/")
    assert page.status_code == 200
    assert "Tsukuba" in page.text or "つくば" in page.text


@on_sqlite
def test_whose_agreement_has_ended_reads_why_there_is_nothing(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "dora").get("/")
    assert page.status_code == 200
    assert "No access at present" in page.text


def test_however_much_there_is_the_page_sends_the_same_number_of_statements(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")

    def look() -> list[str]:
        with counted() as sent:
            assert hana.get("/").status_code == 200
        return sent

    def add(day: int) -> None:
        for slug in (PLAIN, ASKED):
            assert hana.book(slug, f"2026-11-{day}T10:00", f"2026-11-{day}T11:00").status_code == 303
        for slug in {24: (PLAIN, ASKED), 25: ("tsukuba-hood", "tsukuba-bench", "tsukuba-sorter")}.get(day, ()):
            hana.post(f"/favourites/{slug}")

    add(24)
    look()
    few = look()
    for day in (25, 26, 27):
        add(day)
    many = look()
    assert len(many) == len(few), unlike(few, many)


def _approve(lab: Cast, who: str, now: datetime) -> None:
    db.session.remove()
    key = db.session.scalars(select(Request.key).join(Booking)).one()
    actor = lab.actor(who, now)
    version = request_by_key(actor, key).version
    db.session.remove()
    service.approve(actor, key, version=version, now=now)
    db.session.remove()
