"""What is kept for those who wait, as rows for disclosure: rivals see it as busy, exactly as they see a booking."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import ColumnElement, select

from ..core.disclosure import BookingRow
from ..core.interval import Interval
from ..core.lifecycle import State
from ..db import db
from ..models import Hold, Offer, Partner, Person, Resource, Unit, Wait

_ROW = (
    Offer.key,
    Wait.title,
    Wait.purpose,
    Wait.site_id,
    Resource.by_day,
    Wait.partner_id,
    Partner.name.label("partner_name"),
    Wait.person_id,
    Person.family_name,
    Person.given_name,
    Wait.project_id,
    Unit.id.label("unit_id"),
    Unit.resource_id,
    Offer.starts_at,
    Offer.ends_at,
    Offer.made_at,
    Hold.starts_at.label("held_from"),
    Hold.ends_at.label("held_until"),
)


def rows_of_offers(window: Interval, *conditions: ColumnElement[bool]) -> list[BookingRow]:
    """Each unit that an open offer holds within the window; one statement.

    They look like bookings that wait, but have no request: that is where they can be told apart. The conditions are
    about the Unit, its Resource, or the Wait.
    """
    rows = db.session.execute(
        select(*_ROW)
        .select_from(Offer)
        .join(Wait, Wait.id == Offer.wait_id)
        .join(Partner, Partner.id == Wait.partner_id)
        .join(Person, Person.id == Wait.person_id)
        .join(Hold, Hold.claim_id == Offer.claim_id)
        .join(Unit, Unit.id == Hold.unit_id)
        .join(Resource, Resource.id == Unit.resource_id)
        .where(
            Offer.answered_at.is_(None),
            Hold.ends_at > window.start,
            Hold.starts_at < window.end,
            *conditions,
        )
        .order_by(Hold.starts_at, Hold.id)
    )
    return [_row(row) for row in rows]


def _row(row: Any) -> BookingRow:
    return BookingRow(
        key=row.key,
        uid=str(uuid5(NAMESPACE_OID, row.key)),  # in calendars, which know it by that alone
        request_key="",
        title=row.title,
        purpose=row.purpose,
        site_id=row.site_id,
        resource_id=row.resource_id,
        unit_id=row.unit_id,
        partner_id=row.partner_id,
        partner_name=row.partner_name,
        person_id=row.person_id,
        family_name=row.family_name,
        given_name=row.given_name,
        project_id=row.project_id,
        state=State.WAITING,
        time=Interval(row.starts_at, row.ends_at),
        hold=Interval(row.held_from, row.held_until),
        by_day=row.by_day,
        sequence=0,
        created_at=row.made_at,
        changed_at=row.made_at,
        version=1,
    )
