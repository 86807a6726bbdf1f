"""Calendars of a resource and of a site tell what is closed, and change when that does."""

from __future__ import annotations

import re

from flask import Flask

from tests.browsing import Visitor
from tests.cast import Cast
from tests.closures.closing import close, report

SHUT = ("2026-11-24T09:00", "2026-11-24T15:00")


def _feed(visitor: Visitor, **fields: str) -> str:
    answer = visitor.post("/feeds", name="Feed", detail="full", language="en", closures="y", **fields)
    return str(re.findall(r'value="http[^"]*(/feeds/[^"]+\.ics)"', answer.text)[0])


def test_a_closure_comes_into_the_calendar_and_goes(app: Flask, lab: Cast) -> None:
    ben, sora = Visitor(app, "ben"), Visitor(app, "sora")
    plain = _feed(ben, about="resource:tsukuba-plain")
    hood = _feed(ben, about="resource:tsukuba-hood")
    site = _feed(sora, about="site:tsukuba")
    before = {path: ben.get(path) for path in (plain, hood, site)}
    path = report(sora, "resource:tsukuba-plain", "2026-11-24T18:00")
    assert ben.get(hood, headers={"If-None-Match": before[hood].headers["ETag"]}).status_code == 304
    for one in (plain, site):
        after = ben.get(one, headers={"If-None-Match": before[one].headers["ETag"]})
        assert after.status_code == 200 and "SUMMARY:Out of order" in after.text
    sora.submit(sora.get(path), "/lift")
    assert "SUMMARY:Out of order" not in ben.get(plain).text


def test_whole_days_are_whole_days_there(app: Flask, lab: Cast) -> None:
    mio, ben = Visitor(app, "mio"), Visitor(app, "ben")
    close(mio, "site", "2026-12-29T00:00", "2027-01-04T00:00")
    text = ben.get(_feed(ben, about="resource:tsukuba-hood")).text
    assert "DTSTART;VALUE=DATE:20261229" in text and "DTEND;VALUE=DATE:20270104" in text
