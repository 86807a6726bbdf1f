"""The trail: what happened is sealed, and what was touched afterwards is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from labbook.bookings import service
from labbook.bookings.queries import request_by_key
from labbook.bookings.service import Ask
from labbook.db import db, transactional
from labbook.models import Event, EventDetail, IdempotencyKey, Seal
from labbook.reports.service import seal, verify
from labbook.worker import once
from tests.cast import NOW, Cast, fresh_key

TOMORROW = NOW + timedelta(days=1)


def book(lab: Cast, hours: int = 0) -> str:
    """Hana books the plate reader; the key of her request."""
    start = TOMORROW + timedelta(hours=hours)
    ask = Ask("tsukuba-plain", start, start + timedelta(hours=1), lab.partners["aoba"], "Secret cells")
    return service.request(lab.actor("hana"), ask, key=fresh_key(), now=NOW)


@transactional
def run(sql: str, **values: object) -> None:
    """Somebody with the keys of the database changes it."""
    db.session.execute(text(sql), values)


def disarm(app: Flask) -> None:
    """Take the guard of `event` away, as an administrator of the server could."""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        run("DROP TRIGGER event_append_only_update")
    else:
        run("ALTER TABLE event DISABLE TRIGGER event_append_only")


def test_every_event_is_sealed_once(lab: Cast) -> None:
    book(lab)
    first = seal(now=NOW)
    assert first == db.session.query(Event).count() > 0
    assert seal(now=NOW) == 0
    book(lab, hours=3)
    assert seal(now=NOW) == 1
    found = verify()
    assert (found.seals, found.events, found.unsealed, found.faults) == (2, first + 1, 0, [])


def test_what_is_not_sealed_yet_is_counted(lab: Cast) -> None:
    book(lab)
    assert verify().unsealed == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET actor_id = NULL",
        "UPDATE event SET code = 'booking-approve'",
        "UPDATE event SET state = 'declined'",
        "UPDATE event_detail SET body = '{}'",
        "UPDATE event_detail SET salt = 'another'",
        "DELETE FROM event_detail",
    ],
)
def test_a_changed_trail_is_found(app: Flask, lab: Cast, change: str) -> None:
    book(lab)
    seal(now=NOW)
    assert verify().faults == []
    disarm(app)
    run(change)
    db.session.expire_all()
    assert verify().faults != []


def test_a_missing_seal_is_found(app: Flask, lab: Cast) -> None:
    for hours in (0, 3, 6):
        book(lab, hours)
        seal(now=NOW)
    middle = db.session.scalars(select(Seal).order_by(Seal.id)).all()[1]
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        run("DROP TRIGGER sealed_append_only_delete")
        run("DROP TRIGGER seal_append_only_delete")
    else:
        run("ALTER TABLE sealed DISABLE TRIGGER ALL")
        run("ALTER TABLE seal DISABLE TRIGGER ALL")
    run("DELETE FROM sealed WHERE seal_id = :seal", seal=middle.id)
    run("DELETE FROM seal WHERE id = :seal", seal=middle.id)
    db.session.expire_all()
    assert "does not follow" in " ".join(verify().faults)


def test_an_erased_detail_is_told_as_erased(lab: Cast) -> None:
    book(lab)
    seal(now=NOW)
    _erase(db.session.scalars(select(EventDetail.event_id)).first() or 0)
    found = verify()
    assert (found.erased, found.faults) == (1, [])


@transactional
def _erase(event_id: int) -> None:
    detail = db.session.get_one(EventDetail, event_id)
    detail.salt, detail.body, detail.erased_at = None, None, NOW


def test_an_event_holds_no_words(lab: Cast) -> None:
    book(lab)
    for row in db.session.execute(text("SELECT * FROM event")):
        assert "Secret cells" not in str(tuple(row))
        assert "Hana" not in str(tuple(row))


def test_the_worker_lets_bookings_begin_and_end_and_forgets_old_keys(lab: Cast) -> None:
    key = book(lab)

    def state() -> str:
        db.session.expire_all()
        return str(request_by_key(lab.actor("hana"), key).bookings[0].state)

    once(NOW)
    assert state() == "approved"
    once(TOMORROW)
    assert state() == "running"
    once(TOMORROW + timedelta(hours=1))
    assert state() == "finished"
    assert db.session.query(IdempotencyKey).count() == 1
    once(NOW + timedelta(hours=49))
    assert db.session.query(IdempotencyKey).count() == 0
    found = verify()
    assert (found.unsealed, found.faults) == (0, [])


def test_what_nobody_decided_expires_and_frees_its_time(lab: Cast) -> None:
    ask = Ask("tsukuba-asked", TOMORROW, TOMORROW + timedelta(hours=1), lab.partners["aoba"], "Late")
    key = service.request(lab.actor("hana"), ask, key=fresh_key(), now=NOW)
    once(TOMORROW)
    request = request_by_key(lab.actor("hana"), key)
    assert [str(one.state) for one in request.bookings] == ["expired"]
    assert db.session.execute(text("SELECT count(*) FROM hold")).scalar() == 0
