"""The form of what is searched: on a phone, too, one sees what was found."""

from __future__ import annotations

from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

FIND = "/find?what=resource:tsukuba-plain&length={}&unit=h&first=2026-11-24&last=2026-11-25"


@on_sqlite
def test_it_leads_down_to_what_was_found_unless_something_is_to_be_put_right(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    found = alan.get(FIND.format("1")).text
    assert 'action="/find#times"' in found
    assert 'id="times"' in found
    assert 'id="times"' not in alan.get(FIND.format("none")).text


@on_sqlite
def test_what_comes_third_is_asked_for_within_what_comes_second(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/find").text
    second = page.split("And besides, at the same time or later")[1]
    assert "</details>" not in second.split("And a third")[0]
