"""The verbs about sites, each one transaction."""

from __future__ import annotations

from datetime import datetime

from ..core.permissions import Actor, Do, Matter, require
from ..db import Lock, db, take_locks, transactional
from ..models.audit import happened
from . import queries


class StaleError(Exception):
    """It was chosen from a page that is out of date."""


@transactional
def show_busy(actor: Actor, slug: str, merges: bool, *, was: bool, now: datetime) -> None:
    """Let a site show busy times that touch as one block, or each as its own; feeds are new with the next request.

    `was` is what the person saw before. Raises NotFoundError, ForbiddenError, StaleError.
    """
    site = queries.site_by_slug(actor, slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    db.session.refresh(site)
    if site.merges_busy is not was:
        raise StaleError
    if merges is was:
        return
    site.merges_busy = merges
    said = {"before": {"merges_busy": was}, "after": {"merges_busy": merges}}
    db.session.add(
        happened(
            "site-set",
            at=now,
            actor_id=actor.person_id,
            subject="site",
            subject_id=site.id,
            body=said,
            site_id=site.id,
        )
    )
