"""What is closed, in the calendars of resources: everybody who may see the place reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select

from ...bookings.closed import Scope
from ...bookings.closings import place_of_scope, places_of
from ...catalogue.queries import closures_at
from ...core.closing import KIND_IN_CALENDARS
from ...core.hours import is_midnight
from ...core.ical import OF_CLOSURES, Entry, Language, Status
from ...core.interval import Interval
from ...db import db
from ...models import Closure, Resource, Site


def closed_entries(resource_ids: Sequence[int], window: Interval, language: Language) -> list[Entry]:
    """The closures of some resources, of their areas and of their sites within a window, by site and start."""
    rows = db.session.execute(
        select(Resource.site_id, Resource.area_id).where(Resource.id.in_(resource_ids)).distinct()
    ).all()
    areas, ids = {row.area_id for row in rows}, frozenset(resource_ids)
    found = []
    for number in sorted({row.site_id for row in rows}):
        site = db.session.get_one(Site, number)
        shut = [one for one in closures_at(number, window) if _concerns(one, areas, ids)]
        get = places_of(shut, site)
        found += [_entry(one, site, language, get) for one in shut]
    return found


def _concerns(closure: Closure, areas: set[int], ids: frozenset[int]) -> bool:
    """It closes one of the resources, a unit of one, or more."""
    if closure.resource_id is not None:
        return closure.resource_id in ids
    return closure.area_id is None or closure.area_id in areas


def _entry(closure: Closure, site: Site, words: Language, get: Callable[[Any, int], Any]) -> Entry:
    zone = site.zoneinfo
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
        language=words,
        categories=(KIND_IN_CALENDARS[words][closure.kind],),
        color=OF_CLOSURES,
        location=where if where == site.name.text(words) else f"{where}, {site.name.text(words)}",
    )
