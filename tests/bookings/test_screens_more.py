"""The booking form for more than one unit at one time: sets, units and series; works, wrong, without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Booking, Request, SkippedDate
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

WANTED = "2026-11-24T10:00", "2026-11-24T11:00"
WEEKLY = {"every": "week", "count": "3"}


def counted() -> tuple[int, int, int]:
    """How many requests, bookings and skipped dates there are."""
    db.session.remove()
    tables = (Request, Booking, SkippedDate)
    return tuple(db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)  # type: ignore[return-value]


def panel(visitor: Visitor, slug: str, **fields: str) -> str:
    """What the rules say while one types."""
    page = visitor.get(f"/resources/{slug}/book?from={WANTED[0]}&to={WANTED[1]}&exact=1")
    answer = visitor.submit_to(f"/resources/{slug}/findings", page, f"/resources/{slug}/book", title="Ask", **fields)
    assert answer.status_code == 200
    return answer.text


def lines(text: str) -> list[tuple[str, str]]:
    """The effect and the words of each line of the panel."""
    found = re.findall(r'<li class="finding effect-(\w+)">.*?</span>(.*?)</div></li>', text, re.S)
    return [(effect, re.sub(r"<[^>]+>", " ", words).strip()) for effect, words in found]


def sent(visitor: Visitor, slug: str, **fields: str) -> TestResponse:
    """Send the form."""
    return visitor.book(slug, *WANTED, **fields)


def test_a_series_is_sent_by_the_form_and_shows_its_dates(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T11:00")
    alan = Visitor(app, "alan")
    answer = sent(alan, "tsukuba-plain", **WEEKLY)
    assert answer.status_code == 303
    assert counted() == (2, 3, 1)
    page = alan.get(answer.headers["Location"]).text
    for day in ("24 Nov 2026", "8 Dec 2026"):
        assert day in page


@on_sqlite
def test_the_panel_lists_each_date_with_its_reason(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T11:00")
    text = panel(Visitor(app, "alan"), "tsukuba-plain", **WEEKLY)
    assert "2 of 3 dates are possible" in text
    found = lines(text)
    assert [effect for effect, _ in found] == ["kept", "refuse", "kept"]
    assert "1 Dec 2026" in found[1][1]
    assert counted()[0] == 1


@on_sqlite
def test_the_panel_says_where_a_date_would_go(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T11:00")
    text = panel(Visitor(app, "alan"), "tsukuba-plain", clash="move", **WEEKLY)
    assert "All 3 dates are free" in text
    assert "Moved to" in text


@on_sqlite
def test_a_set_is_sent_by_the_form(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    fields = {"what1": "tsukuba-hood", "after1": "60", "minutes1": "30"}
    assert "All 2 are free together" in panel(alan, "tsukuba-plain", **fields)
    assert sent(alan, "tsukuba-plain", **fields).status_code == 303
    times = sorted(one.wall_start for one in db.session.scalars(select(Booking)))
    assert times == ["2026-11-24T10:00", "2026-11-24T11:00"]
    assert counted() == (1, 2, 0)


@on_sqlite
def test_two_units_are_sent_by_the_form(app: Flask, lab: Cast) -> None:
    assert sent(Visitor(app, "alan"), "tsukuba-hood", units="2").status_code == 303
    assert counted() == (1, 2, 0)


@on_sqlite
def test_a_set_that_is_not_possible_comes_back_with_every_part(app: Flask, lab: Cast) -> None:
    Visitor(app, "ben").book("tsukuba-plain", *WANTED)
    answer = sent(Visitor(app, "alan"), "tsukuba-hood", what1="tsukuba-plain", title="Kept words")
    assert answer.status_code == 409
    assert [effect for effect, _ in lines(answer.text)] == ["kept", "refuse"]
    assert "Not possible together" in answer.text
    assert "Kept words" in answer.text
    assert counted() == (1, 1, 0)


BAD = {
    "no end": ({"every": "day"}, "Say when it ends"),
    "ten thousand": ({"every": "day", "count": "10000"}, "60"),
    "ends before it starts": ({"every": "week", "until": "2026-11-01"}, "It ends before it starts."),
    "zero steps": ({"every": "day", "count": "3", "step": "0"}, "a whole number from 1"),
    "words for a number": ({"every": "day", "count": "many"}, "Give a whole number."),
    "unknown kind": ({"every": "yearly", "count": "2"}, "Choose one from the list."),
    "no weekday": ({"every": "week", "count": "2", "weekday": "9"}, "Choose one from the list."),
    "unknown resource": ({"what1": "tsukuba-secret"}, "Choose one from the list."),
    "too many units": ({"units": "3"}, "fewer"),
    "no units": ({"units": "0"}, "Enter a number from 1 to 24."),
    "far later": ({"what1": "tsukuba-hood", "after1": "99999"}, "-1440"),
}


@on_sqlite
@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_asked_for_is_said_beside_its_field(app: Flask, lab: Cast, case: str) -> None:
    fields, sentence = BAD[case]
    answer = sent(Visitor(app, "ben"), "tsukuba-plain", title="Kept words", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Kept words" in answer.text
    assert counted() == (0, 0, 0)
    assert sentence in panel(Visitor(app, "ben"), "tsukuba-plain", **fields)


@on_sqlite
def test_what_a_partner_may_not_see_is_not_offered_with_it(app: Flask, lab: Cast) -> None:
    page = "/resources/tsukuba-plain/book"
    assert "Secret suite" in Visitor(app, "alan").get(page).text
    assert "Secret suite" not in Visitor(app, "ben").get(page).text


@on_sqlite
def test_a_link_fills_what_else_is_wanted(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/resources/tsukuba-plain/book?also=tsukuba-hood:60:30,tsukuba-nowhere")
    assert re.search(r'<option value="tsukuba-hood" selected>', page.text)
    assert 'name="minutes1" type="number" value="30"' in page.text or 'value="30"' in page.text


@on_sqlite
def test_in_japanese_too(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "hana").get("/resources/tsukuba-plain/book").text
    assert "繰り返す" in page
    assert "ほかのものも一緒に予約する" in page


@on_sqlite
def test_the_history_says_once_what_happened_to_all_dates(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(sent(alan, "tsukuba-plain", **WEEKLY).headers["Location"]).text
    assert page.count("<strong>Asked for</strong>") == 1
    assert "3 bookings" in page


@on_sqlite
@pytest.mark.parametrize("also", ["tsukuba-hood:--5", "tsukuba-hood:²:²", "tsukuba-hood:5:x:y", ":::", "," * 50])
def test_a_link_that_makes_no_sense_is_a_plain_form(app: Flask, lab: Cast, also: str) -> None:
    assert Visitor(app, "alan").get("/resources/tsukuba-plain/book", query_string={"also": also}).status_code == 200
