"""Nobody changes Aoba's bookings but those who may: every route that acts, with every foreign key."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Feed
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.privacy.crawl import Prowler
from tests.privacy.planting import Plants, rows
from tests.privacy.reading import feeds_of

_OF_THE_VISIT = ("sign_in",)
_OF_CALENDARS = ("booking_text", "series_text")
_LEFT_BY_A_POLL = ("known_state", "known_etag", "known_changed_at", "valid_until", "fetched_at", "client")
_OF_THE_TRAIL = ("event", "event_detail", "try")  # looks at details, refused links, and how many of those were told


@on_sqlite
def test_without_a_token_nobody_acts_not_even_the_owner(app: Flask, lab: Cast, plants: Plants) -> None:
    hana = Visitor(app, "hana")
    borrowed = Visitor(app, "ben").good_token()
    hana.good_token()
    before = rows(*_OF_THE_VISIT)
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "nonsense"}, {"csrf_token": borrowed}):
        for path in (
            f"/requests/{plants.requests['Waiting']}/withdraw",
            f"/bookings/{plants.bookings['Approved']}/cancel",
            f"/bookings/{plants.bookings['Approved']}/move",
            f"/feeds/{plants.others['feed']}/revoke",
            "/feeds",
            "/resources/tsukuba-plain/book",
            "/sign-out",
            "/language",
        ):
            answer = hana.open(path, method="POST", data={"version": "1", "language": "en", **token})
            assert answer.status_code == 400, path
    assert rows(*_OF_THE_VISIT) == before
    assert hana.get("/bookings").status_code == 200


@on_sqlite
@pytest.mark.parametrize("viewer", ["hana", "sora"])
def test_no_look_at_a_page_changes_anything(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    prowler = Prowler(app, viewer)
    before = rows(*_OF_THE_VISIT, *_OF_THE_TRAIL)
    assert sum(1 for _ in prowler.asked_everything(plants, ("GET", "HEAD"))) > 50
    assert rows(*_OF_THE_VISIT, *_OF_THE_TRAIL) == before


@pytest.mark.parametrize("viewer", ["ben", "mio"])
def test_no_poll_changes_anything_but_what_is_kept_to_answer_the_next(
    app: Flask, lab: Cast, plants: Plants, viewer: str
) -> None:
    paths = feeds_of(lab, viewer).values()
    before, links = rows("feed", *_OF_CALENDARS), links_as_made()
    calendar = Visitor(app)
    for path in paths:
        for method in ("HEAD", "GET"):
            assert calendar.open(path, method=method).status_code == 200
    assert rows("feed", *_OF_CALENDARS) == before
    assert links_as_made() == links
    assert "Set-Cookie" not in calendar.get(next(iter(paths))).headers


def links_as_made() -> list[tuple[object, ...]]:
    """All feeds, without what the last answer leaves there for the next."""
    table = Feed.__table__
    kept = [column for column in table.columns if column.name not in _LEFT_BY_A_POLL]
    db.session.remove()
    return [tuple(row) for row in db.session.execute(select(*kept).order_by(table.c.id))]
