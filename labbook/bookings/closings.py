"""Reads about what is closed in one go: one date or several, of a site, an area, a resource or a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from ..core.closing import ClosureKind
from ..core.flags import Lost
from ..core.interval import Interval
from ..core.language import Words
from ..core.permissions import Actor, NotFoundError
from ..db import db
from ..models import Area, Booking, Closure, Flag, Resource, Site, Unit
from .closed import CONCERNED, Scope

SITE = "site"


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """What can be closed; `value` is how a form names it. `depth` is how far it lies within the site."""

    value: str
    name: Words
    unit: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Closing:
    """What was closed in one go: its dates in order, all of one place."""

    key: str
    site: Site
    dates: tuple[Closure, ...]
    place: Words
    unit: str = ""  # its name, where one unit alone is closed
    resource: str = ""  # its slug, where it is one resource or a unit of it

    @property
    def first(self) -> Closure:
        """Its first date."""
        return self.dates[0]

    @property
    def scope(self) -> Scope:
        """What is closed."""
        return Scope.of(self.first)

    @property
    def version(self) -> int:
        """Rises with every change of any of its dates."""
        return sum(one.version for one in self.dates)

    def ahead(self, now: datetime) -> list[Closure]:
        """The dates that are not over."""
        return [one for one in self.dates if one.ends_at > now]


def places_to_close(site_id: int) -> list[PlaceChoice]:
    """Everything at a site that can be closed apart from the site itself: areas, their resources, units of several."""
    areas = db.session.scalars(select(Area).where(Area.site_id == site_id).order_by(Area.position, Area.id)).all()
    rows = db.session.scalars(
        select(Resource).where(Resource.site_id == site_id, Resource.is_active).order_by(Resource.position, Resource.id)
    )
    by_area: dict[int, list[Resource]] = defaultdict(list)
    for one in rows:
        by_area[one.area_id].append(one)
    units = _units_by_resource(one.id for several in by_area.values() for one in several)
    found = []
    for area in areas:
        found.append(PlaceChoice(f"area:{area.slug}", area.name))
        for resource in by_area[area.id]:
            found.append(PlaceChoice(f"resource:{resource.slug}", resource.name, depth=1))
            pieces = units[resource.id]
            if len(pieces) > 1:
                found += [PlaceChoice(f"unit:{one.key}", resource.name, one.name, depth=2) for one in pieces]
    return found


def _units_by_resource(resource_ids: Iterable[int]) -> dict[int, list[Unit]]:
    found: dict[int, list[Unit]] = defaultdict(list)
    wanted = select(Unit).where(Unit.resource_id.in_(list(resource_ids)), Unit.is_active)
    for one in db.session.scalars(wanted.order_by(Unit.position, Unit.id)):
        found[one.resource_id].append(one)
    return found


def scope_of(site: Site, place: str) -> Scope:
    """What a form's name for a place means at a site. Raises NotFoundError."""
    kind, _, name = place.partition(":")
    if place == SITE:
        return Scope(site.id)
    row = _READ[kind](site, name) if kind in _READ else None
    if row is None:
        raise NotFoundError
    return Scope(site.id, *row)


def place_of_scope(scope: Scope, get: Callable[[Any, int], Any] | None = None) -> tuple[Words, str, str]:
    """What is closed, in words: the narrowest place, the unit's name, and the slug of the resource.

    `get` gives a row by table and id; it asks the database unless it is given.
    """
    get = get or db.session.get_one
    if scope.resource_id is not None:
        resource = get(Resource, scope.resource_id)
        return resource.name, get(Unit, scope.unit_id).name if scope.unit_id else "", resource.slug
    if scope.area_id is not None:
        return get(Area, scope.area_id).name, "", ""
    return get(Site, scope.site_id).name, "", ""


def named_place(scope: Scope) -> str:
    """How a form names it; the other way round than `scope_of`."""
    if scope.unit_id is not None:
        return f"unit:{db.session.get_one(Unit, scope.unit_id).key}"
    if scope.resource_id is not None:
        return f"resource:{db.session.get_one(Resource, scope.resource_id).slug}"
    return f"area:{db.session.get_one(Area, scope.area_id).slug}" if scope.area_id is not None else SITE


def _area(site: Site, slug: str) -> Any:
    return db.session.execute(select(Area.id).where(Area.site_id == site.id, Area.slug == slug)).one_or_none()


