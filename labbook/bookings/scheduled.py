"""What stands on schedules, as rows for disclosure; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from ..core.disclosure import BookingRow
from ..core.interval import Interval
from ..core.lifecycle import State
from ..db import db
from ..models import Booking, Hold, Partner, PendingChange, Person, Request, Resource, Unit, Wait
from .besides import rows_besides, rows_besides_of
from .offered import rows_of_offers
from .queries import ROW, booking_rows, each, rows_where

LONGEST_TIMED = timedelta(days=8)  # no booking by the clock is longer; longer ones are booked by day
LONGEST_TIMED_BUFFER = timedelta(hours=6)
LONGEST_BUFFER = timedelta(days=8)  # of what is booked by day
EVER = datetime(1970, 1, 1, tzinfo=UTC)

_SHOWN_STATES = (State.WAITING, State.WISHED, State.APPROVED, State.RUNNING, State.FINISHED, State.RELEASED)


# Made once: the schedule is looked at more often than anything else.
_ON_SCHEDULE = (
    Booking.site_id == bindparam("site_id"),
    Booking.starts_at > bindparam("earliest"),
    Booking.starts_at < bindparam("before"),
    Booking.ends_at > bindparam("after"),
    Booking.state.in_(_SHOWN_STATES),
)
_TIMED = rows_where(Booking.by_day.is_(False), *_ON_SCHEDULE)
_BY_DAY = rows_where(Booking.by_day.is_(True), *_ON_SCHEDULE)


def rows_on_schedule(site_id: int, window: Interval) -> list[BookingRow]:
    """What a site's schedule shows within the window, buffers that reach into it included."""
    timed = {
        "site_id": site_id,
        "earliest": window.start - LONGEST_TIMED,
        "before": window.end + LONGEST_TIMED_BUFFER,
        "after": window.start - LONGEST_TIMED_BUFFER,
    }
    by_day = {
        "site_id": site_id,
        "earliest": EVER,
        "before": window.end + LONGEST_BUFFER,
        "after": window.start - LONGEST_BUFFER,
    }
    found = [*db.session.execute(_TIMED, timed), *db.session.execute(_BY_DAY, by_day)]
    changes = [one for one in rows_of_changes(window) if one.site_id == site_id]  # there are few
    offers = rows_of_offers(window, Wait.site_id == site_id)
    besides = [one.row for one in rows_besides(site_id, window)]
    return sorted([*each(found), *changes, *offers, *besides], key=lambda row: row.time.start)


def rows_of_resource(resource_id: int, window: Interval) -> list[BookingRow]:
    """The same for one resource."""
    return rows_of_resources([resource_id], window)


def rows_of_resources(resource_ids: Iterable[int], window: Interval) -> list[BookingRow]:
    """The same for some resources."""
    ids = sorted(resource_ids)
    among = Booking.resource_id.in_(ids)
    found = booking_rows(
        among,
        Booking.ends_at > window.start - LONGEST_BUFFER,
        Booking.starts_at < window.end + LONGEST_BUFFER,
        Booking.state.in_(_SHOWN_STATES),
    )
    besides = [one.row for one in rows_besides_of(ids, window)]
    return [*found, *rows_of_changes(window, among), *rows_of_offers(window, Unit.resource_id.in_(ids)), *besides]


_CHANGED: dict[str, Any] = {
    "unit_id": PendingChange.unit_id,
    "starts_at": PendingChange.starts_at,
    "ends_at": PendingChange.ends_at,
}


_CHANGES = (
    select(*(_CHANGED.get(one.key, one) for one in ROW))
    .select_from(PendingChange)
    .join(Booking, Booking.id == PendingChange.booking_id)
    .join(Request, Request.id == Booking.request_id)
    .join(Partner, Partner.id == Request.partner_id)
    .join(Person, Person.id == Booking.person_id)
    .join(Resource, Resource.id == Booking.resource_id)
    .outerjoin(
        Hold,
        and_(
            # of what is asked for nothing may be held, but always of what is proposed
            or_(Resource.holds_on_request, PendingChange.until.is_not(None)),
            Hold.claim_id == Booking.claim_id,
            Hold.unit_id == PendingChange.unit_id,
            Hold.starts_at <= PendingChange.starts_at,
            Hold.ends_at >= PendingChange.ends_at,
        ),
    )
    .where(PendingChange.ends_at > bindparam("after"), PendingChange.starts_at < bindparam("before"))
    .order_by(PendingChange.starts_at, Booking.id)
)


def rows_of_changes(window: Interval, *conditions: ColumnElement[bool]) -> list[BookingRow]:
    """Bookings as they would be if what was asked for is granted, or what staff propose accepted.

    Each waits there, or is wished for there. A calendar of its own entries must not
    show them, since they have the UID of the booking as it stands.
    """
    around = {"after": window.start - LONGEST_BUFFER, "before": window.end + LONGEST_BUFFER}
    rows = db.session.execute(_CHANGES.where(*conditions), around)
    found: dict[str, BookingRow] = {}
    for row in (each([one])[0] for one in rows):
        if row.key not in found or _fit(row) > _fit(found[row.key]):
            found[row.key] = row
    return [replace(one, state=State.WAITING if one.hold else State.WISHED) for one in found.values()]


def _fit(row: BookingRow) -> tuple[timedelta, timedelta]:
    """How well a hold fits: its length, and how far it reaches beyond the time on its shorter side.

    The buffers of where a booking stands may cover where it is to go; the hold that is made for that has its own.
    """
    if row.hold is None:
        return timedelta(), timedelta()
    return row.hold.length, min(row.time.start - row.hold.start, row.hold.end - row.time.end)
