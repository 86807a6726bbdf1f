"""Reads about signs and what they show; each in a fixed number of statements.

A sign speaks to everybody who passes: what is hidden from any partner is on none, whoever put the sign up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from ..core.interval import Interval
from ..core.language import Words
from ..core.permissions import NotFoundError
from ..db import db
from ..models import Area, Hold, Resource, Sign, Site, Unit

ENDED_SHOWN = timedelta(days=30)  # in which a sign that was taken down stays on its site's list

_IS_PUBLIC = and_(Resource.is_active, ~Resource.is_hidden)


class Door(NamedTuple):
    """A sign as its link finds it. Without resources it has nothing to say."""

    sign: Sign
    site: Site
    area: Area | None  # None: it is about one resource
    resources: Sequence[Resource]


def door(hashed: str) -> Door | None:
    """The sign behind the hash of a link's secret, with what everybody may see of its place; None: there is no such."""
    row = db.session.execute(
        select(Sign, Site, Area)
        .join(Site, Site.id == Sign.site_id)
        .outerjoin(Area, Area.id == Sign.area_id)
        .where(Sign.token_hash == hashed)
    ).one_or_none()
    if row is None:
        return None
    sign = row.Sign
    its = Resource.area_id == sign.area_id if sign.area_id is not None else Resource.id == sign.resource_id
    found = select(Resource).where(its, _IS_PUBLIC, Resource.site_id == sign.site_id)
    return Door(sign, row.Site, row.Area, list(db.session.scalars(found.order_by(Resource.position, Resource.id))))


class Piece(NamedTuple):
    """A bookable unit of a resource."""

    id: int
    resource_id: int


def pieces_of(resource_ids: Iterable[int]) -> list[Piece]:
    """The bookable units of resources."""
    found = select(Unit.id, Unit.resource_id).where(Unit.resource_id.in_(sorted(resource_ids)), Unit.is_active)
    return [Piece(*row) for row in db.session.execute(found)]


def held(unit_ids: Iterable[int], window: Interval) -> dict[int, list[Interval]]:
    """When units are held within a window, by the units' ids; by what or whom is not read."""
    times: dict[int, list[Interval]] = defaultdict(list)
    found = select(Hold.unit_id, Hold.starts_at, Hold.ends_at).where(
        Hold.unit_id.in_(sorted(unit_ids)), Hold.ends_at > window.start, Hold.starts_at < window.end
    )
    for unit, start, end in db.session.execute(found):
        times[unit].append(Interval(start, end))
    return times


class Listed(NamedTuple):
    """A sign as its site's staff see it: what it is about by name and slug."""

    sign: Sign
    area: Words | None
    resource: Words | None
    is_blank: bool  # there is nothing, or nothing any more, that everybody may see of it


def signs_at(site_id: int, now: datetime) -> list[Listed]:
    """The signs of a site, those that were taken down long ago left out; in the order of their names."""
    one = aliased(Resource)
    its = or_(one.id == Sign.resource_id, one.area_id == Sign.area_id)
    shown = exists().where(its, one.is_active, ~one.is_hidden)
    rows = db.session.execute(
        select(Sign, Area.name.label("area"), Resource.name.label("resource"), shown.label("is_shown"))
        .outerjoin(Area, Area.id == Sign.area_id)
        .outerjoin(Resource, Resource.id == Sign.resource_id)
        .where(Sign.site_id == site_id, or_(Sign.ended_at.is_(None), Sign.ended_at > now - ENDED_SHOWN))
        .order_by(Sign.name, Sign.id)
    )
    return [Listed(row.Sign, row.area, row.resource, not row.is_shown) for row in rows]


def sign_by_key(site_id: int, key: str, now: datetime) -> Sign:
    """One of them. Raises NotFoundError."""
    found = select(Sign).where(
        Sign.site_id == site_id,
        Sign.key == key,
        or_(Sign.ended_at.is_(None), Sign.ended_at > now - ENDED_SHOWN),
    )
    sign = db.session.scalar(found.execution_options(populate_existing=True))
    if sign is None:
        raise NotFoundError
    return sign


class Subject(NamedTuple):
    """What a sign can be about."""

    id: int
    slug: str
    name: Words
    area: Words | None  # in which a resource is; None: it is an area


def subjects_at(site_id: int) -> list[Subject]:
    """The areas of a site in which there is anything for everybody's eyes, then the resources that are."""
    rows = db.session.execute(
        select(Area.id.label("area_id"), Area.slug.label("area_slug"), Area.name.label("area"), Resource)
        .join(Resource, Resource.area_id == Area.id)
        .where(Area.site_id == site_id, _IS_PUBLIC)
        .order_by(Area.position, Area.id, Resource.position, Resource.id)
    ).all()
    areas = {row.area_id: Subject(row.area_id, row.area_slug, row.area, None) for row in rows}
    resources = [Subject(row.Resource.id, row.Resource.slug, row.Resource.name, row.area) for row in rows]
    return [*areas.values(), *resources]


def hidden_at(site_id: int) -> frozenset[int]:
    """The resources of a site that are hidden from anybody, by their ids: they are not on lists for the wall."""
    found = select(Resource.id).where(Resource.site_id == site_id, Resource.is_hidden)
    return frozenset(db.session.scalars(found))