def _resource(site: Site, slug: str) -> Any:
    """A resource is closed as such: it stays so when it is carried to another area."""
    found = select(Resource.id).where(Resource.site_id == site.id, Resource.slug == slug, Resource.is_active)
    number = db.session.scalar(found)
    return None if number is None else (None, number)


def _unit(site: Site, key: str) -> Any:
    found = (
        select(Resource.id, Unit.id)
        .join(Unit, Unit.resource_id == Resource.id)
        .where(Resource.site_id == site.id, Unit.key == key, Resource.is_active, Unit.is_active)
    )
    row = db.session.execute(found).one_or_none()
    return None if row is None else (None, *row)


_READ = {"area": _area, "resource": _resource, "unit": _unit}


def closing_by_key(viewer: Actor, key: str) -> Closing:
    """What was closed in one go, or one date of it, at a site where the viewer works. Raises NotFoundError."""
    rows = db.session.scalars(
        select(Closure)
        .where(or_(Closure.batch == key, Closure.key == key), Closure.site_id.in_(sorted(viewer.staffed_sites)))
        .order_by(Closure.starts_at, Closure.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise NotFoundError
    return _closing(rows)


def closing_made(batch: str) -> bool:
    """Whether something was closed under this name already."""
    return db.session.scalar(select(Closure.id).where(Closure.batch == batch).limit(1)) is not None


def _closing(rows: Sequence[Closure], get: Callable[[Any, int], Any] | None = None) -> Closing:
    site = db.session.get_one(Site, rows[0].site_id)
    return Closing(rows[0].closing, site, tuple(rows), *place_of_scope(Scope.of(rows[0]), get))


def closings_at(site_id: int, since: datetime) -> list[Closing]:
    """What is closed at a site, or was since an instant, by the first of its dates; old dates of it are left out."""
    rows = db.session.scalars(
        select(Closure)
        .where(Closure.site_id == site_id, Closure.ends_at > since)
        .order_by(Closure.starts_at, Closure.id)
    ).all()
    known: dict[str, list[Closure]] = defaultdict(list)
    for one in rows:
        known[one.closing].append(one)
    get = places_of(rows, db.session.get_one(Site, site_id))
    return [_closing(several, get) for several in known.values()]


def places_of(closures: Sequence[Closure], site: Site) -> Callable[[Any, int], Any]:
    """What these closures of a site name, read with a statement for each kind of place: gives a row by table and id."""
    found: dict[Any, dict[int, Any]] = {Site: {site.id: site}}
    tables: tuple[tuple[Any, str], ...] = ((Area, "area_id"), (Resource, "resource_id"), (Unit, "unit_id"))
    for table, column in tables:
        ids = {getattr(one, column) for one in closures} - {None}
        found[table] = {one.id: one for one in db.session.scalars(select(table).where(table.id.in_(ids)))}
    return lambda table, number: found[table][number]


def unit_keys(unit_ids: Iterable[int]) -> dict[int, str]:
    """The keys of units by their ids."""
    rows = db.session.execute(select(Unit.id, Unit.key).where(Unit.id.in_(sorted(set(unit_ids)))))
    return {row.id: row.key for row in rows}


def waiting_by_closing(site_id: int) -> dict[str, int]:
    """How many bookings wait for a decision, by the name of what was closed in one go."""
    rows = db.session.execute(
        select(Flag.closing, func.count(Flag.id))
        .join(Booking, Booking.id == Flag.booking_id)
        .where(
            Flag.site_id == site_id,
            Flag.code == Lost.CLOSED,
            Flag.settled_at.is_(None),
            Booking.state.in_(CONCERNED),
        )
        .group_by(Flag.closing)
    )
    return {closing: count for closing, count in rows if closing}


def closed_days(site_id: int, days: Sequence[Interval]) -> set[Interval]:
    """Those of these days on which something at a site is closed for a holiday already."""
    if not days:
        return set()
    rows = db.session.execute(
        select(Closure.starts_at, Closure.ends_at).where(
            Closure.site_id == site_id,
            Closure.kind == ClosureKind.HOLIDAY,
            Closure.ends_at > min(one.start for one in days),
            Closure.starts_at < max(one.end for one in days),
        )
    )
    closed = [Interval(row.starts_at, row.ends_at) for row in rows]
    return {one for one in days if any(one.overlaps(time) for time in closed)}
