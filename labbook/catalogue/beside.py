"""What else could be booked with a resource."""

from __future__ import annotations

from sqlalchemy import select

from ..core.language import Words
from ..core.permissions import Actor
from ..db import db
from ..models import Area, Resource, Site
from .queries import is_shown


def booked_beside(viewer: Actor, resource: Resource) -> list[tuple[str, Words]]:
    """Slugs and names of the site's other resources that the viewer may see, by area and position.

    Only those that are booked like it, by the clock or by days, and without further questions.
    """
    rows = db.session.execute(
        select(Resource.slug, Resource.name, Resource.modes)
        .join(Site, Site.id == Resource.site_id)
        .join(Area, Area.id == Resource.area_id)
        .where(
            Resource.site_id == resource.site_id,
            Resource.id != resource.id,
            Resource.by_day == resource.by_day,
            Resource.is_active,
            is_shown(viewer),
        )
        .order_by(Area.position, Area.id, Resource.position, Resource.id)
    )
    return [(row.slug, row.name) for row in rows if not row.modes]
