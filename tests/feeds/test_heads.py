"""What a feed says of itself: its color, and the page of LabBook that shows the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.closing import ClosureKind
from labbook.core.feeds import Detail, Scope
from labbook.core.ical import OF_LABBOOK
from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Closure, Site
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.core.ical.letter import obeys
from tests.core.ical.reading import read
from tests.feeds.reading import feed


@pytest.mark.parametrize(
    ("name", "scope", "about", "page", "color"),
    [
        ("hana", Scope.MINE, "", "/bookings", OF_LABBOOK),
        ("hana", Scope.RESOURCE, "tsukuba-plain", "/resources/tsukuba-plain", "steelblue"),
        ("sora", Scope.SITE, "tsukuba", "/sites/tsukuba/day", OF_LABBOOK),
        ("sora", Scope.WAITING, "", "/inbox", OF_LABBOOK),
    ],
)
@pytest.mark.parametrize("detail", Detail)
@on_sqlite
def test_a_feed_names_its_page_and_its_color(
    app: Flask, lab: Cast, name: str, scope: Scope, about: str, page: str, color: str, detail: Detail
) -> None:
    assert Visitor(app, "hana").book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T12:00").status_code == 303
    body = Visitor(app).get(feed(lab, name, scope, detail, about=about)).data
    obeys(body)
    calendar = read(body)
    assert calendar["COLOR"].value == color
    assert calendar["URL"].value.endswith(page)
    assert Visitor(app, name).get(page).status_code == 200


@transactional
def shut(site: str) -> None:
    """Maintenance all over a site."""
    start, end = (datetime(2026, 11, 25, hour, tzinfo=UTC) for hour in (1, 3))
    site_id = db.session.scalars(select(Site.id).where(Site.slug == site)).one()
    db.session.add(
        Closure(
            site_id=site_id,
            kind=ClosureKind.MAINTENANCE,
            starts_at=start,
            ends_at=end,
            reason=Words("Fans", "送風機"),
        )
    )


@pytest.mark.parametrize(("language", "category"), [("en", "Maintenance"), ("ja", "保守")])
@on_sqlite
def test_what_is_closed_is_gray_and_says_which_kind_it_is(app: Flask, lab: Cast, language: str, category: str) -> None:
    shut("tsukuba")
    body = Visitor(app).get(feed(lab, scope=Scope.RESOURCE, about="tsukuba-plain", language=language)).data
    [event] = obeys(body)
    assert (event["CATEGORIES"].text, event["COLOR"].value) == (category, "gray")
