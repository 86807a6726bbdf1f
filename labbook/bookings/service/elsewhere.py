"""The same wish in other places: on the resource's other units, and on resources that are like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from ...catalogue.queries import is_shown, resource_by_slug, units_of
from ...core.explaining import Elsewhere
from ...core.facts import Facts
from ...core.interval import Interval
from ...core.language import Words
from ...core.permissions import Actor
from ...db import db
from ...models import Resource, ResourceGroupMember, Site, Unit
from .. import queries
from ..facts import Around
from .ask import Ask, facts_of
from .matters import own_around, place_of

MOST_ALIKE = 5


@dataclass(frozen=True, slots=True)
class Places:
    """Facts for the judge, and what the places are called."""

    facts: Elsewhere = field(default_factory=Elsewhere)
    units: dict[str, str] = field(default_factory=dict)  # names by key
    resources: dict[str, Words] = field(default_factory=dict)  # names by slug


def elsewhere(actor: Actor, ask: Ask, *, now: datetime, is_taken: bool) -> Places:
    """Where else an ask could go at the same time: at most five other resources, each with its own facts; no locks.

    Other units are looked at when the chosen one `is_taken`. Raises NotFoundError.
    """
    resource, site = resource_by_slug(actor, ask.resource)

    def read(there: Resource, at: Site, units: Sequence[Unit]) -> Around:
        return facts_of(actor, ask, there, at, units, now)

    units = _others(resource, ask.unit) if ask.unit and is_taken else []
    alike: dict[str, list[Facts]] = {}
    names: dict[str, Words] = {}
    for there, at in _resources_like(actor, resource):
        pieces = units_of(there.id)
        around = read(there, at, pieces)
        names[there.slug], alike[there.slug] = there.name, [around.on(one.id) for one in pieces]
    beside = _on_each(units, lambda: read(resource, site, units))
    return Places(Elsewhere(beside, alike), {one.key: one.name for one in units}, names)


def elsewhere_to_move(actor: Actor, booking_key: str, wanted: Interval, *, unit: str, now: datetime) -> Places:
    """The other units of its resource to which a booking could go at that time. Raises NotFoundError."""
    booking = queries.booking_by_key(actor, booking_key)
    resource, _ = place_of(booking)
    units = _others(resource, unit)
    beside = _on_each(units, lambda: own_around(booking, wanted, now, [one.id for one in units]))
    return Places(Elsewhere(beside), {one.key: one.name for one in units})


def _others(resource: Resource, key: str) -> list[Unit]:
    return [one for one in units_of(resource.id) if one.key != key]


def _on_each(units: Iterable[Unit], read: Callable[[], Around]) -> dict[str, Facts]:
    chosen = list(units)
    if not chosen:
        return {}
    around = read()
    return {one.key: around.on(one.id) for one in chosen}


def _resources_like(viewer: Actor, resource: Resource) -> list[tuple[Resource, Site]]:
    """Active resources that share a group with this one and that the viewer may see; those of the same area first."""
    own = select(ResourceGroupMember.group_id).where(ResourceGroupMember.resource_id == resource.id)
    alike = select(ResourceGroupMember.resource_id).where(ResourceGroupMember.group_id.in_(own))
    rows = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .where(Resource.id.in_(alike), Resource.id != resource.id, Resource.is_active, is_shown(viewer))
        .order_by(Resource.site_id != resource.site_id, Resource.area_id != resource.area_id, Resource.id)
        .limit(MOST_ALIKE)
    )
    return [(row.Resource, row.Site) for row in rows]
