"""How a feed is answered: from what is known of it as long as nothing has changed, else put together anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import update

from ...core.feeds import OF_PLACES
from ...core.ical import makers
from ...core.interval import local_day
from ...db import db, in_passing
from ...models import Feed
from ...people.queries import actor_of
from .. import queries
from ..queries import Door
from .holding import Base, calendar_of
from .shelf import Shelf
from .subject import subject_of

FETCH_NOTED_EVERY = timedelta(hours=1)
_SEES_ALL = "all."  # how the states of those begin who see every word about what their feed is about


class Known(NamedTuple):
    """What a feed answers: its entity tag without quotes, and since when it answers so."""

    etag: str
    changed_at: datetime


class Answer(NamedTuple):
    """The same with the bytes."""

    known: Known
    body: bytes
    name: str


def is_dead(door: Door) -> bool:
    """Revoked, or its owner's account is closed."""
    return door.revoked_at is not None or not door.owner_is_active


def known(door: Door) -> Known | None:
    """What the feed answers, when nothing has changed since it was worked out.

    Whether the owner sees all is as it was: a change of rights is a change of the state.
    """
    if door.valid_until is None or door.known_changed_at is None or door.now >= door.valid_until:
        return None
    if door.known_state != state_of(door, sees_all=door.known_state.startswith(_SEES_ALL)):
        return None
    return Known(door.known_etag, door.known_changed_at)


def state_of(door: Door, *, sees_all: bool) -> str:
    """The counters of everything that the feed may rest on; equal states mean equal bytes until `valid_until`.

    Only a new address or secret of the installation is not among them: calendars get it after the next midnight.

    Words about a resource count for those alone who see them all. For anybody else each of them would have the feed
    worked out anew, which takes longer and so would tell of changes that do not show.
    """
    full = door.full if sees_all or door.scope not in OF_PLACES else "-"
    counted = (makers(), door.rights_serial, full, door.busy, door.theirs, door.places)
    return (_SEES_ALL if sees_all else "") + ".".join(map(str, counted))


def worked_out(door: Door, base: Base) -> Answer | None:
    """The feed's bytes, put together under its owner's rights of this moment; None when they may no longer follow it.

    What it answers is remembered, so that the next look finds it unchanged without judging anybody's rights.
    """
    owner = actor_of(door.person_id, door.now)
    feed = db.session.get(Feed, door.feed_id)
    zones = queries.zones()
    subject = subject_of(feed, owner, zones, door.now) if owner and feed else None
    if owner is None or feed is None or subject is None:
        return None
    name = feed.name
    body = calendar_of(feed, subject, owner, base, door.now, shelf := Shelf())
    etag = hashlib.sha256(body).hexdigest()[:40]  # processors have instructions for this one
    found = Known(etag, _changed_at(door, etag))
    if known(door) != found or not shelf.is_empty():
        state = state_of(door, sees_all=bool(subject.site_ids & owner.staffed_sites))
        remember(door, found, state, shelf, valid_until=valid_until(zones.values(), door.now))
    return Answer(found, body, name)


def _changed_at(door: Door, etag: str) -> datetime:
    """Since when it answers so: in another second than the answer before, as dates of HTTP have no finer ones."""
    before = door.known_changed_at
    if before is None or etag == door.known_etag:
        return before or door.now
    return max(door.now, before.replace(microsecond=0) + timedelta(seconds=1))


@in_passing
def remember(door: Door, found: Known, state: str, shelf: Shelf, *, valid_until: datetime) -> None:
    """Keep what was answered, and the texts that were made for it; left out when it would have to wait."""
    shelf.keep()
    kept = {
        "known_state": state,
        "known_etag": found.etag,
        "known_changed_at": found.changed_at,
        "valid_until": valid_until,
    }
    db.session.execute(update(Feed).where(Feed.id == door.feed_id).values(kept))


@in_passing
def give_up_on(feed_id: int) -> None:
    """Note that there is nothing to be known of a feed, whose owner may not follow it; each fetch judges it anew."""
    nothing = {"known_state": f"none.{makers()}", "valid_until": None}
    db.session.execute(update(Feed).where(Feed.id == feed_id).values(nothing))


def valid_until(zones: Iterable[str], now: datetime) -> datetime:
    """The next midnight anywhere that matters: rights end, and windows and news move, at midnights."""
    around = {"Etc/UTC", *zones}
    return min(local_day(now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)).end for zone in around)


def is_due(door: Door) -> bool:
    """True when the last fetch was noted long enough ago to note it again."""
    return door.fetched_at is None or door.now - door.fetched_at >= FETCH_NOTED_EVERY


@in_passing
def note_fetch(feed_id: int, client: str, *, now: datetime) -> None:
    """Note that a feed was fetched, and by what kind of client; called at most hourly, left out if it had to wait."""
    db.session.execute(update(Feed).where(Feed.id == feed_id).values(fetched_at=now, client=client))
