"""The same wish in other places: on the resource's other units, and on resources that are like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from ...catalogue.queries import is_shown, resource_by_slug, units_of
from ...core.explaining import Elsewhere
from ...core.facts import Facts
from ...core.interval import Interval
from ...core.language import Words
from ...core.permissions import Actor
from ...db import db
from ...models import Resource, ResourceGroupMember, Site, Unit
from .. import queries
from ..facts import Around, window_around
from ..many import facts_of_many, units_among
from ..wanted import Ask
from .ask import Stand, facts_of, whom, whose_of
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

    Other units are looked at when the chosen one of several `is_taken`. Raises NotFoundError.
    """
    beside: dict[str, Facts] = {}
    units: list[Unit] = []
    if ask.unit and is_taken:
        resource, site = resource_by_slug(actor, ask.resource)
        units = _others(resource, ask.unit)
        beside = _on_each(units, lambda: facts_of(actor, ask, Stand(ask.first, resource, site, units), now))
    there = _resources_like(actor, ask.resource)
    names = {resource.slug: resource.name for resource, _ in there}
    return Places(Elsewhere(beside, _alike(actor, ask, there, now)), {one.key: one.name for one in units}, names)


def _alike(actor: Actor, ask: Ask, there: Sequence[tuple[Resource, Site]], now: datetime) -> dict[str, list[Facts]]:
    """The facts of each unit of these resources for the same time, by the resources' slugs."""
    if not there:
        return {}
    windows = [window_around(ask.wanted, resource.terms, site.zoneinfo) for resource, site in there]
    window = Interval(min(one.start for one in windows), max(one.end for one in windows))
    units: dict[int, list[int]] = {one.id: [] for one, _ in there} | units_among(one.id for one, _ in there)
    whose = replace(whose_of(actor, ask, ask.first, whom(actor, ask, now)), options=())
    arounds = facts_of_many(there, whose=whose, units=units, window=window, now=now)
    return {
        one.slug: [replace(arounds[one.id].on(unit), wanted=ask.wanted) for unit in units[one.id]] for one, _ in there
    }


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


# Made once: every refusal asks for it, and most resources are like no other.
_itself, _place = aliased(Resource), aliased(ResourceGroupMember)
_ALIKE = (
    select(ResourceGroupMember.resource_id)
    .join(_place, _place.group_id == ResourceGroupMember.group_id)
    .join(_itself, _itself.id == _place.resource_id)
    .where(_itself.slug == bindparam("slug"), ResourceGroupMember.resource_id != _itself.id)
)


def _resources_like(viewer: Actor, slug: str) -> list[tuple[Resource, Site]]:
    """Active resources that share a group with this one and that the viewer may see; those of the same area first."""
    alike = set(db.session.scalars(_ALIKE, {"slug": slug}))
    if not alike:
        return []
    own = aliased(Resource)
    rows = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .join(own, own.slug == slug)
        .where(Resource.id.in_(sorted(alike)), Resource.is_active, is_shown(viewer))
        .order_by(Resource.site_id != own.site_id, Resource.area_id != own.area_id, Resource.id)
        .limit(MOST_ALIKE)
    )
    return [(row.Resource, row.Site) for row in rows]
