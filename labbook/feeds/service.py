"""Making and revoking feeds, and what a feed holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update

from ..bookings.besides import rows_besides_of
from ..bookings.offered import rows_of_offers
from ..bookings.queries import booking_rows
from ..bookings.scheduled import rows_of_changes
from ..catalogue.queries import is_shown_resource, places, resource_by_slug, site_by_slug
from ..core.disclosure import BookingRow, Busy, Full, Relation, busy_blocks, kept_apart, shown_to
from ..core.feeds import Detail, Scope
from ..core.ical import Entry, Language, Status, booked, busy_entries, calendar_bytes, feed_etag
from ..core.interval import Interval, local_day
from ..core.permissions import Actor, Do, Matter, may, require
from ..core.place import Place
from ..core.tokens import new_token, token_hash
from ..db import db, in_passing, transactional
from ..models import Feed
from ..models.audit import happened
from ..models.booking import calendar_status
from ..people.queries import actor_of
from . import queries
from .queries import Door
from .shut import closed_entries

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
FETCH_NOTED_EVERY = timedelta(hours=1)
MOST_FEEDS = 50


class TooManyFeedsError(Exception):
    """This person has as many live feeds as one may have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed to be made."""

    name: str
    scope: Scope
    detail: Detail
    language: str
    resource: str = ""  # slugs
    site: str = ""


# --- making and revoking ----------------------------------------------------------------------------------------------


@transactional
def create(actor: Actor, wanted: Wanted, *, now: datetime) -> str:
    """Make a feed and return its token, which is kept nowhere else. Raises TooManyFeedsError too."""
    if sum(1 for feed, _, _ in queries.feeds_of(actor.person_id) if feed.revoked_at is None) >= MOST_FEEDS:
        raise TooManyFeedsError
    resource_id = site_id = None
    if wanted.scope is Scope.RESOURCE:
        resource, site = resource_by_slug(actor, wanted.resource)
        require(actor, Do.FOLLOW_RESOURCE, Matter(site.id))
        resource_id = resource.id
    elif wanted.scope is Scope.SITE:
        site = site_by_slug(actor, wanted.site)
        require(actor, Do.FOLLOW_SITE, Matter(site.id))
        site_id = site.id
    token = wanted.scope[0] + new_token()  # the letter tells queries.door what to look up
    feed = Feed(
        token_hash=token_hash(token),
        person_id=actor.person_id,
        name=wanted.name,
        scope=wanted.scope,
        detail=wanted.detail,
        language=wanted.language,
        resource_id=resource_id,
        site_id=site_id,
        created_at=now,
    )
    db.session.add(feed)
    db.session.flush()
    db.session.add(happened("feed-created", at=now, actor_id=actor.person_id, subject="feed", subject_id=feed.id))
    return token


@transactional
def revoke(actor: Actor, key: str, *, now: datetime) -> None:
    """End one of one's own feeds for good; twice is as good as once. Raises NotFoundError."""
    feed = queries.feed_by_key(actor.person_id, key)
    if feed.revoked_at is None:
        feed.revoked_at = now
        db.session.add(happened("feed-revoked", at=now, actor_id=actor.person_id, subject="feed", subject_id=feed.id))


@in_passing
def note_fetch(feed_id: int, *, now: datetime) -> None:
    """Note that a feed was fetched; called at most hourly, and left out when it would have to wait."""
    db.session.execute(update(Feed).where(Feed.id == feed_id).values(fetched_at=now))


def is_due(door: Door) -> bool:
    """True when the last fetch was noted long enough ago to note it again."""
    return door.fetched_at is None or door.now - door.fetched_at >= FETCH_NOTED_EVERY


@in_passing
def remember(door: Door, owner: Actor, etag: str, *, valid_until: datetime) -> None:
    """Keep what was answered, so that the next look finds it unchanged without judging anybody's rights."""
    state = state_of(door, sees_all=_sees_all(door, owner))
    known = {"known_state": state, "known_etag": etag, "valid_until": valid_until}
    db.session.execute(update(Feed).where(Feed.id == door.feed_id).values(known))


# --- what a feed holds ------------------------------------------------------------------------------------------------


_MADE_BY = feed_etag()[:8]
_RESTS_ON = slice(Door._fields.index("resource_is_shown"), -1)


_SEES_ALL = "all."  # how the states of those begin who see every word about a resource


def state_of(door: Door, *, sees_all: bool) -> str:
    """The counters of everything that the feed may rest on; equal states mean equal bytes until `valid_until`.

    Words about a resource count for those alone who see them all. For anybody else each of them would have the feed
    worked out anew, which takes longer and so would tell of changes that do not show.
    """
    counted = door if sees_all else door._replace(resource_full=None)
    return (_SEES_ALL if sees_all else "") + ".".join(map(str, (_MADE_BY, *tuple(counted)[_RESTS_ON])))


def _sees_all(door: Door, owner: Actor) -> bool:
    return door.resource_site_id in owner.staffed_sites


def known_etag(door: Door) -> str | None:
    """The entity tag of the feed, when nothing has changed since it was worked out.

    Whether the owner sees all is as it was: a change of rights is a change of the state.
    """
    is_valid = door.valid_until is not None and door.now < door.valid_until
    state = state_of(door, sees_all=door.known_state.startswith(_SEES_ALL))
    return door.known_etag if is_valid and door.known_state == state else None


