"""Getting into the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...core.finding_times import AT_ANY_TIME, Found
from ...core.interval import Interval
from ...core.offering import is_past
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Wait
from ...people.queries import project_for
from .. import queries
from .errors import FreeNowError, NeverError, PastError, TooManyWaitsError
from .searching import first_time, wish_of
from .steps import wait_event
from .targets import target

MOST_WAITS = 20  # of one person at a time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody would take, for so long within a stretch of time."""

    what: str  # as `targets.target` reads it
    stretch: Interval
    minutes: int
    partner_id: int
    title: str
    purpose: str = ""
    project: str = ""
    mode: str = ""
    biosafety: int = 0
    takes_it: bool = False


def join(actor: Actor, wanted: Wanted, *, now: datetime) -> str:
    """Wait for time to become free. Returns the wait's key; to wait for the same twice is to wait once.

    Raises NotFoundError, ForbiddenError, PastError, TooManyWaitsError, NeverError when the rules allow it at no time,
    and FreeNowError when there is no need to wait.
    """
    wait, slugs = _wait(actor, wanted, now)
    found = first_time(wish_of(wait, actor), {}, now=now)
    if found.offers:
        pick = found.offers[0][0]
        raise FreeNowError(slugs[pick.resource_id], pick.time)
    _require_possible(found)
    return _join(actor, wanted, now=now)


@transactional
def _join(actor: Actor, wanted: Wanted, *, now: datetime) -> str:
    take_locks([(Lock.PERSON, actor.person_id)])
    wait, _ = _wait(actor, wanted, now)
    if (same := queries.same_wait(wait)) is not None:
        return same.key
    if queries.live_count(actor.person_id) >= MOST_WAITS:
        raise TooManyWaitsError
    db.session.add(wait)
    db.session.flush()
    db.session.add(wait_event("wait-joined", wait, actor_id=actor.person_id, now=now))
    return wait.key


def _wait(actor: Actor, wanted: Wanted, now: datetime) -> tuple[Wait, dict[int, str]]:
    """The wait, not yet added, and the slugs of the resources that would do, by id."""
    found = target(actor, wanted.what)
    require(actor, Do.REQUEST_BOOKING, Matter(found.site.id, wanted.partner_id))
    if is_past(wanted.stretch, timedelta(minutes=wanted.minutes), now):
        raise PastError
    project = project_for(wanted.project, wanted.partner_id) if wanted.project else None
    if wanted.project and project is None:
        raise NotFoundError
    wait = Wait(
        site_id=found.site.id,
        resource_id=None if found.group_id else found.resources[0].id,
        group_id=found.group_id,
        person_id=actor.person_id,
        partner_id=wanted.partner_id,
        project_id=project.id if project else None,
        title=wanted.title,
        purpose=wanted.purpose,
        mode=wanted.mode,
        biosafety=wanted.biosafety,
        starts_at=wanted.stretch.start,
        ends_at=wanted.stretch.end,
        minutes=wanted.minutes,
        takes_it=wanted.takes_it,
        created_at=now,
    )
    return wait, {one.id: one.slug for one in found.resources}


def _require_possible(found: Found) -> None:
    """Raises NeverError when each resource is refused for what no other time could mend."""
    obstacles = found.obstacles[0] if found.obstacles else ()
    never = [one for one in obstacles if one.finding.code in AT_ANY_TIME]
    if never and sum(one.resources for one in never) == never[0].of:
        raise NeverError([one.finding.said for one in never])
