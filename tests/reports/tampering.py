"""Somebody with the keys of the database, who takes the guards of the trail away first."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from sqlalchemy import select, text

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.db import db, transactional
from labbook.models import Event, Seal, Sealed
from labbook.models.audit import happened
from labbook.reports.service import seal
from labbook.reports.service.sealing import first_seal_digest
from tests.cast import NOW, Cast, fresh_key

TABLES = ("event", "sealed", "seal")


def book(lab: Cast, hours: int = 0, *, who: str = "hana", resource: str = "tsukuba-plain", title: str = "Cells") -> str:
    """Somebody books for the day after; the key of the request."""
    start = NOW + timedelta(days=1, hours=hours)
    partner = "birch" if who == "ben" else "aoba"
    ask = Ask(resource, start, start + timedelta(hours=1), lab.partners[partner], title)
    return service.request(lab.actor(who), ask, key=fresh_key(), now=NOW)


@transactional
def run(sql: str, **values: object) -> None:
    """Change the database behind LabBook's back."""
    db.session.execute(text(sql), values)


def disarm() -> None:
    """Drop the triggers that refuse to change history, and the references between its rows."""
    if db.engine.dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("update", "delete", "replace"):
                run(f"DROP TRIGGER {table}_append_only_{verb}")
        return
    for table in TABLES:
        run(f"DROP TRIGGER {table}_append_only ON {table}")
    run("ALTER TABLE sealed DROP CONSTRAINT fk_sealed_event_id")
    run("ALTER TABLE event_detail DROP CONSTRAINT fk_event_detail_event_id")


def run_loose(sql: str, **values: object) -> None:
    """The same without the database's check of references."""
    if db.engine.dialect.name != "sqlite":
        run(sql, **values)
        return
    db.session.remove()
    with closing(db.engine.raw_connection()) as connection:  # within a transaction the PRAGMA does nothing
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute(sql, values)
        cursor.execute("PRAGMA foreign_keys=ON")


def sealed_trail(lab: Cast, seals: int = 3) -> list[str]:
    """So many seals of one booking each; their digests."""
    for number in range(seals):
        book(lab, hours=3 * number)
        seal(now=NOW + timedelta(minutes=number))
    return list(db.session.scalars(select(Seal.digest).order_by(Seal.id)))


def some_event(code: str = "booking-ask") -> int:
    """The number of the second event of a kind."""
    return db.session.scalars(select(Event.id).where(Event.code == code).order_by(Event.id)).all()[1]


@transactional
def slip_in(seal_id: int, digest: str = "") -> int:
    """An event that never happened, under an old seal."""
    event = happened("booking-approve", at=NOW, actor_id=None, subject="booking", subject_id=1)
    db.session.add(event)
    db.session.flush()
    db.session.add(Sealed(event_id=event.id, seal_id=seal_id, digest=digest))
    return event.id


@transactional
def seal_as_before(previous: str = "0" * 64) -> str:
    """A seal as LabBook made it before events had digests of their own."""
    events = db.session.scalars(select(Event).order_by(Event.id)).all()
    made = Seal(at=NOW, previous=previous, count=len(events), digest=first_seal_digest(previous, events))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(Sealed(event_id=event.id, seal_id=made.id) for event in events)
    return made.digest
