"""Nobody changes Aoba's bookings but those who may: every route that acts, with every foreign key."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.privacy.planting import Plants, rows
from tests.privacy.reading import asked_about

_OF_THE_VISIT = ("sign_in",)


@on_sqlite
@pytest.mark.parametrize("viewer", ["ben", "dora", "audrey", "ada", "chika"])
def test_no_key_lets_a_stranger_act(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    visitor = Visitor(app, viewer)
    visitor.good_token()
    looks = ("event", "event_detail") if viewer in ("ada", "audrey") else ()
    before = rows(*_OF_THE_VISIT, *looks)
    for path, key, answer in asked_about(visitor, app, plants, "POST"):
        if key and "/findings" not in path:
            assert answer.status_code in ((404,) if viewer in ("ben", "dora") else (403, 404, 409, 422)), path
    assert rows(*_OF_THE_VISIT, *looks) == before


@on_sqlite
def test_no_key_lets_staff_of_the_other_site_act(app: Flask, lab: Cast, plants: Plants) -> None:
    visitor = Visitor(app, "sam")
    visitor.good_token()
    before = rows(*_OF_THE_VISIT)
    own = plants.of("Cambridge")
    for path, key, answer in asked_about(visitor, app, plants, "POST"):
        if key and key not in own and "/findings" not in path:
            assert answer.status_code == 404, path
    ours = [key for kept in (plants.requests, plants.bookings) for name, key in kept.items() if name != "Cambridge"]
    assert _with(ours, rows(*_OF_THE_VISIT)) == _with(ours, before)


def _with(keys: list[str], tables: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    return [row for name in ("request", "booking") for row in tables[name] if set(keys) & set(map(str, row))]


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
@pytest.mark.parametrize("viewer", ["ben", "hana", "sora", "sam"])
def test_no_look_at_a_page_changes_anything(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    visitor = Visitor(app, viewer)
    before = rows(*_OF_THE_VISIT, "event", "event_detail")
    for method in ("GET", "HEAD"):
        for _ in asked_about(visitor, app, plants, method):
            pass
    assert rows(*_OF_THE_VISIT, "event", "event_detail") == before
