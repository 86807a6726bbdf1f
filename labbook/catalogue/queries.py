"""Reads about sites and resources, through the viewer's scope; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)

from ..core.facts import Shut
from ..core.interval import Interval
from ..core.permissions import Actor, Do, Matter, NotFoundError, may
from ..core.place import Place
from ..core.searching import sought
from ..core.terms import ResourceKind
from ..db import db
from ..models import Area, Closure, OpeningRow, Resource, ResourcePartner, Site, Unit
from ..models.site import Hours


def site_by_slug(viewer: Actor, slug: str) -> Site:
    """A site that the viewer may look at. Raises NotFoundError."""
    site = db.session.scalar(select(Site).where(Site.slug == slug))
    if site is None or not may(viewer, Do.SEE_SITE, Matter(site.id)):
        raise NotFoundError
    return site


def sites_for(viewer: Actor) -> list[Site]:
    """The sites that the viewer may look at, by id."""
    sites = db.session.scalars(select(Site).order_by(Site.id))
    return [site for site in sites if may(viewer, Do.SEE_SITE, Matter(site.id))]


def is_shown(viewer: Actor) -> ColumnElement[bool]:
    """The condition under which the viewer may see a Resource: its site is theirs, and it is not hidden from them."""
    if viewer.looks_at_everything:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if viewer.agreements:
        sites = sorted({site for _, site in viewer.agreements})
        ways += [and_(~Resource.is_hidden, Resource.site_id.in_(sites)), _is_named(sorted(viewer.agreements))]
    if viewer.is_staff:
        ways.append(or_(~Resource.is_hidden, Resource.site_id.in_(viewer.staffed_sites)))
    return or_(*ways)


def partners_at(viewer: Actor, site_id: int) -> list[int]:
    """The partners for which the viewer works at a site."""
    return sorted(partner for partner, site in viewer.agreements if site == site_id)


def _is_named(agreements: Sequence[tuple[int, int]]) -> ColumnElement[bool]:
    """The resource is kept for one of these partners, at its site."""
    of_one = tuple_(ResourcePartner.partner_id, Resource.site_id).in_(agreements)
    return exists().where(ResourcePartner.resource_id == Resource.id, of_one)


def is_shown_to_partner(resource: Resource, partner_id: int) -> bool:
    """Whether a resource is hidden from this partner; a person of two partners may see it through the other."""
    if not resource.is_hidden:
        return True
    return db.session.get(ResourcePartner, (resource.id, partner_id)) is not None


def resource_by_slug(viewer: Actor, slug: str) -> tuple[Resource, Site]:
    """An active resource that the viewer may see, with its site. Raises NotFoundError."""
    row = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .where(Resource.slug == slug, Resource.is_active, is_shown(viewer))
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def unit_by_key(viewer: Actor, key: str) -> tuple[Unit, Resource, Site]:
    """A bookable unit of a resource that the viewer may see, with its resource and site. Raises NotFoundError."""
    row = db.session.execute(
        select(Unit, Resource, Site)
        .join(Resource, Resource.id == Unit.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Unit.key == key, Unit.is_active, Resource.is_active, is_shown(viewer))
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return row


# Made once: everybody's request asks for these.
_UNITS = (
    select(Unit).where(Unit.resource_id == bindparam("resource_id"), Unit.is_active).order_by(Unit.position, Unit.id)
)
_OPENINGS = select(OpeningRow).where(
    OpeningRow.site_id == bindparam("site_id"),
    OpeningRow.kind == Hours.OPEN,
    or_(OpeningRow.area_id.is_(None), OpeningRow.area_id == bindparam("area_id")),
    or_(OpeningRow.resource_id.is_(None), OpeningRow.resource_id == bindparam("resource_id")),
)
_CLOSURES = (
    select(Closure)
    .where(
        Closure.site_id == bindparam("site_id"),
        Closure.ends_at > bindparam("after"),
        Closure.starts_at < bindparam("before"),
        or_(Closure.area_id.is_(None), Closure.area_id == bindparam("area_id")),
        or_(Closure.resource_id.is_(None), Closure.resource_id == bindparam("resource_id")),
    )
    .order_by(Closure.starts_at)
)


def _where(resource: Resource) -> dict[str, int]:
    return {"site_id": resource.site_id, "area_id": resource.area_id, "resource_id": resource.id}


def units_of(resource_id: int) -> list[Unit]:
    """The bookable units of a resource, in order."""
    return list(db.session.scalars(_UNITS, {"resource_id": resource_id}))


def opening_rows(resource: Resource) -> list[OpeningRow]:
    """The opening hours that count for a resource: its own, else its area's, else its site's."""
    rows = db.session.scalars(_OPENINGS, _where(resource)).all()
    return nearest_hours(rows, resource.area_id, resource.id)


def nearest_hours(rows: Sequence[OpeningRow], area_id: int, resource_id: int) -> list[OpeningRow]:
    """Of a site's opening hours, those that count for one resource."""
    own = [row for row in rows if row.resource_id == resource_id]
    area = [row for row in rows if row.area_id == area_id and row.resource_id is None]
    return own or area or [row for row in rows if row.area_id is None and row.resource_id is None]


