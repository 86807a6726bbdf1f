"""Whoever opens another partner's request by duty leaves a trace first."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.db import BusyError, db
from labbook.models import Event, EventDetail
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast
from tests.privacy.planting import Plants, told
from tests.privacy.reading import feeds_of, spelled


def looks(code: str = "request-looked-at") -> list[tuple[int | None, int | None, str]]:
    """The recorded looks: by whom, at whose, and as what."""
    db.session.remove()
    found = db.session.execute(
        select(Event.actor_id, Event.partner_id, EventDetail.body)
        .join(EventDetail, EventDetail.event_id == Event.id)
        .where(Event.code == code)
        .order_by(Event.id)
    )
    return [(row.actor_id, row.partner_id, (row.body or {}).get("as", "")) for row in found]


@pytest.mark.parametrize(("name", "relation"), [("sora", "staff"), ("ada", "duty"), ("audrey", "duty")])
def test_a_look_by_duty_is_recorded(app: Flask, lab: Cast, plants: Plants, name: str, relation: str) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(f"/requests/{plants.requests['Waiting']}").status_code == 200
    assert looks() == [(lab.people[name], lab.partners["aoba"], relation)]


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "alan", "cora", "mio"])
def test_a_look_at_what_is_ones_own_partners_is_not(app: Flask, lab: Cast, plants: Plants, name: str) -> None:
    assert Visitor(app, name).get(f"/requests/{plants.requests['Waiting']}").status_code == 200
    assert looks() == []


@on_sqlite
@pytest.mark.parametrize("name", ["ben", "sam", "dora"])
def test_a_look_that_showed_nothing_is_not(app: Flask, lab: Cast, plants: Plants, name: str) -> None:
    assert Visitor(app, name).get(f"/requests/{plants.requests['Waiting']}").status_code == 404
    assert looks() == []


@on_sqlite
def test_what_cannot_be_recorded_is_not_shown(
    app: Flask, lab: Cast, plants: Plants, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise BusyError

    sora, ada = Visitor(app, "sora"), Visitor(app, "ada")
    monkeypatch.setattr(service, "note_look", refuse)
    for visitor in (sora, ada):
        answer = visitor.get(f"/requests/{plants.requests['Waiting']}")
        assert answer.status_code == 503
        assert told(plants.words["Waiting"], spelled(answer)) == []


@on_sqlite
@pytest.mark.parametrize("name", ["ada", "audrey"])
@pytest.mark.parametrize(
    "path", ["/sites/tsukuba/day?on=2026-11-24", "/sites/tsukuba/week", "/resources/tsukuba-plain"]
)
def test_a_look_at_a_schedule_by_duty_is_recorded(app: Flask, lab: Cast, plants: Plants, name: str, path: str) -> None:
    visitor = Visitor(app, name)
    assert looks("schedule-looked-at") == []
    answer = visitor.get(path)
    assert told(plants.words["Approved"], answer.data) != []
    assert [actor for actor, _, _ in looks("schedule-looked-at")] == [lab.people[name]]


@on_sqlite
def test_a_look_at_a_week_is_recorded_as_the_week_that_was_shown(app: Flask, lab: Cast, plants: Plants) -> None:
    sunday = "/sites/tsukuba/week?on=2026-11-29"
    assert told(plants.words["Approved"], Visitor(app, "ada").get(sunday).data) != []
    body = db.session.scalars(select(EventDetail.body).join(Event).where(Event.code == "schedule-looked-at")).one()
    assert body is not None
    assert (body["from"], body["to"]) == ("2026-11-22T15:00:00+00:00", "2026-11-29T15:00:00+00:00")


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "hana", "ben"])
def test_everybody_elses_look_at_a_schedule_is_not(app: Flask, lab: Cast, plants: Plants, name: str) -> None:
    assert Visitor(app, name).get("/sites/tsukuba/day?on=2026-11-24").status_code == 200
    assert looks("schedule-looked-at") == []


@on_sqlite
@pytest.mark.parametrize("name", ["ada", "audrey"])
def test_a_feed_by_duty_tells_no_words(app: Flask, lab: Cast, plants: Plants, name: str) -> None:
    visitor = Visitor(app, name)
    for path in feeds_of(lab, name).values():
        assert told(plants.all, spelled(visitor.get(path))) == []
