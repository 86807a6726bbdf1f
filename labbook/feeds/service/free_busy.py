"""When a resource is taken, for programs that look for a free time: nothing but times, and the same for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...catalogue.queries import closures_at, is_shown
from ...core.ical import free_busy_bytes
from ...core.interval import Interval, gaps, local_day
from ...core.permissions import Actor, NotFoundError
from ...db import db
from ...models import Closure, Hold, Resource, Site, Unit
from .holding import AHEAD


@dataclass(frozen=True, slots=True)
class FreeBusy:
    """What is said, and by which name it is kept."""

    body: bytes
    slug: str


def free_busy(viewer: Actor | None, slug: str, *, base_url: str, now: datetime) -> FreeBusy:
    """When a resource is taken, from today on: all its units are held or it is shut.

    It is for whoever may see the resource, and for everybody where its site says so and it is not hidden; NotFoundError
    for the others. What stands within opening hours is not asked: outside of them it may be free and of no use.
    """
    row = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .where(Resource.slug == slug, Resource.is_active, is_shown(viewer) if viewer else _IS_OPEN)
    ).one_or_none()
    if row is None and viewer is not None:  # whoever has an account is told no less than whoever has none
        return free_busy(None, slug, base_url=base_url, now=now)
    if row is None:
        raise NotFoundError
    resource, site = row
    window = _window(site.zoneinfo, now)
    shut = [one for one in closures_at(site.id, window) if _concerns(one, resource)]
    url = f"{base_url}/resources/{slug}"
    uid = str(uuid5(NAMESPACE_OID, f"free-busy {slug}"))
    taken = _taken(resource.id, shut, window)
    return FreeBusy(free_busy_bytes(taken, window, uid=uid, stamp=window.start, language="en", url=url), slug)


_IS_OPEN = Site.free_busy & ~Resource.is_hidden


def _window(zone: ZoneInfo, now: datetime) -> Interval:
    today = now.astimezone(zone).date()
    return Interval(local_day(today, zone).start, local_day(today + AHEAD, zone).end)


def _concerns(closure: Closure, resource: Resource) -> bool:
    if closure.resource_id is not None:
        return closure.resource_id == resource.id
    return closure.area_id is None or closure.area_id == resource.area_id


def _taken(resource_id: int, shut: Iterable[Closure], window: Interval) -> list[Interval]:
    """The times within a window at which none of the resource's units is free."""
    units = list(db.session.scalars(select(Unit.id).where(Unit.resource_id == resource_id, Unit.is_active)))
    times: Mapping[int, list[Interval]] = {unit: [] for unit in units}
    held = select(Hold.unit_id, Hold.starts_at, Hold.ends_at).where(
        Hold.unit_id.in_(units), Hold.ends_at > window.start, Hold.starts_at < window.end
    )
    for unit, start, end in db.session.execute(held):
        times[unit].append(Interval(start, end))
    for closure in shut:
        for unit in units if closure.unit_id is None else {closure.unit_id} & set(units):
            times[unit].append(closure.time)
    free = [gap for taken in times.values() for gap in gaps(window, taken)]
    return list(gaps(window, free))
