"""The pages of the waiting list: getting into the line, what is kept for one, and what rivals see of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Offer, Wait
from tests.browsing import Visitor, links_of, on_sqlite, steady
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.ruling import add_group
from tests.waiting.line import LONGEST, TWO_HOURS, book, cancel, kept_for, serve, unlike_offers, wait_for, wait_of

pytestmark = on_sqlite
START, END = "2026-11-24T10:00", "2026-11-24T12:00"


def wait_link(page: str) -> str:
    """The link to the form of the waiting list."""
    return next(link for link in links_of(page) if link.startswith("/waiting/new"))


def offered(lab: Cast, who: str = "hana", resource: str = "tsukuba-plain") -> Offer:
    """Time is kept for somebody."""
    taken = book(lab, "ben", resource)
    wait_for(lab, who, f"resource:{resource}")
    cancel(lab, taken)
    serve()
    return kept_for(lab, who)[0]


def test_from_a_refused_booking_into_the_line_and_out_again(app: Flask, lab: Cast) -> None:
    book(lab, "ben")
    hana = Visitor(app, "hana")
    refused = hana.book("tsukuba-plain", START, END)
    assert refused.status_code == 409
    form = hana.get(wait_link(refused.text))
    assert form.status_code == 200
    answer = hana.submit(form, "/waiting/new", title="Plates again")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/waiting")
    page = hana.get("/waiting")
    assert "Plates again" in page.text
    wait = db.session.scalars(select(Wait)).one()
    assert (wait.starts_at, wait.ends_at, wait.minutes) == (TWO_HOURS.start, TWO_HOURS.end, 120)
    left = hana.submit(page, f"/waiting/{wait.key}/leave")
    assert left.status_code == 303
    assert wait_of(wait.key).outcome == "left"
    assert hana.post(f"/waiting/{wait.key}/leave").status_code == 303  # twice is once


def test_where_waiting_would_not_help_it_is_not_offered(app: Flask, lab: Cast) -> None:
    book(lab, "ben", "tsukuba-confocal-1")
    refused = Visitor(app, "alan").book("tsukuba-confocal-1", START, END)  # who has no training
    assert refused.status_code == 409
    assert "/waiting/new" not in refused.text
    free = Visitor(app, "hana").get(f"/resources/tsukuba-plain/book?from={START}&to={END}&exact=1")
    assert "/waiting/new" not in free.text


def test_from_a_search_that_found_nothing(app: Flask, lab: Cast) -> None:
    add_group("tsukuba-plain")
    for hour in (0, 8, 16):
        first = TWO_HOURS.start + timedelta(hours=hour - 10)
        for extra in (timedelta(), timedelta(hours=4)):
            book(lab, "ben", time=type(TWO_HOURS)(first + extra, first + extra + timedelta(hours=3, minutes=30)))
    hana = Visitor(app, "hana")
    found = hana.get("/find?what=group:tsukuba-plain&length=3&unit=h&first=2026-11-24&last=2026-11-24")
    form = hana.get(wait_link(found.text))
    sent = hana.submit(form, "/waiting/new", title="Three hours")
    assert sent.status_code == 303, sent.text[sent.text.index("<main") :][:900]
    wait = db.session.scalars(select(Wait)).one()
    assert (wait.minutes, wait.resource_id, wait.ends_at - wait.starts_at) == (180, None, timedelta(days=1))


def test_what_is_kept_is_accepted_once_and_twice_is_as_good(app: Flask, lab: Cast) -> None:
    key = offered(lab).key
    hana = Visitor(app, "hana")
    page = hana.get("/waiting")
    first = hana.submit(page, f"/offers/{key}/accept")
    again = hana.submit(page, f"/offers/{key}/accept")
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert hana.get(first.headers["Location"]).status_code == 200
    assert hana.submit(page, f"/offers/{key}/refuse").status_code == 409
    assert unlike_offers() == []


def test_no_thanks_and_then_it_is_too_late(app: Flask, lab: Cast, clock: Clock) -> None:
    key = offered(lab).key
    hana = Visitor(app, "hana")
    page = hana.get("/waiting")
    assert hana.submit(page, f"/offers/{key}/refuse").status_code == 303
    assert hana.submit(page, f"/offers/{key}/accept").status_code == 409


def test_a_lapsed_offer_is_not_to_be_had(app: Flask, lab: Cast, clock: Clock) -> None:
    key = offered(lab).key
    hana = Visitor(app, "hana")
    page = hana.get("/waiting")
    clock.now = NOW + LONGEST
    assert f"/offers/{key}" not in hana.get("/waiting").text
    answer = hana.submit(page, f"/offers/{key}/accept")
    assert answer.status_code == 409
    assert "この時間の確保は終了しています。" in answer.text


def test_nobody_else_answers_and_a_wrong_verb_is_none(app: Flask, lab: Cast) -> None:
    offer = offered(lab)
    wait = db.session.get_one(Wait, offer.wait_id)
    keys = {f"/offers/{offer.key}/accept", f"/offers/{offer.key}/refuse", f"/waiting/{wait.key}/leave"}
    for name in ("ben", "alan", "cora", "sora", "ada"):
        visitor = Visitor(app, name)
        assert {path: visitor.post(path).status_code for path in keys} == dict.fromkeys(keys, 404)
        assert "Wish of hana" not in visitor.get("/waiting").text
    hana = Visitor(app, "hana")
    assert {hana.get(path).status_code for path in keys} == {405}
    assert {hana.open(path, method="POST").status_code for path in keys} == {400}
    assert len(kept_for(lab, "hana")) == 1
    assert Visitor(app).get("/waiting").status_code == 303


@pytest.mark.parametrize(
    "path", ["resource:tsukuba-secret", "group:none:tsukuba", "resource:", "thing", "group:x", "a\x00"]
)
def test_what_is_hidden_or_not_there_cannot_be_waited_for(app: Flask, lab: Cast, path: str) -> None:
    ben = Visitor(app, "ben")
    assert ben.get("/waiting/new", query_string={"what": path}).status_code == 404
    assert ben.post("/waiting/new", what=path).status_code == 404


def test_staff_wait_for_nothing(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    assert sora.get("/waiting").status_code == 200
    assert sora.get("/waiting/new?what=resource:tsukuba-plain").status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "短い件名"),
        ({"length": "0"}, "0より大きい"),
        ({"length": "5"}, "長くなっています"),
        ({"end_on": "2026-11-23", "end_at": "11:00"}, "終了"),
        ({"start_on": "2026-11-20", "end_on": "2026-11-20"}, "過ぎている"),
        ({"end_on": "2027-11-24"}, "62日間まで"),
        ({"start_on": "soon"}, "2026-11-23"),
        ({"start_at": ""}, "09:30"),
        ({"partner": "somebody"}, "一覧から"),
        ({"project": "somebody"}, "一覧から"),
        ({"counted": "years"}, "一覧から"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(
    app: Flask, lab: Cast, changes: dict[str, str], said: str
) -> None:
    book(lab, "ben")
    hana = Visitor(app, "hana")
    form = hana.get(f"/waiting/new?what=resource:tsukuba-plain&from={START}&to={END}")
    answer = hana.submit(form, "/waiting/new", **{"title": "Kept words", "purpose": "Kept purpose", **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kept purpose" in answer.text
    assert db.session.scalars(select(Wait)).all() == []


def test_what_is_free_is_booked_instead(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    form = hana.get(f"/waiting/new?what=resource:tsukuba-plain&from={START}&to={END}")
    answer = hana.submit(form, "/waiting/new", title="Plates")
    assert answer.status_code == 409
    link = next(link for link in links_of(answer.text) if "/tsukuba-plain/book?" in link)
    assert f"from={START}" in link


def test_the_place_in_the_line_tells_nothing_of_others(app: Flask, lab: Cast) -> None:
    book(lab, "ben")
    wait_for(lab, "hana")
    hana = Visitor(app, "hana")
    alone = hana.get("/waiting").text
    wait_for(lab, "chika", now=NOW - timedelta(hours=1))
    wait_for(lab, "two", now=NOW - timedelta(minutes=30))
    assert words(hana.get("/waiting").text) == words(alone)


def words(page: str) -> str:
    return steady(page[page.index("<main") : page.index("</main>")])