def biosafety_of(resource: Resource) -> int | None:
    """The highest level of samples that a resource is fit for, else its area is; None where levels do not matter."""
    is_asked = resource.biosafety is None and resource.kind in _HOLDS_SAMPLES
    return _level(resource, db.session.get_one(Area, resource.area_id).biosafety if is_asked else None)


def biosafety_among(resources: Sequence[Resource]) -> dict[int, int | None]:
    """The same of many resources by their ids, in one statement."""
    areas = {one.area_id for one in resources}
    rows = db.session.execute(select(Area.id, Area.biosafety).where(Area.id.in_(areas)))
    of_area = {row.id: row.biosafety for row in rows}
    return {one.id: _level(one, of_area[one.area_id]) for one in resources}


def _level(resource: Resource, of_area: int | None) -> int | None:
    if resource.kind not in _HOLDS_SAMPLES:
        return None
    return (of_area if resource.biosafety is None else resource.biosafety) or None


_HOLDS_SAMPLES = (ResourceKind.BENCH, ResourceKind.EQUIPMENT, ResourceKind.ROOM)


def closures_of(resource: Resource, window: Interval) -> tuple[Shut, ...]:
    """Closures of the site, the area, the resource and its units within the window."""
    about = {**_where(resource), "after": window.start, "before": window.end}
    found = (row.shut for row in db.session.scalars(_CLOSURES, about))
    return tuple(one for one in found if one.binds(by_day=resource.by_day, cover=resource.cover))


def areas_at(site_id: int) -> dict[int, Area]:
    """The areas of a site by id."""
    return {area.id: area for area in db.session.scalars(select(Area).where(Area.site_id == site_id))}


def closures_at(site_id: int, window: Interval) -> list[Closure]:
    """Closures of a site, its areas and its resources within a window."""
    return list(
        db.session.scalars(
            select(Closure)
            .where(Closure.site_id == site_id, Closure.ends_at > window.start, Closure.starts_at < window.end)
            .order_by(Closure.starts_at)
        )
    )


def openings_at(site_id: int) -> list[OpeningRow]:
    """All weekly opening hours at a site."""
    return list(
        db.session.scalars(select(OpeningRow).where(OpeningRow.site_id == site_id, OpeningRow.kind == Hours.OPEN))
    )


def resources_for(viewer: Actor, *, search: str = "", kinds: Sequence[str] = ()) -> list[tuple[Resource, Area, Site]]:
    """The resources that the viewer may see, by site, area and position; `search` as it was typed."""
    matches = [Resource.search_text.contains(word, autoescape=True) for word in sought(search)]
    rows = db.session.execute(
        select(Resource, Area, Site)
        .join(Area, Area.id == Resource.area_id)
        .join(Site, Site.id == Resource.site_id)
        .where(
            Resource.is_active,
            is_shown(viewer),
            Resource.kind.in_([ResourceKind(kind) for kind in kinds]) if kinds else true(),
            *matches,
        )
        .order_by(Site.id, Area.position, Area.id, Resource.position, Resource.id)
    )
    return list(rows)


def places(unit_ids: Iterable[int]) -> dict[int, Place]:
    """What is said of these units, in one statement."""
    pieces = select(func.count(Unit.id)).where(Unit.resource_id == Resource.id).correlate(Resource).scalar_subquery()
    rows = db.session.execute(
        select(Unit.id, Unit.name, pieces.label("pieces"), Resource, Site)
        .join(Resource, Resource.id == Unit.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Unit.id.in_(sorted(set(unit_ids))))
    )
    return {row.id: place_of(row.Resource, row.Site, row.name if row.pieces > 1 else "") for row in rows}


def place_of(resource: Resource, site: Site, unit: str = "") -> Place:
    """What is said of a resource, and of one of its units where it has several; no statement."""
    return Place(
        resource.name,
        resource.slug,
        str(resource.kind),
        resource.icon,
        unit,
        site.name,
        site.slug,
        site.address,
        site.zone,
        site.geo,
        resource.shares_buffers,
    )
