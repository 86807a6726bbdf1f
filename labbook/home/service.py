"""Keeping a resource among one's favourites, and no longer. A matter of taste: history does not tell of it."""

from __future__ import annotations

from sqlalchemy import delete

from ..catalogue.queries import resource_by_slug
from ..core.permissions import Actor, Do, Matter, require
from ..db import Lock, db, take_locks, transactional
from ..models import Favourite


@transactional
def keep_favourite(actor: Actor, slug: str) -> None:
    """Keep a resource that one sees; twice is as good as once. Raises NotFoundError, ForbiddenError."""
    resource_id = _resource_id(actor, slug)
    take_locks([(Lock.PERSON, actor.person_id)])
    if db.session.get(Favourite, (actor.person_id, resource_id), populate_existing=True) is None:
        db.session.add(Favourite(person_id=actor.person_id, resource_id=resource_id))


@transactional
def drop_favourite(actor: Actor, slug: str) -> None:
    """No longer keep it; twice is as good as once. Raises NotFoundError, ForbiddenError."""
    resource_id = _resource_id(actor, slug)
    take_locks([(Lock.PERSON, actor.person_id)])
    mine = (Favourite.person_id == actor.person_id, Favourite.resource_id == resource_id)
    db.session.execute(delete(Favourite).where(*mine))


def _resource_id(actor: Actor, slug: str) -> int:
    resource, site = resource_by_slug(actor, slug)
    require(actor, Do.KEEP_FAVOURITE, Matter(site.id, person_ids=frozenset({actor.person_id})))
    return resource.id
