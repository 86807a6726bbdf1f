"""Reads about groups of resources, through the viewer's scope; each in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import exists, select

from ..core.permissions import Actor, Do, Matter, NotFoundError, may
from ..db import db
from ..models import Area, Resource, ResourceGroup, ResourceGroupMember, Site
from .queries import is_shown


class Member(NamedTuple):
    """A resource of a group, or one that can be put into it, with where it stands."""

    resource: Resource
    site: Site


def groups_for(viewer: Actor) -> list[tuple[ResourceGroup, list[Member]]]:
    """The groups of which the viewer may see a resource, by age, each with the resources that they may see."""
    members: dict[int, list[Member]] = defaultdict(list)
    groups: dict[int, ResourceGroup] = {}
    rows = db.session.execute(
        select(ResourceGroup, Resource, Site)
        .join(ResourceGroupMember, ResourceGroupMember.group_id == ResourceGroup.id)
        .join(Resource, Resource.id == ResourceGroupMember.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Resource.is_active, is_shown(viewer))
        .order_by(ResourceGroup.id, Site.id, Resource.position, Resource.id)
    )
    for group, resource, site in rows:
        groups[group.id] = group
        members[group.id].append(Member(resource, site))
    return [(group, members[number]) for number, group in groups.items()]


def group_by_slug(viewer: Actor, slug: str) -> tuple[ResourceGroup, list[Member]]:
    """A group of which the viewer may see a resource, with those that they may see. Raises NotFoundError."""
    found = [one for one in groups_for(viewer) if one[0].slug == slug]
    if not found:
        raise NotFoundError
    return found[0]


def member_slugs(group_id: int) -> dict[str, int]:
    """The id of every resource of a group, hidden ones and those out of use too, by slug; for writing alone."""
    rows = db.session.execute(
        select(Resource.slug, Resource.id)
        .join(ResourceGroupMember, ResourceGroupMember.resource_id == Resource.id)
        .where(ResourceGroupMember.group_id == group_id)
        .order_by(Resource.id)
    )
    return {row.slug: row.id for row in rows}


def resources_managed_by(actor: Actor) -> list[Member]:
    """The resources of the sites that somebody manages, by site, area and position."""
    sites = managed_sites(actor)
    rows = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .join(Area, Area.id == Resource.area_id)
        .where(Resource.is_active, Resource.site_id.in_(sites))
        .order_by(Site.id, Area.position, Area.id, Resource.position, Resource.id)
    )
    return [Member(*row) for row in rows]


def managed_sites(actor: Actor) -> Sequence[int]:
    """The sites whose groups somebody may change."""
    return [site for site in sorted(actor.staffed_sites) if may(actor, Do.SET_SITE, Matter(site))]


def is_taken(slug: str) -> bool:
    """Whether a group has this slug already."""
    return bool(db.session.scalar(select(exists().where(ResourceGroup.slug == slug))))
