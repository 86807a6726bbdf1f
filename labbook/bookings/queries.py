"""Reads about bookings; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import contains_eager

from ..core.disclosure import BookingRow
from ..core.interval import Interval
from ..core.language import Words
from ..core.lifecycle import OPEN, Action, State
from ..core.permissions import Actor, NotFoundError
from ..db import db
from ..models import Booking, Event, EventDetail, Hold, Partner, Person, Project, Request


def sees_booking(viewer: Actor) -> ColumnElement[bool]:
    """The condition under which a viewer gets all of a Booking; as `disclosure.relation`."""
    if viewer.looks_at_everything:
        return true()
    ways: list[ColumnElement[bool]] = [
        and_(Booking.partner_id == partner, Booking.site_id == site)
        for partner, site in sorted(viewer.agreements)
        if partner in viewer.partner_ids
    ]
    if viewer.staffed_sites:
        ways.append(Booking.site_id.in_(viewer.staffed_sites))
    if viewer.projects:
        there = true() if viewer.project_sites is None else Booking.site_id.in_(viewer.project_sites)
        ways.append(and_(Booking.project_id.in_(viewer.projects), there))
    return or_(*ways) if ways else false()


def sees_request(viewer: Actor, request_id: int) -> bool:
    """Whether a viewer gets all of a request."""
    found = select(Request.id).join(Booking, Booking.request_id == Request.id)
    return db.session.scalar(found.where(Request.id == request_id, sees_booking(viewer)).limit(1)) is not None


def request_by_key(viewer: Actor, key: str) -> Request:
    """A request with its bookings, through the viewer's scope. Raises NotFoundError."""
    found = (
        db.session.scalars(
            select(Request)
            .join(Booking, Booking.request_id == Request.id)
            .options(contains_eager(Request.bookings).joinedload(Booking.claim))
            .where(Request.key == key, sees_booking(viewer))
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    if found is None:
        raise NotFoundError
    return found


def booking_by_key(viewer: Actor, key: str) -> Booking:
    """A booking with its request, through the viewer's scope. Raises NotFoundError."""
    found = db.session.scalars(
        select(Booking)
        .join(Request, Request.id == Booking.request_id)
        .options(contains_eager(Booking.request))
        .where(Booking.key == key, sees_booking(viewer))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    return found


# --- bookings as rows for disclosure ----------------------------------------------------------------------------------

ROW = (
    Booking.key,
    Booking.uid,
    Request.key.label("request_key"),
    Request.title,
    Request.purpose,
    Booking.site_id,
    Booking.resource_id,
    Booking.unit_id,
    Request.partner_id,
    Partner.name.label("partner_name"),
    Booking.person_id,
    Person.family_name,
    Person.given_name,
    Request.project_id,
    Booking.state,
    Booking.starts_at,
    Booking.ends_at,
    Hold.starts_at.label("held_from"),
    Hold.ends_at.label("held_until"),
    Booking.by_day,
    Booking.sequence,
    Booking.created_at,
    Booking.changed_at,
    Booking.version,
    Booking.named_at,
)


# What staff propose for a wish is held under its claim, but it is not where the wish stands.
_OWN_HOLD = and_(Hold.claim_id == Booking.claim_id, Hold.unit_id == Booking.unit_id, Booking.state != State.WISHED)


def rows_where(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The statement for bookings that meet the conditions, by start; `each` makes values of its rows."""
    return (
        select(*ROW)
        .select_from(Booking)
        .join(Request, Request.id == Booking.request_id)
        .join(Partner, Partner.id == Request.partner_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Hold, _OWN_HOLD)
        .where(*conditions)
        .order_by(Booking.starts_at, Booking.id)
    )


def booking_rows(*conditions: ColumnElement[bool]) -> list[BookingRow]:
    """Bookings that meet the conditions, by start; one statement. For `disclosure`, never for a page as they are."""
    return each(db.session.execute(rows_where(*conditions)))


def rows_by_id(*conditions: ColumnElement[bool]) -> dict[int, BookingRow]:
    """The same by their ids."""
    rows = db.session.execute(rows_where(*conditions).add_columns(Booking.id)).all()
    numbers = {row.key: row.id for row in rows}
    return {numbers[one.key]: one for one in each(rows)}


def each(rows: Iterable[Any]) -> list[BookingRow]:
    """One row a booking. On its own unit it may also hold where it is to be moved: its own hold is the tighter one."""
    found: dict[str, BookingRow] = {}
    for row in map(_row, rows):
        had = found.get(row.key)
        if had is None or (row.hold is not None and _fit(row.hold, row.time) < _fit(had.hold or row.hold, row.time)):
            found[row.key] = row
    return list(found.values())


def _fit(hold: Interval, time: Interval) -> tuple[bool, timedelta]:
    return not hold.covers(time), hold.length


def _row(row: Any) -> BookingRow:
    hold = Interval(row.held_from, row.held_until) if row.held_from else None
    time = Interval(row.starts_at, row.ends_at)
    return BookingRow(*row[:15], time, hold, *row[19 : len(ROW)])  # type: ignore[call-arg]  # columns stand in the fields' order


def rows_of_person(person_id: int, since: datetime) -> list[BookingRow]:
    """A person's own bookings that end after an instant, in every state."""
    return booking_rows(Booking.person_id == person_id, Booking.ends_at > since)


def waiting_rows(request_ids: Iterable[int], starts: Iterable[datetime]) -> dict[str, BookingRow]:
    """The first booking that waits of each of these requests, by the request's key; they start at these instants."""
    rows = booking_rows(
        Booking.request_id.in_(sorted(request_ids)), Booking.starts_at.in_(sorted(set(starts))), Booking.state.in_(OPEN)
    )
    return {row.request_key: row for row in reversed(rows)}


def rows_of_request(request_id: int, *, only: int | None = None) -> list[BookingRow]:
    """The bookings of a request, or only one of them."""
    return booking_rows(Booking.request_id == request_id, *([Booking.id == only] if only else []))


def rows_of(booking_ids: Iterable[int]) -> dict[str, BookingRow]:
    """These bookings by their keys."""
    return {row.key: row for row in booking_rows(Booking.id.in_(list(booking_ids)))}


def history_of(request_id: int) -> list[Any]:
    """What became of a request, in order: at, code, state, body, and who did it, by id and name; no looks."""
    return list(
        db.session.execute(
            select(
                *(Event.at, Event.code, Event.state, Event.actor_id, EventDetail.body),
                *(Person.family_name, Person.given_name),
            )
            .outerjoin(EventDetail, EventDetail.event_id == Event.id)
            .outerjoin(Person, Person.id == Event.actor_id)
            .where(Event.request_id == request_id, or_(Event.booking_id.is_not(None), Event.code == "request-signed"))
            .order_by(Event.id)
        )
    )


def last_step(booking_key: str) -> tuple[str, int | None] | None:
    """The code of the last event of a booking, and who did it."""
    row = db.session.execute(
        select(Event.code, Event.actor_id)
        .join(Booking, Booking.id == Event.booking_id)
        .where(Booking.key == booking_key)
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.code, row.actor_id) if row else None


def who_decided(booking_id: int) -> frozenset[int]:
    """The people who have approved a booking, in the first or the second step, or a change of it."""
    steps = [f"booking-{one}" for one in (Action.APPROVE, Action.CLEAR, Action.GRANT_CHANGE, Action.PROPOSE)]
    found = select(Event.actor_id).where(Event.booking_id == booking_id, Event.code.in_(steps))
    return frozenset(one for one in db.session.scalars(found.distinct()) if one is not None)


def project_name(project_id: int | None) -> Words | None:
    """The name of a joint project."""
    if project_id is None:
        return None
    return db.session.scalar(select(Project.name).where(Project.id == project_id))
