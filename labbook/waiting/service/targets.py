"""What one can wait for: a resource, or any one of a group at a site."""

from __future__ import annotations

from typing import NamedTuple

from ...catalogue.groups import group_by_slug
from ...catalogue.queries import resource_by_slug
from ...core.language import Words
from ...core.permissions import Actor, NotFoundError
from ...models import Resource, Site


class Target(NamedTuple):
    """A resource, or those of a group that the viewer may see at one site."""

    name: Words
    site: Site
    resources: list[Resource]
    group_id: int | None  # none: it is the one resource itself

    @property
    def by_day(self) -> bool:
        """Whether it is booked by the day."""
        return all(one.by_day for one in self.resources)


def target(viewer: Actor, what: str) -> Target:
    """What `resource:slug` or `group:slug:site` names, through the viewer's scope. Raises NotFoundError."""
    kind, _, name = what.partition(":")
    if kind == "resource":
        resource, site = resource_by_slug(viewer, name)
        return Target(resource.name, site, [resource], None)
    slug, _, site_slug = name.partition(":")
    if kind != "group":
        raise NotFoundError
    group, members = group_by_slug(viewer, slug)
    here = [one for one in members if one.site.slug == site_slug]
    if not here:
        raise NotFoundError
    return Target(group.name, here[0].site, [one.resource for one in here], group.id)
