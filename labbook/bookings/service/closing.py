"""Closing a site, an area, a resource or a unit, and deciding on the bookings under it.

Nothing that is booked forbids closing, and nothing of it is dropped: what nobody has decided on is suspended and stays
on the closure's list. Whoever asks for something meanwhile waits for the site's lock, and then finds it closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...catalogue.queries import site_by_slug
from ...core.closing import MOST_DATES, ClosureKind
from ...core.interval import Interval
from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Closure
from ..closed import CONCERNED, Scope, bookings_under
from ..closings import closing_by_key, closing_made, scope_of
from .closing_work import Done, OverError, Work, event_of, flags_on_list, reason_of, require_closer, spelled, told_of
from .errors import StaleError
from .rebooking import Decision, lock_for, rebook


@dataclass(frozen=True, slots=True)
class Date:
    """One time that is closed, and what people read about it."""

    time: Interval
    reason: Words


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be closed in one go. `batch` is its name from then on: sent twice, it is closed once."""

    batch: str
    place: str  # as `closings.scope_of` reads it
    kind: ClosureKind
    dates: tuple[Date, ...]


@transactional
def close(
    actor: Actor, site_slug: str, draft: Draft, decisions: Mapping[str, Decision], *, note: str = "", now: datetime
) -> Done:
    """Close it, and do with the bookings under it what was decided; whatever else is there waits on its list.

    Each person whose bookings these are is told once. Raises NotFoundError, ForbiddenError, OverError for what lies in
    the past.
    """
    site = site_by_slug(actor, site_slug)
    scope = scope_of(site, draft.place)
    require_closer(actor, scope)
    take_locks([(Lock.SITE, site.id)])
    if closing_made(draft.batch):
        return Done(closing_by_key(actor, draft.batch).key)
    dates = [one for one in draft.dates if one.time.end > now][:MOST_DATES]
    if not dates:
        raise OverError
    rows = [_row(scope, draft, one, now) for one in dates]
    db.session.add_all(rows)
    db.session.flush()
    event = event_of("closure-made", rows, actor, now, spelled(rows))
    affected = bookings_under(Scope.of(rows[0]), [one.time for one in rows], now=now)
    return Work(actor, rows, event, "closed", now, note).settle(affected, decisions)


@transactional
def decide(actor: Actor, key: str, decisions: Mapping[str, Decision], *, note: str = "", now: datetime) -> Done:
    """Decide on bookings under a closure; those whose bookings these are, and no others, are told once each.

    Raises NotFoundError (for a booking that is not on its list), ForbiddenError, StaleError when somebody has decided.
    """
    seen = closing_by_key(actor, key)
    require(actor, Do.CLOSE_PART, Matter(seen.site.id))
    take_locks([(Lock.SITE, seen.site.id)])
    closing = closing_by_key(actor, key)
    flagged = {booking.key: (flag, booking) for flag, booking in flags_on_list(closing, now)}
    if not decisions or not decisions.keys() <= flagged.keys():
        raise NotFoundError
    chosen = [flagged[one] for one in decisions]
    if any(flag.settled_at is not None or booking.state not in CONCERNED for flag, booking in chosen):
        raise StaleError
    lock_for([booking for _, booking in chosen], decisions)
    outcome = rebook(actor, chosen, decisions, reason=note or reason_of(closing.dates), now=now)
    said = {"decided": len(outcome.decided), **({"reason": note} if note else {})}
    event = event_of("closure-decided", closing.dates, actor, now, said)
    return Work(actor, closing.dates, event, "decided", now, note).finish(outcome, told_of(outcome))


def _row(scope: Scope, draft: Draft, date: Date, now: datetime) -> Closure:
    return Closure(
        site_id=scope.site_id,
        area_id=scope.area_id,
        resource_id=scope.resource_id,
        unit_id=scope.unit_id,
        batch=draft.batch,
        kind=draft.kind,
        starts_at=date.time.start,
        ends_at=date.time.end,
        reason=date.reason,
        made_at=now,
    )
