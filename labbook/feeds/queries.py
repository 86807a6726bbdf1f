"""Reads about feeds; each in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from ..core.feeds import Detail, Scope
from ..core.interval import Interval
from ..core.lifecycle import OVER, USED
from ..core.permissions import NotFoundError
from ..core.tokens import token_hash
from ..db import db, look_up, now_column
from ..models import Booking, Feed, Partner, Person, Project, ProjectPartner, Resource, RoleGrant, Site


class Door(NamedTuple):
    """A feed as its token opens it: settings, what was answered last, and the counters of all that it rests on."""

    feed_id: int
    person_id: int
    name: str
    scope: Scope
    detail: Detail
    language: str
    fetched_at: datetime | None
    revoked_at: datetime | None
    known_state: str
    known_etag: str
    valid_until: datetime | None
    owner_is_active: bool
    resource_id: int | None
    site_id: int | None
    resource_site_id: int | None
    resource_is_shown: bool | None
    zone: str | None  # of the resource's or the site's site, else of the owner's home site
    merges_busy: bool | None  # as that site says; one's own busy times are always merged
    rights_serial: int
    person_full: int
    person_busy: int
    resource_full: int | None
    resource_busy: int | None
    partners: int
    projects: int
    site_full: int
    site_busy: int
    now: datetime


_member = aliased(Resource)
_owners_partners = select(RoleGrant.partner_id).where(RoleGrant.person_id == Feed.person_id).correlate(Feed)
_owners_projects = (
    select(ProjectPartner.project_id)
    .join(RoleGrant, RoleGrant.partner_id == ProjectPartner.partner_id)
    .where(RoleGrant.person_id == Feed.person_id)
    .correlate(Feed)
)


def _total(column: Any, scope: Scope, condition: Any) -> Any:
    """A counter summed over a feed's members; looked up only for feeds of that scope."""
    members = select(func.coalesce(func.sum(column), 0)).where(condition).correlate(Feed).scalar_subquery()
    return case((Feed.scope == scope, members), else_=0)


_FEED = (
    Feed.id,
    Feed.person_id,
    Feed.name,
    Feed.scope,
    Feed.detail,
    Feed.language,
    Feed.fetched_at,
    Feed.revoked_at,
    Feed.known_state,
    Feed.known_etag,
    Feed.valid_until,
    Person.is_active,
)
_OWNER = (Person.rights_serial, Person.full_revision, Person.busy_revision)

# Made once: statements this wide cost more to put together than to run.
_DOOR = (
    select(
        *_FEED,
        Feed.resource_id,
        Feed.site_id,
        Resource.site_id,
        and_(Resource.is_active, ~Resource.is_hidden),
        Site.zone,
        Site.merges_busy,
        *_OWNER,
        Resource.full_revision,
        Resource.busy_revision,
        _total(Partner.full_revision, Scope.RESOURCE, Partner.id.in_(_owners_partners)),
        _total(Project.full_revision, Scope.RESOURCE, Project.id.in_(_owners_projects)),
        _total(_member.full_revision, Scope.SITE, _member.site_id == Feed.site_id),
        _total(_member.busy_revision, Scope.SITE, _member.site_id == Feed.site_id),
        now_column(),
    )
    .select_from(Feed)
    .join(Person, Person.id == Feed.person_id)
    .outerjoin(Resource, Resource.id == Feed.resource_id)
    .outerjoin(Site, Site.id == func.coalesce(Feed.site_id, Resource.site_id, Person.home_site_id))
    .where(Feed.token_hash == bindparam("token_hash"))
)
# The same of a personal feed, which rests on its owner alone: nearly every poll is for one, and both PostgreSQL and its
# driver have a third of the work. The first letter of a token is that of its feed's scope.
_PERSONAL_DOOR = (
    select(*_FEED, Site.zone, *_OWNER, now_column())
    .select_from(Feed)
    .join(Person, Person.id == Feed.person_id)
    .outerjoin(Site, Site.id == Person.home_site_id)
    .where(Feed.token_hash == bindparam("token_hash"), Feed.scope == Scope.MINE)
)


def door(token: str, now: datetime | None = None) -> Door | None:
    """The feed that a token opens, in one statement; None when there is none.

    `now` is read from the database unless it is given.
    """
    hashed = {"token_hash": token_hash(token)}
    found = _personal(look_up(_PERSONAL_DOOR, hashed)) if token.startswith(Scope.MINE[0]) else None
    if found is None and (row := look_up(_DOOR, hashed)) is not None:
        found = Door._make(row)
    return found._replace(now=now) if found and now else found


def _personal(row: Row[Any] | None) -> Door | None:
    if row is None:
        return None
    feed, (zone, *owner, now) = row[: len(_FEED)], row[len(_FEED) :]
    return Door._make([*feed, None, None, None, None, zone, None, *owner, None, None, 0, 0, 0, 0, now])


def zones() -> set[str]:
    """The zones of all sites: rights end at their midnights."""
    return set(db.session.scalars(select(Site.zone)))


def feeds_of(person_id: int) -> list[tuple[Feed, Resource | None, Site | None]]:
    """A person's feeds, the live ones first, each with what it is about."""
    rows = db.session.execute(
        select(Feed, Resource, Site)
        .outerjoin(Resource, Resource.id == Feed.resource_id)
        .outerjoin(Site, Site.id == Feed.site_id)
        .where(Feed.person_id == person_id)
        .order_by(Feed.revoked_at.is_not(None), Feed.created_at.desc(), Feed.id.desc())
    )
    return list(rows)


def feed_by_key(person_id: int, key: str) -> Feed:
    """One of a person's own feeds. Raises NotFoundError."""
    feed = db.session.scalar(select(Feed).where(Feed.key == key, Feed.person_id == person_id))
    if feed is None:
        raise NotFoundError
    return feed


def about(door: Door) -> Any:
    """Which bookings a feed is about."""
    return {
        Scope.MINE: Booking.person_id == door.person_id,
        Scope.RESOURCE: Booking.resource_id == door.resource_id,
        Scope.SITE: Booking.site_id == door.site_id,
    }[door.scope]


def about_unit(door: Door) -> Any:
    """Which units of a Resource a feed of a resource or a site is about."""
    return Resource.id == door.resource_id if door.scope is Scope.RESOURCE else Resource.site_id == door.site_id


def in_feed(door: Door, window: Interval) -> tuple[Any, ...]:
    """When a Booking is in a feed: within its window; cancelled and the like only while that is news."""
    ended = OVER - USED
    return (
        about(door),
        Booking.ends_at > window.start,
        Booking.starts_at < window.end,
        or_(Booking.state.not_in(ended), Booking.changed_at > window.start),
    )
