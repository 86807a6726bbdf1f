"""What a site's managers choose for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models.audit import happened
from .. import queries
from .errors import StaleError


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices: whether busy times that touch are one, the first day of a week (Monday is 0), and whether anybody
    may ask without an account when a resource is taken.
    """

    merges_busy: bool
    first_weekday: int = 0
    free_busy: bool = False


@transactional
def set_site(actor: Actor, slug: str, chosen: Chosen, *, was: Chosen, now: datetime) -> None:
    """Choose for a site; pages, feeds and what is counted by weeks follow with the next request.

    `was` is what the person saw before. Raises NotFoundError, ForbiddenError, StaleError.
    """
    site = queries.site_by_slug(actor, slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    db.session.refresh(site)
    if Chosen(site.merges_busy, site.first_weekday, site.free_busy) != was:
        raise StaleError
    before, after = asdict(was), asdict(chosen)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    for name in changed:
        setattr(site, name, after[name])
    said = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
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