def is_dead(door: Door) -> bool:
    """Revoked, or its owner's account is closed."""
    return door.revoked_at is not None or not door.owner_is_active


def owner_of(door: Door) -> Actor | None:
    """The owner with the rights of this moment; None when they may no longer follow what the feed is about."""
    owner = actor_of(door.person_id, door.now)
    if owner is None:
        return None
    if door.scope is Scope.RESOURCE:
        return owner if door.resource_id and is_shown_resource(owner, door.resource_id) else None
    if door.scope is Scope.SITE:
        return owner if may(owner, Do.FOLLOW_SITE, Matter(door.site_id or 0)) else None
    return owner


def valid_until(door: Door) -> datetime:
    """The next midnight anywhere that matters: rights end and the feed's window moves at midnights."""
    around = {"Etc/UTC", zone_of(door), *queries.zones()}
    return min(local_day(door.now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)).end for zone in around)


def zone_of(door: Door) -> str:
    """The zone in which the feed's days begin."""
    return door.zone or "Etc/UTC"


def window_of(door: Door) -> Interval:
    """From 30 days back to 400 days ahead, from midnight to midnight, so that it moves once a day."""
    zone = ZoneInfo(zone_of(door))
    today = door.now.astimezone(zone).date()
    return Interval(local_day(today - BACK, zone).start, local_day(today + AHEAD, zone).end)


def etag_of(door: Door, owner: Actor, base_url: str) -> str:
    """What the bytes depend on, as a strong entity tag: settings, revisions, the window's day, the owner's rights."""
    held = (owner.partners, owner.sites, owner.lab, owner.agreements, owner.projects)
    return feed_etag(
        door.feed_id,
        door.name,
        door.scope,
        door.detail,
        door.language,
        door.merges_busy is not False,
        base_url,
        _revision(door, owner),
        window_of(door).start.isoformat(),
        str([sorted(map(str, part)) for part in held]),
    )


def _revision(door: Door, owner: Actor) -> str:
    """The counters on which this feed's bytes rest; a rival's words raise none of them."""
    is_busy = door.detail is Detail.BUSY
    if door.scope is Scope.MINE:
        return str(door.person_busy if is_busy else door.person_full)
    if door.scope is Scope.SITE:
        return str(door.site_busy if is_busy else door.site_full)
    if is_busy:
        return str(door.resource_busy)
    return (
        str(door.resource_full) if _sees_all(door, owner) else f"{door.resource_busy}.{door.partners}.{door.projects}"
    )


def calendar_of(door: Door, owner: Actor, *, base_url: str, secret: bytes) -> bytes:
    """The feed's bytes, as its owner may see them now (RFC 5545)."""
    window = window_of(door)
    rows = booking_rows(*queries.in_feed(door, window))
    changes = rows_of_changes(window, queries.about(door))
    if door.scope is not Scope.MINE:  # what is kept for whoever waits is held like a booking
        rows += rows_of_offers(window, queries.about_unit(door))
    if door.resource_id is not None:  # so are units of it that go with bookings of others
        besides = rows_besides_of([door.resource_id], window)
        rows += [one.row for one in besides if one.stands]
        changes += [one.row for one in besides if not one.stands]
    place = places(row.unit_id for row in (*rows, *changes))
    full: list[Entry] = []
    busy: list[Busy] = []
    for row in (*rows, *changes):
        shown = shown_to(owner, row)
        # A feed cannot record who looked, so those who see by duty alone get busy times; one's own are full or nothing.
        sees_all = isinstance(shown, Full) and shown.relation is not Relation.DUTY
        if isinstance(shown, Full) and sees_all and door.detail is Detail.FULL:
            if row not in changes:  # it stands as it is until staff have decided
                full.append(_entry(row, place[row.unit_id], door, base_url))
        elif row.hold is not None and shown is not None and (sees_all or door.scope is not Scope.MINE):
            busy.append(Busy(row.unit_id, row.hold))
    entries = [*full, *_busy_entries(busy, place, door, window, secret), *closed_entries(door, window)]
    return calendar_bytes(door.name, entries, zone=zone_of(door), language=door.language)  # type: ignore[arg-type]


def _busy_entries(
    busy: Sequence[Busy], place: dict[int, Place], door: Door, window: Interval, secret: bytes
) -> list[Entry]:
    shares = {unit: one.shares_buffers for unit, one in place.items()}
    apart = kept_apart(shares, merges=door.merges_busy is not False)
    by_zone: dict[str, list[tuple[str, Interval]]] = {}
    for unit, times in busy_blocks(busy, apart=apart).items():
        by_zone.setdefault(place[unit].zone, []).extend((str(unit), time) for time in times)
    return [
        entry
        for zone, blocks in by_zone.items()
        for entry in busy_entries(
            blocks,
            secret=secret,
            window_start=window.start,
            zone=zone,
            language=door.language,  # type: ignore[arg-type]
            places={str(unit): place[unit].text(door.language) for unit in place},
        )
    ]


def _entry(row: BookingRow, place: Place, door: Door, base_url: str) -> Entry:
    language: Language = door.language  # type: ignore[assignment]
    status = Status(calendar_status(row.state))
    return booked(row, place, status, language=language, base_url=base_url, is_own=door.scope is Scope.MINE)
