"""Reads about feeds; each in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from ..core.feeds import Detail, Scope
from ..core.interval import Interval
from ..core.lifecycle import OVER, State
from ..core.permissions import Actor, NotFoundError
from ..db import db, now_column
from ..models import Booking, Feed, Partner, Person, Project, ProjectPartner, Resource, RoleGrant, Site
from ..models.rights import PERSON, RIGHTS, actor_from, with_rights


class Door(NamedTuple):
    """A feed as its token opens it: settings, revisions, and the owner with the rights of this moment."""

    feed_id: int
    name: str
    scope: Scope
    detail: Detail
    language: str
    resource_id: int | None
    site_id: int | None
    fetched_at: datetime | None
    revoked_at: datetime | None
    owner_is_active: bool
    zone: str | None  # of the resource's or the site's site, else of the owner's home site
    resource_site_id: int | None
    person_full: int
    person_busy: int
    resource_full: int | None
    resource_busy: int | None
    partners: int
    projects: int
    site_full: int
    site_busy: int
    now: datetime
    owner: Actor


_member = aliased(Resource)
_owners_partners = select(RoleGrant.partner_id).where(RoleGrant.person_id == Feed.person_id)
_owners_projects = select(ProjectPartner.project_id).where(ProjectPartner.partner_id.in_(_owners_partners))


def _total(column: Any, scope: Scope, condition: Any) -> Any:
    """A counter summed over a feed's members; looked up only for feeds of that scope."""
    members = select(func.coalesce(func.sum(column), 0)).where(condition).scalar_subquery()
    return case((Feed.scope == scope, members), else_=0)


_COLUMNS = (
    Feed.id,
    Feed.name,
    Feed.scope,
    Feed.detail,
    Feed.language,
    Feed.resource_id,
    Feed.site_id,
    Feed.fetched_at,
    Feed.revoked_at,
    Person.is_active,
    Site.zone,
    Resource.site_id,
    Person.full_revision,
    Person.busy_revision,
    Resource.full_revision,
    Resource.busy_revision,
    _total(Partner.full_revision, Scope.RESOURCE, Partner.id.in_(_owners_partners)),
    _total(Project.full_revision, Scope.RESOURCE, Project.id.in_(_owners_projects)),
    _total(_member.full_revision, Scope.SITE, _member.site_id == Feed.site_id),
    _total(_member.busy_revision, Scope.SITE, _member.site_id == Feed.site_id),
)


def door(token_hash: str, now: datetime | None = None) -> Door | None:
    """The feed behind a token, in one statement; None when there is none.

    `now` is read from the database unless it is given.
    """
    rows = db.session.execute(
        with_rights(
            select(*_COLUMNS, now_column(), *PERSON, *RIGHTS)
            .select_from(Feed)
            .join(Person, Person.id == Feed.person_id)
            .outerjoin(Resource, Resource.id == Feed.resource_id)
            .outerjoin(Site, Site.id == func.coalesce(Feed.site_id, Resource.site_id, Person.home_site_id))
        ).where(Feed.token_hash == token_hash)
    ).all()
    if not rows:
        return None
    at = now or rows[0].now
    return Door._make([*rows[0][: len(_COLUMNS)], at, actor_from(rows, at)])


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


def in_feed(door: Door, window: Interval) -> tuple[Any, ...]:
    """When a Booking is in a feed: within its window; cancelled and the like only while that is news."""
    about = {
        Scope.MINE: Booking.person_id == door.owner.person_id,
        Scope.RESOURCE: Booking.resource_id == door.resource_id,
        Scope.SITE: Booking.site_id == door.site_id,
    }[door.scope]
    ended = OVER - {State.FINISHED, State.RELEASED}
    return (
        about,
        Booking.ends_at > window.start,
        Booking.starts_at < window.end,
        or_(Booking.state.not_in(ended), Booking.changed_at > window.start),
    )
