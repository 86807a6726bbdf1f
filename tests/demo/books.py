"""What a database with bookings holds, read without the application's own queries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text

from labbook.core.lifecycle import OPEN, State
from labbook.db import db
from labbook.models import Booking, Hold, Partner, Person, Request, Resource

# As design.md says it, not as the code does.
KEEP_TIME = {State.WAITING, State.APPROVED, State.RUNNING, State.FINISHED, State.RELEASED}


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in db.metadata.sorted_tables
    }


def asked() -> list[tuple[object, ...]]:
    """All bookings, without what is different in every database: ids and keys."""
    rows = db.session.execute(
        select(Resource.slug, Person.email, Request.title, Booking.created_at, Booking.starts_at, Booking.ends_at)
        .add_columns(Booking.state, Booking.version, Partner.slug)
        .join(Request, Request.id == Booking.request_id)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Partner, Partner.id == Request.partner_id)
    )
    return sorted((tuple(row) for row in rows), key=repr)


def overlaps() -> int:
    """Pairs of holds of different claims that overlap on a unit; plain SQL, independent of any rule."""
    return int(
        db.session.scalar(
            text(
                "SELECT count(*) FROM hold a JOIN hold b ON a.unit_id = b.unit_id AND a.claim_id < b.claim_id"
                " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
            )
        )
        or 0
    )


def at_odds(now: datetime) -> list[tuple[object, ...]]:
    """Bookings whose state does not go with their hold, or with the clock."""
    rows = db.session.execute(
        select(Booking.id, Booking.state, Booking.starts_at, Booking.ends_at, Hold.id.label("hold")).outerjoin(
            Hold, Hold.claim_id == Booking.claim_id
        )
    )
    return [
        tuple(row)
        for row in rows
        if (row.hold is not None) != (row.state in KEEP_TIME)
        or (row.starts_at <= now and row.state in {State.APPROVED, *OPEN})
        or (row.state is State.RUNNING and not row.starts_at <= now < row.ends_at)
        or (row.state is State.FINISHED and row.ends_at > now)
    ]
