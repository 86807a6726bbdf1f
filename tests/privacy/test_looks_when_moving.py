"""The form that moves a booking shows it: whoever opens another partner's leaves a trace first."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings import service
from labbook.db import BusyError, db
from labbook.models import Booking, Event, Request
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast
from tests.privacy.planting import Plants, told
from tests.privacy.reading import spelled
from tests.privacy.test_looks import looks


def form(plants: Plants) -> str:
    """The address of the form."""
    of_it = select(Booking.key).join(Request, Request.id == Booking.request_id)
    return f"/bookings/{db.session.scalars(of_it.where(Request.key == plants.requests['Waiting'])).one()}/move"


def test_a_look_by_staff_is_recorded_and_what_cannot_be_is_not_shown(
    app: Flask, lab: Cast, plants: Plants, monkeypatch: pytest.MonkeyPatch
) -> None:
    sora, path = Visitor(app, "sora"), form(plants)
    page = sora.get(path)
    assert told(plants.words["Waiting"], page.data) != []
    assert looks() == [(lab.people["sora"], lab.partners["aoba"], "staff")]
    assert sora.submit(page, "/move", version="99", start_at="11:00", end_at="10:00").status_code == 422
    assert len(looks()) == 2  # it is shown again

    def refuse(*args: object, **kwargs: object) -> None:
        raise BusyError

    monkeypatch.setattr(service, "note_look", refuse)
    answer = sora.get(path)
    assert answer.status_code == 503
    assert told(plants.words["Waiting"], spelled(answer)) == []


@on_sqlite
def test_the_move_itself_is_no_look(app: Flask, lab: Cast, plants: Plants) -> None:
    sora, path = Visitor(app, "sora"), form(plants)
    page = sora.get(path)
    assert form_of(page, "/move").fields["version"]
    assert sora.submit(page, "/move", start_at="17:00", end_at="18:00").status_code == 303
    assert len(looks()) == 1
    assert db.session.scalars(select(Event.actor_id).where(Event.code == "booking-move")).all() == [lab.people["sora"]]


@on_sqlite
@pytest.mark.parametrize(("name", "status"), [("cora", 200), ("mio", 200), ("ben", 404), ("ada", 403)])
def test_looks_at_ones_own_partners_and_at_nothing_are_not(
    app: Flask, lab: Cast, plants: Plants, name: str, status: int
) -> None:
    assert Visitor(app, name).get(form(plants)).status_code == status
    assert looks() == []
