"""Changing what is closed, and opening it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ...core.closing import ClosureKind
from ...core.flags import Choice
from ...core.interval import Interval
from ...core.permissions import Actor
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Closure, Event, Flag
from ..closed import CONCERNED, Scope, bookings_under, closed_over
from ..closings import Closing, closing_by_key
from .closing import Date
from .closing_letters import Told
from .closing_work import Done, OverError, Work, event_of, flags_on_list, require_closer, spelled
from .errors import StaleError
from .rebooking import Outcome, settled


@transactional
def change(
    actor: Actor, key: str, wanted: Date, kind: ClosureKind, *, version: int, whole: bool = False, now: datetime
) -> Done:
    """Change one date: its time, and its kind and message, or those of all dates when `whole`.

    What has begun keeps its start. Raises NotFoundError, ForbiddenError, StaleError, OverError.
    """
    closing, row = _locked_date(actor, key, now)
    if row.version != version:
        raise StaleError
    time = from_its_start(wanted.time, row, now)
    if time.end <= now:
        raise OverError
    before = spelled([row])
    rows = closing.ahead(now) if whole else [row]
    for one in rows:
        one.kind, one.reason = kind, wanted.reason
        one.version += 1
        one.made_at = now
    row.starts_at, row.ends_at = time.start, time.end
    db.session.flush()
    event = event_of("closure-set", [row], actor, now, {"before": before, "after": spelled([row])})
    again = open_again(flags_on_list(closing, now), event, now)
    affected = bookings_under(Scope.of(row), [time], now=now)
    return Work(actor, rows, event, "changed", now).settle(affected, {}, again)


@transactional
def lift(actor: Actor, key: str, *, version: int, only: bool = False, now: datetime) -> Done:
    """Open again what is closed, all dates or `only` this one: what runs ends now, what lies ahead is taken out.

    Bookings that are not under a closure any more go on as booked. Raises NotFoundError, ForbiddenError, StaleError,
    OverError.
    """
    closing, row = _locked_date(actor, key, now)
    if (row.version if only else closing.version) != version:
        raise StaleError
    rows = [row] if only else closing.ahead(now)
    flagged = flags_on_list(closing, now)
    body = spelled(rows)
    for one in rows:
        open_now(one, now)
    db.session.flush()
    event = event_of("closure-lifted", rows, actor, now, body)
    again = open_again(flagged, event, now)
    left = "" if not [one for one in closing.dates if one not in rows or one.starts_at < now] else closing.key
    done = Work(actor, rows, event, "lifted", now).finish(Outcome(), again)
    return replace(done, key=left)


def from_its_start(time: Interval, row: Closure, now: datetime) -> Interval:
    """What has begun goes on from where it began. Raises OverError when it would end before that."""
    if row.starts_at > now:
        return time
    if time.end <= row.starts_at:
        raise OverError
    return Interval(row.starts_at, time.end)


def _locked_date(actor: Actor, key: str, now: datetime) -> tuple[Closing, Closure]:
    """What was closed in one go, and the date that the key names, else its first that is not over; after the lock."""
    seen = closing_by_key(actor, key)
    require_closer(actor, seen.scope)
    take_locks([(Lock.SITE, seen.site.id)])
    named = closing_by_key(actor, key).dates
    closing = closing_by_key(actor, named[0].closing)
    row = next((one for one in closing.dates if one.key == key), None) or next(iter(closing.ahead(now)), None)
    if row is None or row.ends_at <= now:
        raise OverError
    return closing, row


def open_now(row: Closure, now: datetime) -> None:
    """What runs ends; what lies ahead is taken out."""
    if row.starts_at < now:
        row.ends_at = row.made_at = now
        row.version += 1
    else:
        db.session.delete(row)


def open_again(flagged: Iterable[tuple[Flag, Booking]], event: Event, now: datetime) -> list[Told]:
    """Release what waits and is not under any closure any more."""
    waiting = [(flag, one) for flag, one in flagged if flag.settled_at is None and one.state in CONCERNED]
    still = closed_over([one.id for _, one in waiting], now)
    free = [(flag, one) for flag, one in waiting if one.id not in still]
    for flag, booking in free:
        flag.settled_at, flag.choice = now, str(Choice.MENDED)
        db.session.add(settled(flag, booking, Choice.MENDED, actor_id=event.actor_id, now=now))
    return [Told(booking, "again") for _, booking in free]
