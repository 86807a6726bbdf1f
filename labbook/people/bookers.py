"""The people of a partner who can be booked for; one statement each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from ..core.language import Words
from ..core.permissions import PARTNER_ROLES, NotFoundError
from ..core.searching import by_reading
from ..db import db
from ..models import Agreement, Partner, Person, RoleGrant


class Booker(NamedTuple):
    """Somebody who may book for a partner."""

    id: int
    key: str
    family_name: str
    given_name: str
    reading: str


_BOOKER = (Person.id, Person.key, Person.family_name, Person.given_name, Person.reading)


def bookers(partner_id: int, now: datetime) -> list[Booker]:
    """Everybody with an open account who holds a role with the partner today, by reading or name."""
    found = [Booker._make(row) for row in db.session.execute(_bookers(partner_id, now))]
    return sorted(found, key=lambda one: (by_reading(one), one.id))


def booker(partner_id: int, key: str, now: datetime) -> Booker:
    """The one of them with this key. Raises NotFoundError."""
    row = db.session.execute(_bookers(partner_id, now).where(Person.key == key)).one_or_none()
    if row is None:
        raise NotFoundError
    return Booker._make(row)


class Booked(NamedTuple):
    """Somebody who may be booked for at a site, and through which partner."""

    partner_id: int
    partner_key: str
    partner_name: Words
    person: Booker


def bookers_at(site_id: int, now: datetime, partner_ids: Iterable[int] | None = None) -> list[Booked]:
    """The same of all partners whose agreement with a site is in force, or only of some; by partner, then by name."""
    today = now.date()
    found = (
        select(Partner.id, Partner.key, Partner.name, *_BOOKER)
        .select_from(Agreement)
        .join(Partner, Partner.id == Agreement.partner_id)
        .join(RoleGrant, RoleGrant.partner_id == Partner.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            Agreement.site_id == site_id,
            Agreement.starts_on <= today,
            or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today),
            or_(Agreement.ended_at.is_(None), Agreement.ended_at > now),
            RoleGrant.role.in_(PARTNER_ROLES),
            _holds(now),
            Person.is_active,
        )
        .order_by(Partner.slug)
    )
    if partner_ids is not None:
        found = found.where(Partner.id.in_(sorted(partner_ids)))
    rows = [Booked(*row[:3], Booker._make(row[3:])) for row in db.session.execute(found)]
    each = {(one.partner_id, one.person.id): one for one in rows}.values()
    places = {one.partner_id: place for place, one in reversed(list(enumerate(rows)))}
    return sorted(each, key=lambda one: (places[one.partner_id], by_reading(one.person), one.person.id))


def _bookers(partner_id: int, now: datetime) -> Select[int, str, str, str, str]:
    return (
        select(*_BOOKER)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.partner_id == partner_id, RoleGrant.role.in_(PARTNER_ROLES), _holds(now), Person.is_active)
        .group_by(Person.id)
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    """The condition under which a RoleGrant is in force on this day, as in `queries.roles_with`."""
    today = now.date()
    not_over = or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today)
    return and_(RoleGrant.ended_at.is_(None), RoleGrant.starts_on <= today, not_over)
