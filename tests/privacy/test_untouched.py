"""Nobody changes Aoba's bookings but those who may: every route that acts, with every foreign key."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.privacy.crawl import Prowler
from tests.privacy.planting import Plants, rows

_OF_THE_VISIT = ("sign_in",)
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
