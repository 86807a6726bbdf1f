"""What is closed, in the calendars of a resource and of a site: everybody who may see the place reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from ..bookings.closed import Scope
from ..bookings.closings import place_of_scope, places_of
from ..catalogue.queries import closures_at
from ..core.closing import KIND_IN_CALENDARS
from ..core.feeds import Scope as FeedScope
from ..core.hours import is_midnight
from ..core.ical import Entry, Status
from ..core.interval import Interval
from ..db import db
from ..models import Closure, Resource, Site
from .queries import Door


def closed_entries(door: Door, window: Interval) -> list[Entry]:
    """The closures of what a feed is about within its window; none in a person's own."""
    if door.scope is FeedScope.MINE:
        return []
    resource = db.session.get_one(Resource, door.resource_id) if door.resource_id else None
    site = db.session.get_one(Site, resource.site_id if resource else door.site_id)
    shut = [one for one in closures_at(site.id, window) if resource is None or _is_of(one, resource)]
    get = places_of(shut, site)
    return [_entry(one, site, door, get) for one in shut]


def _is_of(closure: Closure, resource: Resource) -> bool:
    """It closes the resource, a unit of it, or more."""
    return closure.area_id in (None, resource.area_id) and closure.resource_id in (None, resource.id)


def _entry(closure: Closure, site: Site, door: Door, get: Callable[[Any, int], Any]) -> Entry:
    words, zone = door.language, site.zoneinfo
    place, unit, _ = place_of_scope(Scope.of(closure), get)
    by_day = is_midnight(closure.starts_at, zone) and is_midnight(closure.ends_at, zone)

    def edge(at: datetime) -> datetime | date:
        return at.astimezone(zone).date() if by_day else at

    where = f"{place.text(words)} {unit}".strip()
    return Entry(
        uid=str(uuid5(NAMESPACE_OID, f"closure {closure.key}")),
        sequence=closure.version - 1,
        stamp=closure.made_at or closure.starts_at,
        start=edge(closure.starts_at),
        end=edge(closure.ends_at),
        zone=site.zone,
        status=Status.CONFIRMED,
        summary=f"{KIND_IN_CALENDARS[words][closure.kind]} · {where} · {closure.reason.text(words)}",
        language=words,  # type: ignore[arg-type]
        location=where if where == site.name.text(words) else f"{where}, {site.name.text(words)}",
    )
