"""Who is named to decide at a site, for its page; each read in one statement."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select, true
from sqlalchemy.orm import aliased

from ..core.language import Words
from ..core.permissions import Actor, NotFoundError
from ..core.searching import by_reading
from ..db import db
from ..models import Area, AreaApprover, Person, Resource, ResourceApprover, Site, StandIn
from .directory import local_day

_Absent = aliased(Person)


class Approver(NamedTuple):
    """Somebody who decides for an area (area:slug) or a resource (resource:slug)."""

    place: str
    name: Words
    person_key: str
    family_name: str
    given_name: str
    is_active: bool  # decides nothing while the account is closed
    for_safety: bool  # in the first of two steps


class Away(NamedTuple):
    """Somebody is away, and somebody else stands in."""

    key: str
    absent_id: int
    absent: tuple[str, str]  # family and given name
    stand_in: tuple[str, str]
    starts_on: date
    ends_on: date
    is_active: bool  # the one who stands in has an open account


def approvers_at(site_id: int) -> list[Approver]:
    """The approvers of a site's areas, then of its resources; two statements."""
    areas = db.session.execute(
        select(Area.slug, Area.name, Person, AreaApprover.for_safety)
        .join(AreaApprover, AreaApprover.area_id == Area.id)
        .join(Person, Person.id == AreaApprover.person_id)
        .where(Area.site_id == site_id)
        .order_by(Area.position, Area.id)
    ).all()
    resources = db.session.execute(
        select(Resource.slug, Resource.name, Person, ResourceApprover.for_safety)
        .join(ResourceApprover, ResourceApprover.resource_id == Resource.id)
        .join(Person, Person.id == ResourceApprover.person_id)
        .where(Resource.site_id == site_id)
        .order_by(Resource.position, Resource.id)
    ).all()
    return [
        Approver(f"{kind}:{slug}", name, one.key, one.family_name, one.given_name, one.is_active, is_for_safety)
        for kind, rows in (("area", areas), ("resource", resources))
        for _, same in groupby(rows, key=lambda row: row.slug)
        for slug, name, one, is_for_safety in sorted(same, key=lambda row: (by_reading(row.Person), row.Person.id))
    ]


def stand_ins_at(site: Site, now: datetime) -> list[Away]:
    """Who stands in for whom, today and later, by the first day."""
    rows = db.session.execute(
        select(StandIn, _Absent, Person)
        .join(_Absent, _Absent.id == StandIn.absent_id)
        .join(Person, Person.id == StandIn.person_id)
        .where(
            StandIn.site_id == site.id,
            StandIn.ended_at.is_(None),
            StandIn.ends_on >= local_day(site.zone, now),
        )
        .order_by(StandIn.starts_on, StandIn.id)
    ).all()
    return [
        Away(
            found.key,
            found.absent_id,
            (absent.family_name, absent.given_name),
            (person.family_name, person.given_name),
            found.starts_on,
            found.ends_on,
            person.is_active,
        )
        for found, absent, person in rows
    ]


def stand_in_by_key(viewer: Actor, key: str) -> StandIn:
    """Who stands in for whom, at a site at whose people the viewer may look. Raises NotFoundError."""
    scope = true() if viewer.looks_at_everything else StandIn.site_id.in_(viewer.staffed_sites)
    found = db.session.scalar(
        select(StandIn).where(StandIn.key == key, scope).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError
    return found
