"""Everything that bookings leave in the database, read on a connection of its own: only what is committed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from labbook.core.lifecycle import State
from labbook.db import db
from labbook.models import (
    Booking,
    Event,
    EventDetail,
    Hold,
    Notice,
    Partner,
    PendingChange,
    Person,
    Project,
    Request,
    Resource,
    Site,
)


class Row(NamedTuple):
    """A booking with what belongs to it."""

    id: int
    key: str
    request_key: str
    request_version: int
    version: int
    state: State
    sequence: int
    claim_id: int
    unit_id: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    resource_id: int
    resource: str
    site: str
    person_id: int
    partner_id: int
    project_id: int | None

    @property
    def touched(self) -> set[tuple[str, int]]:
        """The things whose revision a change of this booking raises."""
        named = {"resource": self.resource_id, "person": self.person_id, "partner": self.partner_id}
        return {*named.items(), *({("project", self.project_id)} if self.project_id else ())}


class Held(NamedTuple):
    """A hold."""

    claim_id: int
    unit_id: int
    starts_at: datetime
    ends_at: datetime


class Happened(NamedTuple):
    """An event with its detail."""

    id: int
    code: str
    actor_id: int | None
    booking_id: int | None
    state: str | None
    digest: str
    salt: str | None
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Snapshot:
    """The lab at one moment."""

    bookings: dict[str, Row]
    holds: list[Held]
    events: dict[int, Happened]
    notices: list[Any]  # event, person, channel
    full: dict[tuple[str, int], int]  # revisions
    busy: dict[tuple[str, int], int]
    overlaps: int
    pending: list[Any]  # booking, unit, from, to, and until when it is proposed

    def of(self, booking_id: int) -> list[Happened]:
        """The events of a booking, in order."""
        return sorted(one for one in self.events.values() if one.booking_id == booking_id)

    def last_of(self, booking_id: int) -> Happened:
        """The last of them."""
        return self.of(booking_id)[-1]

    def differences(self, other: Snapshot) -> list[str]:
        """The names of what is not the same."""
        return [one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name)]


_BOOKINGS = (
    select(
        Booking.id,
        Booking.key,
        Request.key,
        Request.version,
        Booking.version,
        Booking.state,
        Booking.sequence,
        Booking.claim_id,
        Booking.unit_id,
        Booking.starts_at,
        Booking.ends_at,
        Booking.changed_at,
        Booking.resource_id,
        Resource.slug,
        Site.slug,
        Booking.person_id,
        Request.partner_id,
        Request.project_id,
    )
    .select_from(Booking)
    .join(Request, Request.id == Booking.request_id)
    .join(Resource, Resource.id == Booking.resource_id)
    .join(Site, Site.id == Booking.site_id)
    .order_by(Booking.id)
)
_HAPPENED = select(
    Event.id,
    Event.code,
    Event.actor_id,
    Event.booking_id,
    Event.state,
    Event.digest,
    EventDetail.salt,
    EventDetail.body,
).outerjoin(EventDetail, EventDetail.event_id == Event.id)
_PENDING = select(
    PendingChange.booking_id,
    PendingChange.unit_id,
    PendingChange.starts_at,
    PendingChange.ends_at,
    PendingChange.until,
).order_by(PendingChange.booking_id)
_OVERLAPS = text(
    "SELECT count(*) FROM hold a JOIN hold b ON a.unit_id = b.unit_id AND a.claim_id < b.claim_id"
    " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
)


def taken() -> Snapshot:
    """A snapshot of the current application's database."""
    with db.engine.connect() as connection:
        bookings = [Row._make(row) for row in connection.execute(_BOOKINGS)]
        return Snapshot(
            bookings={row.key: row for row in bookings},
            holds=[
                Held._make(row)
                for row in connection.execute(select(Hold.claim_id, Hold.unit_id, Hold.starts_at, Hold.ends_at))
            ],
            events={row.id: Happened._make(row) for row in connection.execute(_HAPPENED)},
            notices=[
                tuple(row) for row in connection.execute(select(Notice.event_id, Notice.person_id, Notice.channel))
            ],
            full=_counters(connection, "full_revision", Resource, Person, Partner, Project),
            busy=_counters(connection, "busy_revision", Resource, Person),
            overlaps=connection.scalar(_OVERLAPS) or 0,
            pending=[tuple(row) for row in connection.execute(_PENDING)],
        )


def _counters(connection: Connection, column: str, *tables: Any) -> dict[tuple[str, int], int]:
    return {
        (table.__tablename__, row.id): row[1]
        for table in tables
        for row in connection.execute(select(table.id, getattr(table, column)))
    }
