"""The people of a partner who can be booked for; one statement each."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from ..core.permissions import PARTNER_ROLES, NotFoundError
from ..db import db
from ..models import Person, RoleGrant


class Booker(NamedTuple):
    """Somebody who may book for a partner."""

    id: int
    key: str
    family_name: str
    given_name: str


def bookers(partner_id: int, now: datetime) -> list[Booker]:
    """Everybody with an open account who holds a role with the partner today, by reading or name."""
    found = _bookers(partner_id, now).order_by(Person.reading, Person.family_name, Person.given_name, Person.id)
    return [Booker._make(row) for row in db.session.execute(found)]


def booker(partner_id: int, key: str, now: datetime) -> Booker:
    """The one of them with this key. Raises NotFoundError."""
    row = db.session.execute(_bookers(partner_id, now).where(Person.key == key)).one_or_none()
    if row is None:
        raise NotFoundError
    return Booker._make(row)


def _bookers(partner_id: int, now: datetime) -> Select[int, str, str, str]:
    return (
        select(Person.id, Person.key, Person.family_name, Person.given_name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.partner_id == partner_id, RoleGrant.role.in_(PARTNER_ROLES), _holds(now), Person.is_active)
        .group_by(Person.id)
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    """The condition under which a RoleGrant is in force on this day, as in `queries.roles_with`."""
    today = now.date()
    not_over = or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today)
    return and_(RoleGrant.ended_at.is_(None), RoleGrant.starts_on <= today, not_over)
