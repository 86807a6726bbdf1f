"""The feed of what waits for one's decision: what this person may decide at this moment, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from labbook.core.feeds import Detail, Scope
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Resource
from tests.bookings.test_changes import NEW, move
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.feeds.reading import entries, feed, fetched
from tests.privacy.subscribing import Subscriber

WANTED = "2026-11-24T10:00", "2026-11-24T12:00"


@transactional
def asks(slug: str) -> None:
    """Staff decide about each booking of it."""
    db.session.execute(update(Resource).where(Resource.slug == slug).values(asks=Asks.ALWAYS))


def titles(app: Flask, path: str) -> set[str]:
    """What the entries are called."""
    return {one["SUMMARY"] for one in entries(fetched(Visitor(app), path))}


def test_each_of_the_staff_gets_what_they_may_decide_and_until_it_is_decided(app: Flask, lab: Cast) -> None:
    asks("cambridge-scope")
    paths = {name: feed(lab, name, Scope.WAITING) for name in ("sora", "mio", "sam")}
    assert [titles(app, path) for path in paths.values()] == [set(), set(), set()]
    page = Visitor(app, "hana").book("tsukuba-asked", *WANTED, title="HanaAsks").headers["Location"]
    Visitor(app, "mio").book("tsukuba-asked", "2026-11-25T10:00", "2026-11-25T11:00", title="MioAsks")
    Visitor(app, "alan").book("cambridge-scope", "2026-11-25T10:00", "2026-11-25T11:00", title="AlanAsks")
    Visitor(app, "alan").book("tsukuba-plain", *WANTED, title="AlanBooks")
    hers, mios, away = (
        f"[PENDING] {one}" for one in ("Sequencer · HanaAsks", "Sequencer · MioAsks", "Microscope · AlanAsks")
    )
    shown = {name: titles(app, path) for name, path in paths.items()}
    assert shown == {"sora": {hers, mios}, "mio": {hers}, "sam": {away}}
    sora = Visitor(app, "sora")
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    assert {name: titles(app, path) for name, path in paths.items()} == {"sora": {mios}, "mio": set(), "sam": {away}}


@on_sqlite
def test_a_change_that_waits_stands_where_it_is_wanted(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    page = alan.book("tsukuba-asked", *WANTED).headers["Location"]
    one = Subscriber.of(app, lab, "sora", Scope.WAITING)
    assert len(entries(one.polls())) == 1
    assert sora.submit(sora.get(page), "/approve").status_code == 303
    assert entries(one.polls()) == []
    assert move(alan, *NEW).status_code == 303
    [wanted] = entries(one.polls())
    assert wanted["DTSTART"] == "20261124T150000"
    assert alan.submit(alan.get(page), "/change/withdraw").status_code == 303
    assert entries(one.polls()) == []


@on_sqlite
@pytest.mark.parametrize("detail", Detail)
def test_a_busy_one_tells_times_alone(app: Flask, lab: Cast, detail: Detail) -> None:
    Visitor(app, "hana").book("tsukuba-asked", *WANTED, title="HanaAsks")
    [only] = entries(fetched(Visitor(app), feed(lab, "sora", Scope.WAITING, detail)))
    assert ("HanaAsks" in str(only)) is (detail is Detail.FULL)
    assert only["DTSTART"] == ("20261124T100000" if detail is Detail.FULL else "20261124T094500")
