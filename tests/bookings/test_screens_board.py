"""The day and the week of a site: what is drawn, and what is counted where there is too much to draw."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.browsing import Visitor
from tests.cast import Cast


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("day?on=2026-11-30", 0),
        ("day?on=2026-12-01", 1),
        ("day?on=2026-12-02", 1),
        ("day?on=2026-12-03", 0),
        ("week?on=2026-11-29", 0),
        ("week?on=2026-12-06", 1),
        ("week?on=2026-12-07", 0),
    ],
)
def test_only_what_lies_within_the_days_that_are_shown_is_counted(app: Flask, lab: Cast, path: str, taken: int) -> None:
    booked = Visitor(app, "alan").book("tsukuba-bench", "2026-12-01T00:00", "2026-12-02T00:00")
    assert booked.status_code == 303
    for name in ("alan", "ben"):
        page = Visitor(app, name).get(f"/sites/tsukuba/{path}").text
        assert re.findall(r"(\d) of 2 taken", page) == [str(taken)]
