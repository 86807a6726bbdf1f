"""On a phone the form that invites stands below everybody: a step leads to it."""

from __future__ import annotations

from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast


@on_sqlite
def test_whoever_may_invite_is_led_to_the_form(app: Flask, lab: Cast) -> None:
    cora = Visitor(app, "cora")
    page = cora.get(cora.get("/people").headers["Location"]).text
    assert 'href="#invite"' in page
    assert 'id="invite"' in page
