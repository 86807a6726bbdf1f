"""People with their roles, as far as a viewer may know them; each read in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from ..core.language import Words
from ..core.permissions import Actor, NotFoundError, Role
from ..core.searching import by_reading, finds
from ..db import db
from ..models import Partner, Person, RoleGrant, Site, TrainingRecord
from .directory import is_live, sees_partner


class Held(NamedTuple):
    """A role that somebody has, and where; no place: for the whole lab."""

    role: Role
    starts_on: date
    ends_on: date | None
    partner_key: str | None
    site_slug: str | None
    place: Words
    partner_id: int | None
    site_id: int | None


@dataclass(slots=True)
class Member:
    """Somebody with roles, as a list or their own page shows them; only roles at places that the viewer may look at."""

    id: int
    key: str
    email: str
    family_name: str
    given_name: str
    reading: str
    is_active: bool
    is_erased: bool
    has_factor: bool
    trainings: int
    held: list[Held] = field(default_factory=list)


_TRAININGS = (
    select(func.count(func.distinct(TrainingRecord.training_id)))
    .where(TrainingRecord.person_id == Person.id, TrainingRecord.revoked_at.is_(None))
    .correlate(Person)
    .scalar_subquery()
)


def _members(now: datetime, *conditions: ColumnElement[bool]) -> list[Member]:
    """People with their roles, in one statement, by reading or name."""
    rows = db.session.execute(
        select(Person, RoleGrant, Partner, Site, _TRAININGS.label("trainings"))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(Partner, Partner.id == RoleGrant.partner_id)
        .outerjoin(Site, Site.id == RoleGrant.site_id)
        .where(is_live(now), *conditions)
        .order_by(RoleGrant.starts_on, RoleGrant.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, Member] = {}
    for person, grant, partner, site, trainings in rows:
        member = found.setdefault(person.id, _member(person, trainings))
        place = partner or site
        member.held.append(
            Held(
                grant.role,
                grant.starts_on,
                grant.ends_on,
                partner.key if partner else None,
                site.slug if site else None,
                place.name if place else Words(),
                grant.partner_id,
                grant.site_id,
            )
        )
    return sorted(found.values(), key=lambda one: (by_reading(one), one.id))


def _member(person: Person, trainings: int) -> Member:
    return Member(
        person.id,
        person.key,
        person.email,
        person.family_name,
        person.given_name,
        person.reading,
        person.is_active,
        person.erased_at is not None,
        bool(person.totp_secret),
        trainings,
    )


def members_of(partner_id: int, now: datetime) -> list[Member]:
    """The people of a partner, with their roles there."""
    return _members(now, RoleGrant.partner_id == partner_id)


def staff_of(site_id: int, now: datetime) -> list[Member]:
    """The staff and managers of a site."""
    return _members(now, RoleGrant.site_id == site_id)


def people_of_lab(now: datetime) -> list[Member]:
    """The administrators and auditors."""
    return _members(now, RoleGrant.partner_id.is_(None), RoleGrant.site_id.is_(None))


def people_found(viewer: Actor, query: str, now: datetime) -> list[Member]:
    """Those at whom the viewer may look whose name, reading or address has all that was typed, by reading."""
    seen = _members(now, _sees_grant(viewer, now))
    return [
        one for one in seen if finds(query, one.family_name, one.given_name, one.family_name, one.reading, one.email)
    ]


def person_by_key(viewer: Actor, key: str, now: datetime) -> Member:
    """Somebody with the roles that they have at places at which the viewer may look. Raises NotFoundError."""
    found = _members(now, Person.key == key, _sees_grant(viewer, now))
    if found:
        return found[0]
    person = db.session.scalar(select(Person).where(Person.key == key)) if viewer.looks_at_everything else None
    if person is None:
        raise NotFoundError
    return _member(person, 0)


def _sees_grant(viewer: Actor, now: datetime) -> ColumnElement[bool]:
    if viewer.looks_at_everything:
        return true()
    ways = [and_(RoleGrant.partner_id.is_not(None), sees_partner(viewer, now))]
    if viewer.is_staff:
        ways.append(RoleGrant.site_id.in_(viewer.staffed_sites))
    return or_(false(), *ways)
