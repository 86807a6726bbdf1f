"""Reads about what is tied to what: resources that contain, require or offer others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from ..core.links import LinkKind, SeenLink
from ..core.permissions import Actor
from ..db import db
from ..models import Resource, ResourceLink, ResourcePartner, Site, Unit
from .queries import is_shown


@dataclass(frozen=True, slots=True)
class Tie:
    """A link of a resource, with the other one."""

    resource_id: int
    other: Resource
    kind: LinkKind
    pieces: int


class Need(NamedTuple):
    """A resource of which units are held with a booking: so many, or all of them (None)."""

    other: Resource
    pieces: int | None


Ties = Mapping[int, list[Tie]]  # by the resource that contains, requires or offers

# Made once: everybody's request asks for these.
_AT_SITE = (
    select(ResourceLink, Resource)
    .join(Resource, Resource.id == ResourceLink.other_id)
    .where(Resource.site_id == bindparam("site_id"))
    .order_by(ResourceLink.resource_id, Resource.position, Resource.id)
)


def ties_at(site_id: int) -> Ties:
    """All links at a site; one statement. No link leads from one site to another."""
    found: dict[int, list[Tie]] = defaultdict(list)
    for link, other in db.session.execute(_AT_SITE, {"site_id": site_id}):
        found[link.resource_id].append(Tie(link.resource_id, other, link.kind, link.pieces))
    return found


def links_of(resource: Resource) -> list[Tie]:
    """What a resource contains, requires and offers itself; one statement."""
    return ties_at(resource.site_id).get(resource.id, [])


def offered_with(viewer: Actor, resource: Resource) -> list[Resource]:
    """What can be taken with a resource, as far as the viewer may know of it; one or two statements."""
    found = [one.other for one in links_of(resource) if one.kind is LinkKind.OFFERS]
    if not found:
        return []
    shown = select(Resource.id).join(Site).where(Resource.id.in_([one.id for one in found]), is_shown(viewer))
    known = set(db.session.scalars(shown))
    return [one for one in found if one.id in known]


def chosen_options(slug: str, options: Iterable[str], partner_id: int) -> list[int]:
    """The ids of these resources, as far as the one with that slug offers them and the partner may know of them."""
    main = aliased(Resource)
    kept = exists().where(ResourcePartner.resource_id == Resource.id, ResourcePartner.partner_id == partner_id)
    found = (
        select(Resource.id)
        .join(ResourceLink, ResourceLink.other_id == Resource.id)
        .join(main, main.id == ResourceLink.resource_id)
        .where(
            main.slug == slug,
            ResourceLink.kind == LinkKind.OFFERS,
            Resource.slug.in_(list(options)),
            or_(~Resource.is_hidden, kept),
        )
        .order_by(Resource.id)
    )
    return list(db.session.scalars(found))


def needs_of(resource_id: int, ties: Ties, options: Collection[int]) -> list[Need]:
    """What is held with a booking of a resource: all of what it contains, at any depth; of what it requires and of the
    chosen options so many units, and all of what those contain.
    """
    whole = {one.other.id: one.other for one in _within(resource_id, ties)}
    some: list[Need] = []
    for tie in ties.get(resource_id, ()):
        if tie.kind is LinkKind.REQUIRES or (tie.kind is LinkKind.OFFERS and tie.other.id in options):
            whole |= {one.other.id: one.other for one in _within(tie.other.id, ties)}
            some.append(Need(tie.other, tie.pieces))
    return [*(Need(one, None) for one in whole.values()), *(one for one in some if one.other.id not in whole)]


def _within(resource_id: int, ties: Ties) -> Iterator[Tie]:
    for tie in ties.get(resource_id, ()):
        if tie.kind is LinkKind.CONTAINS:
            yield tie
            yield from _within(tie.other.id, ties)


def reaches(start: int, goal: int, ties: Ties) -> bool:
    """Whether links of any kind lead from one resource to another."""
    return start == goal or any(reaches(one.other.id, goal, ties) for one in ties.get(start, ()))


def hidden_from(resources: Iterable[Resource], partner_id: int) -> frozenset[int]:
    """Those of these resources of which a partner may not know; a statement only where any is hidden at all."""
    hidden = [one.id for one in resources if one.is_hidden]
    if not hidden:
        return frozenset()
    kept = select(ResourcePartner.resource_id).where(
        ResourcePartner.partner_id == partner_id, ResourcePartner.resource_id.in_(hidden)
    )
    return frozenset(hidden) - frozenset(db.session.scalars(kept))


def beside(resource_ids: Iterable[int], site_id: int) -> set[int]:
    """The resources at a site of which bookings of these might hold units besides their own; one statement."""
    ties = ties_at(site_id)
    others: set[int] = set()
    for number in set(resource_ids):
        offered = {one.other.id for one in ties.get(number, ()) if one.kind is LinkKind.OFFERS}
        others |= {need.other.id for need in needs_of(number, ties, offered)}
    return others


def beside_with(taken: Mapping[int, Collection[int]], site_id: int) -> set[int]:
    """The same of bookings of these resources, each with the options that are taken; one statement."""
    ties = ties_at(site_id)
    return {need.other.id for number, options in taken.items() for need in needs_of(number, ties, options)}


def units_beside(resource_ids: Iterable[int], site_id: int) -> list[int]:
    """All units that such bookings might hold besides their own: those to lock with them."""
    others = beside(resource_ids, site_id)
    return list(db.session.scalars(select(Unit.id).where(Unit.resource_id.in_(others)))) if others else []


def resources_to_link(viewer: Actor, resource: Resource) -> list[Resource]:
    """The other resources of its site, in order: what it may be linked to."""
    at = (Resource.site_id == resource.site_id, Resource.id != resource.id)
    found = select(Resource).where(*at, Resource.is_active, is_shown(viewer))
    return list(db.session.scalars(found.order_by(Resource.position, Resource.id)))


def linked_to(viewer: Actor, resource: Resource) -> list[SeenLink]:
    """The links of a resource and those that lead to it, as far as the viewer may see what is at their other end; one
    statement.
    """
    leads = or_(
        and_(ResourceLink.resource_id == resource.id, Resource.id == ResourceLink.other_id),
        and_(ResourceLink.other_id == resource.id, Resource.id == ResourceLink.resource_id),
    )
    rows = db.session.execute(
        select(ResourceLink, Resource)
        .join(Resource, leads)
        .where(Resource.is_active, is_shown(viewer))
        .order_by(Resource.position, Resource.id)
    )
    return [
        SeenLink(link.kind, link.resource_id == resource.id, other.name, other.slug, link.pieces)
        for link, other in rows
    ]
