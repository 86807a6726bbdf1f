"""What a feed is about, as its owner may follow it at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, select

from ...catalogue.queries import is_shown
from ...core.feeds import OF_PLACES, Scope, Takes
from ...core.ical import COLORS, OF_LABBOOK
from ...core.lifecycle import OPEN
from ...core.permissions import Actor, Do, Matter, may
from ...db import db
from ...desk.queries.waits import Turn, Waits, may_decide, step_of, turn, waiting_at
from ...models import Booking, Feed, Resource, ResourceGroupMember, Site
from ...people.named import named_by_resource

_NO_ZONE = "Etc/UTC"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a feed is about: which resources, or which Booking; whose midnights begin its days."""

    zone: str
    bookings: ColumnElement[bool]
    resource_ids: tuple[int, ...] = ()  # none: it is about people
    site_ids: frozenset[int] = frozenset()  # where they are
    merges_busy: bool = True
    changed: tuple[int, ...] = ()  # bookings of which a change waits for the owner
    page: str = "/bookings"  # of LabBook, that shows the same
    color: str = OF_LABBOOK

    @property
    def is_of_places(self) -> bool:
        """It is about resources, whoever has booked them."""
        return bool(self.resource_ids)


def takes_of(feed: Feed) -> Takes:
    """What it takes in."""
    return Takes(
        waiting=feed.waiting,
        cancelled=feed.cancelled,
        closures=feed.closures,
        buffers=feed.buffers,
        expands=feed.expands,
        history_days=feed.history_days,
        alarm_minutes=feed.alarm_minutes,
    )


def subject_of(feed: Feed, owner: Actor, zones: Mapping[int, str], now: datetime) -> Subject | None:
    """What it is about; None when the owner may no longer follow that. `zones` are those of all sites by their ids."""
    home = zones.get(owner.home_site_id or 0, _NO_ZONE)
    if feed.scope in OF_PLACES:
        return _of_places(feed, owner, home)
    if not may(owner, *_asked(feed)):
        return None
    if feed.scope is Scope.MINE:
        has_rights = owner.agreements or owner.sites or owner.lab
        return Subject(home, Booking.person_id == _inline(owner.person_id)) if has_rights else None
    if feed.scope is Scope.PARTNER:
        return Subject(home, Booking.partner_id == _inline(feed.partner_id))
    mine = list(_waiting_for(owner, now))
    requests = sorted({one.request_id for one in mine if not one.change_of})
    waiting = Booking.request_id.in_(requests) & Booking.state.in_(sorted(OPEN))
    changed = tuple(sorted(one.changed_id for one in mine if one.change_of))
    return Subject(home, waiting, changed=changed, page="/inbox")


def _inline(value: object) -> Any:
    """An id, or several, written into the statement itself.

    PostgreSQL then plans for what this very feed holds: after a few times it would else plan once and for all, as for
    anybody, and take twice as long for the largest.
    """
    return bindparam(None, value, literal_execute=True, expanding=isinstance(value, tuple), type_=Integer())


def _asked(feed: Feed) -> tuple[Do, Matter]:
    return {
        Scope.MINE: (Do.FOLLOW_OWN, Matter(person_ids=frozenset({feed.person_id}))),
        Scope.PARTNER: (Do.FOLLOW_PARTNER, Matter(partner_id=feed.partner_id)),
        Scope.WAITING: (Do.FOLLOW_WAITING, Matter()),
    }[feed.scope]


def _waiting_for(owner: Actor, now: datetime) -> Iterable[Waits]:
    waits = waiting_at(owner.staffed_sites)
    resources = {place.resource_id for one in waits for place in one.waiting}
    named = named_by_resource(resources, now) if resources else {}
    for one in waits:
        if turn(owner, one, decides=may_decide(owner, one, step_of(one, named))) is Turn.MINE:
            yield one


def _chosen(feed: Feed) -> ColumnElement[bool]:
    """Which resources a feed about resources is about, whoever looks."""
    in_group = select(ResourceGroupMember.resource_id).where(ResourceGroupMember.group_id == feed.group_id)
    return {
        Scope.RESOURCE: Resource.id == feed.resource_id,
        Scope.GROUP: Resource.id.in_(in_group),
        Scope.AREA: Resource.area_id == feed.area_id,
        Scope.SITE: Resource.site_id == feed.site_id,
    }[feed.scope]


def _of_places(feed: Feed, owner: Actor, home: str) -> Subject | None:
    is_whole = feed.scope is Scope.SITE  # with what stood on resources that are out of use by now
    rows = db.session.execute(
        select(
            Resource.id,
            Resource.slug,
            Resource.kind,
            Resource.site_id,
            Site.slug.label("site"),
            Site.zone,
            Site.merges_busy,
        )
        .join(Site, Site.id == Resource.site_id)
        .where(_chosen(feed), is_shown(owner), *([] if is_whole else [Resource.is_active]))
        .order_by(Resource.id)
    ).all()
    do = Do.FOLLOW_SITE if is_whole else Do.FOLLOW_RESOURCE
    found = [row for row in rows if may(owner, do, Matter(row.site_id))]
    if not found:
        return None
    ids = tuple(row.id for row in found)
    sites = {row.site_id for row in found}
    return Subject(
        found[0].zone if len(sites) == 1 else home,
        Booking.resource_id.in_(_inline(ids)),
        ids,
        site_ids=frozenset(sites),
        merges_busy=any(row.merges_busy for row in found),
        page=_page(feed, found[0]),
        color=COLORS[found[0].kind] if feed.scope is Scope.RESOURCE else OF_LABBOOK,
    )


def _page(feed: Feed, first: Any) -> str:
    return {Scope.RESOURCE: f"/resources/{first.slug}", Scope.SITE: f"/sites/{first.site}/day"}.get(
        feed.scope, "/resources"
    )
