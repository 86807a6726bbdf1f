"""A time far beyond anything that can be booked costs no more than any other, and nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from labbook.core import explaining, free
from labbook.core.facts import Facts
from labbook.core.interval import Interval
from labbook.db import db
from tests.browsing import Visitor, form_of, on_sqlite, times
from tests.cast import Cast

CENTURY = "2000-01-02T00:00", "2100-12-30T00:00"
BEFORE = "2000-01-02T10:00", "2000-01-02T11:00"
AFTER = "2099-01-05T10:00", "2099-01-05T11:00"
LEAST_SECONDS = 0.5  # of this process; an ordinary answer takes a twentieth


def cheaply(act: Callable[[], TestResponse]) -> TestResponse:
    """Do it, and see that it does not keep the machine busy."""
    began = time.process_time()
    answer = act()
    took = time.process_time() - began
    assert took < LEAST_SECONDS, f"{took:.2f} s"
    return answer


@on_sqlite
@pytest.mark.parametrize("slug", ["tsukuba-plain", "tsukuba-daytime", "tsukuba-hood", "tsukuba-bench"])
@pytest.mark.parametrize("wanted", [CENTURY, BEFORE, AFTER], ids=["a century", "long ago", "far ahead"])
def test_no_time_takes_long_to_refuse(app: Flask, lab: Cast, slug: str, wanted: tuple[str, str]) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(f"/resources/{slug}/book")
    fields = {**form_of(page, "/book").fields, **times(*wanted), "title": "Cells"}
    if slug == "tsukuba-bench":  # by whole days
        fields = {name: value for name, value in fields.items() if not name.endswith("_at")}
    path = f"/resources/{slug}"
    told = cheaply(partial(alan.open, f"{path}/findings", method="POST", data=fields))
    sent = cheaply(partial(alan.open, f"{path}/book", method="POST", data=fields))
    assert told.status_code == 200
    assert sent.status_code == 409
    said = "already past" if wanted != AFTER else "at most"
    assert said in told.text
    assert said in sent.text


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each search for free times, whether it ran within a transaction that writes, and so holds locks."""
    found: list[bool] = []

    def nearest(facts: Facts, window: Interval) -> list[Interval]:
        found.append(bool(db.session.info.get("writing")))
        return free.nearest_free(facts, window)

    monkeypatch.setattr(explaining, "nearest_free", nearest)
    return found


def test_free_times_are_looked_for_when_the_locks_are_gone(app: Flask, lab: Cast, searches: list[bool]) -> None:
    hana, ben = Visitor(app, "hana"), Visitor(app, "ben")
    assert hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00").status_code == 303
    refused = ben.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T11:00")
    assert refused.status_code == 409
    assert "11:30–12:30" in refused.text
    assert searches == [False]
    page = ben.book("tsukuba-plain", "2026-11-24T15:00", "2026-11-24T16:00").headers["Location"]
    key = ben.get(page).text.split("/bookings/")[1].split("/")[0]
    moved = ben.submit(ben.get(f"/bookings/{key}/move"), "/move", start_at="10:00", end_at="11:00")
    assert moved.status_code == 409
    assert searches == [False, False]


def test_an_approval_that_is_refused_offers_the_same_way(app: Flask, lab: Cast, searches: list[bool]) -> None:
    wish = Visitor(app, "hana").book("tsukuba-sorter", "2026-11-24T13:00", "2026-11-24T15:00").headers["Location"]
    rival = Visitor(app, "ben").book("tsukuba-sorter", "2026-11-24T13:00", "2026-11-24T15:00").headers["Location"]
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(wish), "/approve", rivals="").status_code == 303
    assert sora.submit(sora.get(rival), "/approve").status_code == 409
    assert not any(searches)
