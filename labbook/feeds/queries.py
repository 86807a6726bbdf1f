"""Reads about feeds; each in a fixed number of statements."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from ..core.feeds import OF_PLACES, Scope
from ..core.tokens import token_hash
from ..db import READING, db, now_column
from ..lookup import LookUp
from ..models import (
    Feed,
    Partner,
    Person,
    Project,
    ProjectPartner,
    Resource,
    ResourceGroupMember,
    ResourcePartner,
    RoleGrant,
    Site,
)


class Door(NamedTuple):
    """A feed as its token opens it: what was answered last, and the counters of all that it rests on.

    `full` counts the words and `busy` the times of what the feed is about; `theirs` the words of its owner's partners
    and joint projects, which are what the owner sees of others' resources; `places` whatever else may be in it, or how.
    """

    feed_id: int
    person_id: int
    scope: Scope
    fetched_at: datetime | None
    revoked_at: datetime | None
    known_state: str
    known_etag: str
    known_changed_at: datetime | None
    valid_until: datetime | None
    owner_is_active: bool
    rights_serial: int
    full: int
    busy: int
    theirs: int
    places: int
    now: datetime


_member = aliased(Resource)
_in_group = select(ResourceGroupMember.resource_id).where(ResourceGroupMember.group_id == Feed.group_id).correlate(Feed)
# Of several resources, those alone that the owner may see: what becomes of a hidden one must not take a rival's feed
# any longer. Whether one is hidden, and from whom, is counted by itself.
_shown_to = select(ResourcePartner.partner_id).where(ResourcePartner.resource_id == _member.id).correlate(_member)
_is_shown = or_(
    ~_member.is_hidden,
    exists()
    .where(
        RoleGrant.person_id == Feed.person_id,
        or_(
            RoleGrant.site_id == _member.site_id,
            RoleGrant.partner_id.in_(_shown_to),
            and_(RoleGrant.site_id.is_(None), RoleGrant.partner_id.is_(None)),
        ),
    )
    .correlate(Feed, _member),
)
_owners_sites = select(RoleGrant.site_id).where(RoleGrant.person_id == Feed.person_id).correlate(Feed)
_MEMBERS = {
    Scope.RESOURCE: _member.id == Feed.resource_id,
    Scope.GROUP: and_(_member.id.in_(_in_group), _is_shown),
    Scope.AREA: and_(_member.area_id == Feed.area_id, _is_shown),
    Scope.SITE: _member.site_id == Feed.site_id,
    Scope.WAITING: _member.site_id.in_(_owners_sites),
}
_owners_partners = select(RoleGrant.partner_id).where(RoleGrant.person_id == Feed.person_id).correlate(Feed)
_owners_projects = (
    select(ProjectPartner.project_id)
    .join(RoleGrant, RoleGrant.partner_id == ProjectPartner.partner_id)
    .where(RoleGrant.person_id == Feed.person_id)
    .correlate(Feed)
)


def _sum(column: Any, condition: Any) -> Any:
    return select(func.coalesce(func.sum(column), 0)).where(condition).correlate(Feed).scalar_subquery()


def _by_scope(column: Any, **others: Any) -> Any:
    """A counter summed over the resources that a feed is about; only what its scope asks for is looked up."""
    sums = [(Feed.scope == scope, _sum(column, condition)) for scope, condition in _MEMBERS.items()]
    return case(*((Feed.scope == Scope(name), value) for name, value in others.items()), *sums, else_=0)


_FEED = (
    Feed.id,
    Feed.person_id,
    Feed.scope,
    Feed.fetched_at,
    Feed.revoked_at,
    Feed.known_state,
    Feed.known_etag,
    Feed.known_changed_at,
    Feed.valid_until,
    Person.is_active,
    Person.rights_serial,
)
_of_partner = _sum(Partner.full_revision, Partner.id == Feed.partner_id)
_of_theirs = _sum(Partner.full_revision, Partner.id.in_(_owners_partners)) + _sum(
    Project.full_revision, Project.id.in_(_owners_projects)
)
_of_sites = select(func.coalesce(func.sum(Site.places), 0)).scalar_subquery()

_OPENED = select(
    *_FEED,
    _by_scope(_member.full_revision, mine=Person.full_revision, partner=_of_partner),
    _by_scope(_member.busy_revision, mine=Person.busy_revision, partner=0, waiting=0),
    case(*((Feed.scope == one, _of_theirs) for one in sorted(OF_PLACES)), else_=0),
    case(*((Feed.scope == one, _of_sites) for one in sorted({*OF_PLACES, Scope.WAITING})), else_=0),
    now_column(),
).join(Person, Person.id == Feed.person_id)
_DOOR = LookUp(_OPENED.where(Feed.token_hash == bindparam("token_hash")))
# The same of a personal feed, which rests on its owner alone: nearly every poll is for one, and both PostgreSQL and its
# driver have a third of the work. The first letter of a token is that of its feed's scope.
_PERSONAL_DOOR = LookUp(
    select(*_FEED, Person.full_revision, Person.busy_revision, now_column())
    .join(Person, Person.id == Feed.person_id)
    .where(Feed.token_hash == bindparam("token_hash"), Feed.scope == Scope.MINE)
)


def reading() -> Engine:
    """Where doors are looked up; for those who have no application around them when they do."""
    return db.engines[READING]


def door(token: str, now: datetime | None = None, engine: Engine | None = None) -> Door | None:
    """The feed that a token opens, in one statement; None when there is none.

    `now` is read from the database unless it is given.
    """
    engine, hashed, found = engine or reading(), token_hash(token), None
    if token.startswith(Scope.MINE[0]) and (row := _PERSONAL_DOOR.row(engine, token_hash=hashed)) is not None:
        found = Door._make([*row[:-1], 0, 0, row[-1]])
    elif (row := _DOOR.row(engine, token_hash=hashed)) is not None:
        found = Door._make(row)
    return found._replace(now=now) if found and now else found


def polled(token: str, now: datetime | None, engine: Engine) -> Door | None:
    """The same for those who go another way where there is nothing, or where the database does not answer."""
    with suppress(SQLAlchemyError):
        return door(token, now, engine)
    return None


def unprepared(makers: str, most: int) -> list[Door]:
    """Feeds of which nothing is known yet, or only what another renderer made, the newest first; at most so many."""
    is_known = Feed.known_state.contains(makers, autoescape=True)
    wanted = _OPENED.where(Feed.revoked_at.is_(None), Person.is_active, ~is_known)
    return [Door._make(row) for row in db.session.execute(wanted.order_by(Feed.id.desc()).limit(most))]


def zones() -> dict[int, str]:
    """The zones of all sites by their ids: rights end at their midnights."""
    return {row.id: row.zone for row in db.session.execute(select(Site.id, Site.zone))}
