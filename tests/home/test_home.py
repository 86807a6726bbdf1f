"""The home page: what is next for its reader, what waits for them, what others did, and what is free."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.queries import request_by_key
from labbook.core.limits.no_show import NoShow
from labbook.db import db, transactional
from labbook.models import Agreement, Booking, PendingChange, Request, TrainingRecord
from tests.bookings.ruling import rule
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.desk.proposing import ask, propose
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
def test_one_checks_in_from_home_and_comes_back_to_it(app: Flask, lab: Cast, clock: Clock) -> None:
    rule(PLAIN, NoShow())
    alan = Visitor(app, "alan")
    alan.book(PLAIN, "2026-11-23T10:00", "2026-11-23T14:00")
    assert "/check-in" not in alan.get("/").text, "an hour before it is too early"
    clock.now = NOW + timedelta(minutes=50)
    answer = alan.submit(alan.get("/"), "/check-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Checked in at" in section(alan.get("/").text, "next")
    assert "/check-in" not in alan.get("/").text, "once is enough"


@on_sqlite
def test_a_long_stay_under_way_is_not_what_is_next_until_it_ends(app: Flask, lab: Cast, clock: Clock) -> None:
    Visitor(app, "alan").book("tsukuba-bench", "2026-11-24T00:00", "2026-11-29T00:00", title="My place")
    for day, is_next in ((0, True), (2, False), (6, True)):
        clock.now = NOW + timedelta(days=day)
        service.tick(now=clock.now)
        said = section(Visitor(app, "alan").get("/").text, "next")
        assert ("My place" in said) is is_next
        assert ("1 more booking" in said) is not is_next
        assert "You have nothing booked" not in said


@on_sqlite
def test_what_stands_in_the_way_already_comes_before_what_only_ends_soon(app: Flask, lab: Cast, clock: Clock) -> None:
    @transactional
    def revoke() -> None:
        of_chika = TrainingRecord.person_id == lab.people["chika"]
        db.session.execute(update(TrainingRecord).where(of_chika).values(expires_on=date(2026, 12, 1)))
        soon = date(2026, 12, 20)
        db.session.execute(update(Agreement).where(Agreement.partner_id == lab.partners["cedar"]).values(ends_on=soon))

    revoke()
    clock.now = NOW + timedelta(days=20)
    said = section(Visitor(app, "chika").get("/").text, "renew")
    assert 0 < said.index("レーザー講習") < said.index("12月20日")


@on_sqlite
def test_a_request_that_waits_for_its_asker_s_answer_does_not_wait_for_staff(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    where = alan.book(ASKED, "2026-11-24T10:00", "2026-11-24T11:00", title="Run 12").headers["Location"]
    assert "判断待ちの申請が1件あります" in section(sora.get("/").text, "waits")
    assert sora.post(f"{where}/ask", text="Which dye?", asks="1").status_code == 303
    assert "判断待ち" not in section(sora.get("/").text, "waits")
    assert "Staff ask something about “Run 12”" in section(alan.get("/").text, "waits")


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


@on_sqlite
def test_a_proposal_waits_for_its_asker_until_it_lapses(app: Flask, lab: Cast, clock: Clock) -> None:
    where = ask(Visitor(app, "alan"))
    assert propose(Visitor(app, "sora"), where).status_code == 303
    assert "Staff propose another time" in section(Visitor(app, "alan").get("/").text, "waits")
    until = db.session.scalars(select(PendingChange.until)).one()
    assert until is not None
    clock.now = until  # the worker has yet to take it back
    assert "Staff propose another time" not in section(Visitor(app, "alan").get("/").text, "waits")


@on_sqlite
def test_an_agreement_that_has_ended_does_not_end_soon(app: Flask, lab: Cast, clock: Clock) -> None:
    assert "Dover" not in section(Visitor(app, "sora").get("/").text, "waits")
    clock.now = NOW + timedelta(days=90)
    said = section(Visitor(app, "sora").get("/").text, "waits")
    assert "Cedar" in said
    assert "2027年3月31日" in said


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


@on_sqlite
def test_days_stand_in_order_for_somebody_who_books_at_sites_a_day_apart(app: Flask, lab: Cast, clock: Clock) -> None:
    """Monday evening in Cambridge is Tuesday in Tsukuba: what begins later by the clock may be of an earlier day."""
    clock.now = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # Tuesday 9:30 in Tsukuba, Monday 19:30 in Cambridge
    alan = Visitor(app, "alan")
    for slug, start, end in (
        ("tsukuba-plain", "2026-11-25T09:00", "2026-11-25T10:00"),
        ("cambridge-scope", "2026-11-24T20:00", "2026-11-24T21:00"),
    ):
        assert alan.book(slug, start, end).status_code == 303
    text = alan.get("/?lang=en").text
    assert text.index("Tue 24 Nov") < text.index("Wed 25 Nov")
