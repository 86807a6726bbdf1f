"""The units that stand on boards, through the viewer's scope; each in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, or_, select, true, type_coerce

from ..core.amount import Measure
from ..core.permissions import Actor
from ..core.place import Bookable
from ..core.terms import ResourceKind
from ..db import db
from ..models import Area, Resource, Unit
from .queries import is_shown

_BOOKABLE: tuple[Any, ...] = (
    Resource.id,
    Resource.area_id,
    Resource.slug,
    Resource.name,
    Resource.icon,
    Resource.kind,
    Resource.by_day,
    Resource.cover,
    Resource.shares_buffers,
    Unit.id,
    Unit.key,
    Unit.name,
    Resource.slot,
)
_BY_CALENDAR = or_(Resource.by_day, type_coerce(Resource.slot, String).not_like(f"% {Measure.MINUTE}"))


def units_at(
    viewer: Actor,
    site_id: int,
    kinds: Sequence[str] = (),
    *,
    words: Sequence[str] = (),
    area: str = "",
    by_calendar: bool = False,
) -> list[Bookable]:
    """Every bookable unit at a site that the viewer may see, by area, resource and unit.

    Only what all the `words` find, which are folded; only in the area of that slug; with `by_calendar` only of what is
    booked by half days, days, weeks or months.
    """
    of_kind = Resource.kind.in_([ResourceKind(kind) for kind in kinds]) if kinds else true()
    counted = _BY_CALENDAR if by_calendar else true()
    found = [Resource.search_text.contains(word, autoescape=True) for word in words]
    within = Area.slug == area if area else true()
    at_site = Resource.site_id == site_id
    return _bookables(at_site, Resource.is_active, is_shown(viewer), of_kind, counted, within, *found)


def areas_shown(viewer: Actor, site_id: int) -> list[Area]:
    """The areas of a site in which the viewer may see something that can be booked, in order: of one that holds nothing
    but what is hidden from them not even the name is told.
    """
    its = select(Unit.id).join(Resource, Resource.id == Unit.resource_id).where(Resource.area_id == Area.id)
    seen = its.where(Unit.is_active, Resource.is_active, is_shown(viewer)).exists()
    found = select(Area).where(Area.site_id == site_id, seen).order_by(Area.position, Area.id)
    return list(db.session.scalars(found))


def units_on_schedule(resource_id: int) -> list[Bookable]:
    """The bookable units of one resource."""
    return _bookables(Resource.id == resource_id)


def _bookables(*conditions: Any) -> list[Bookable]:
    rows = db.session.execute(
        select(*_BOOKABLE)
        .select_from(Resource)
        .join(Unit, Unit.resource_id == Resource.id)
        .join(Area, Area.id == Resource.area_id)
        .where(Unit.is_active, *conditions)
        .order_by(Area.position, Area.id, Resource.position, Resource.id, Unit.position, Unit.id)
    )
    return [Bookable(*row) for row in rows]
