"""A favourite that is free at once is had at once."""

from __future__ import annotations

from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast


@on_sqlite
def test_what_is_free_now_leads_to_where_one_says_only_for_how_long(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.post("/favourites/tsukuba-plain")
    line = alan.get("/").text.split('class="home-favourites"')[1].split("</ul>")[0]
    assert "Free now" in line
    assert 'href="/resources/tsukuba-plain/now"' in line
    assert "09:00" not in line, "a first possible end is no time until which it is free"
