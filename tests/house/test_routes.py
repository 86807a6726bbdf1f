"""Every route answers the question for whom it is."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from tests.conftest import application
from tests.privacy.marks import KINDS
from tests.privacy.routes import ROUTES, ROWS, routes_of


@pytest.fixture(scope="module")
def bare() -> Flask:
    """The application, without a database behind it."""
    return application("sqlite://")


def test_every_route_says_who_may_see_it(bare: Flask) -> None:
    silent = [f"{method} {rule}" for method, rule, _, _ in routes_of(bare) if (method, rule) not in ROUTES]
    assert silent == [], "add a row for each to tests/privacy/routes.py"


def test_every_answer_is_about_a_route_that_is_there(bare: Flask) -> None:
    there = {(method, rule) for method, rule, _, _ in routes_of(bare)}
    assert [row for row in ROWS if (row.method, row.rule) not in there] == []
    assert [row for row, count in Counter((row.method, row.rule) for row in ROWS).items() if count > 1] == []


def test_every_part_of_an_address_is_of_a_kind_of_which_the_rival_has_something(bare: Flask) -> None:
    for method, rule, _, names in routes_of(bare):
        if (method, rule) in ROUTES:
            kinds = ROUTES[method, rule].kinds
            assert len(kinds) == len(names), f"{method} {rule}: {names} are of what kinds?"
            assert set(kinds) <= KINDS, f"{method} {rule}"


def test_a_new_route_without_an_answer_is_found(bare: Flask) -> None:
    app = application("sqlite://")
    app.add_url_rule("/loose/<key>", "loose", lambda key: key, methods=["GET", "POST"])
    silent = [(method, rule) for method, rule, _, _ in routes_of(app) if (method, rule) not in ROUTES]
    assert {("GET", "/loose/<key>"), ("POST", "/loose/<key>")} <= set(silent)
