"""Who decides: the approvers of areas and resources, and who stands in for somebody who is away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from ...core.permissions import SITE_ROLES, Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Area, AreaApprover, Person, Resource, ResourceApprover, RoleGrant, Site, StandIn
from ...models.audit import happened
from .. import approvers, directory
from .inviting import AlreadyThereError, AnsweredError


class NotOfThisSiteError(Exception):
    """Only those who work at the site decide there: nobody else may see what they would decide."""


@transactional
def name_approver(
    actor: Actor, site_slug: str, place: str, person_key: str, *, now: datetime, for_safety: bool = False
) -> None:
    """Let somebody of the site decide for an area or a resource; `place` is area:slug or resource:slug.

    Whoever answers `for_safety` decides in the first of two steps, where a resource asks for two, and else not.

    Raises NotFoundError, ForbiddenError, NotOfThisSiteError, AlreadyThereError.
    """
    site, table, row, code = _place(actor, site_slug, place)
    person_id = _colleague(site, person_key, now)
    if db.session.get(table, (row.id, person_id)) is not None:
        raise AlreadyThereError
    db.session.add(table(**{code: row.id, "person_id": person_id}, for_safety=for_safety))
    said = {"place": place, **({"step": "safety"} if for_safety else {})}
    _note("approver-named", actor, site, now, person_id=person_id, **said)


@transactional
def remove_approver(actor: Actor, site_slug: str, place: str, person_key: str, *, now: datetime) -> None:
    """Let somebody no longer decide there. Raises NotFoundError, ForbiddenError, AnsweredError."""
    site, table, row, _ = _place(actor, site_slug, place)
    person_id = db.session.scalar(select(Person.id).where(Person.key == person_key))
    named = db.session.get(table, (row.id, person_id)) if person_id else None
    if named is None:
        raise AnsweredError
    db.session.delete(named)
    _note("approver-removed", actor, site, now, person_id=person_id or 0, place=place)


def _place(actor: Actor, site_slug: str, place: str) -> tuple[Site, Any, Area | Resource, str]:
    """Site, table of approvers, area or resource, and the table's column for it."""
    site = _site(actor, site_slug)
    require(actor, Do.NAME_APPROVER, Matter(site.id))
    take_locks([], shared=[(Lock.SITE, site.id)])
    kind, _, slug = place.partition(":")
    row: Area | Resource | None = None
    if kind == "area":
        row = db.session.scalar(select(Area).where(Area.site_id == site.id, Area.slug == slug))
    elif kind == "resource":
        row = db.session.scalar(select(Resource).where(Resource.site_id == site.id, Resource.slug == slug))
    if row is None:
        raise NotFoundError
    return (site, AreaApprover, row, "area_id") if kind == "area" else (site, ResourceApprover, row, "resource_id")


@transactional
def name_stand_in(
    actor: Actor,
    site_slug: str,
    absent_key: str,
    person_key: str,
    starts_on: date,
    ends_on: date,
    *,
    now: datetime,
) -> None:
    """Let somebody decide in another's place from one day to another, both included.

    Raises NotFoundError, ForbiddenError, NotOfThisSiteError, AlreadyThereError.
    """
    site = _site(actor, site_slug)
    absent_id = _colleague(site, absent_key, now)
    require(actor, Do.NAME_STAND_IN, Matter(site.id, person_ids=frozenset({absent_id})))
    person_id = _colleague(site, person_key, now)
    take_locks([(Lock.PERSON, absent_id)], shared=[(Lock.SITE, site.id)])
    same = select(StandIn.id).where(
        StandIn.site_id == site.id,
        StandIn.absent_id == absent_id,
        StandIn.person_id == person_id,
        StandIn.ended_at.is_(None),
        StandIn.starts_on <= ends_on,
        StandIn.ends_on >= starts_on,
    )
    if absent_id == person_id or db.session.scalar(same.limit(1)) is not None:
        raise AlreadyThereError
    db.session.add(
        StandIn(site_id=site.id, absent_id=absent_id, person_id=person_id, starts_on=starts_on, ends_on=ends_on)
    )
    said = {"absent": str(absent_id), "starts": starts_on.isoformat(), "ends": ends_on.isoformat()}
    _note("stand-in-named", actor, site, now, person_id=person_id, **said)


@transactional
def end_stand_in(actor: Actor, key: str, *, now: datetime) -> str:
    """End it before its last day; returns the site's slug. Raises NotFoundError, ForbiddenError, AnsweredError."""
    found = approvers.stand_in_by_key(actor, key)
    require(actor, Do.NAME_STAND_IN, Matter(found.site_id, person_ids=frozenset({found.absent_id})))
    if found.ended_at is not None:
        raise AnsweredError
    found.ended_at = now
    site = db.session.get_one(Site, found.site_id)
    _note("stand-in-ended", actor, site, now, person_id=found.person_id, absent=str(found.absent_id))
    return site.slug


def _site(actor: Actor, slug: str) -> Site:
    return directory.site_with_people(actor, slug)


def _colleague(site: Site, person_key: str, now: datetime) -> int:
    """The id of somebody who works at the site today. Raises NotOfThisSiteError."""
    day = directory.local_day(site.zone, now)
    found = db.session.scalar(
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            Person.key == person_key,
            Person.is_active,
            RoleGrant.site_id == site.id,
            RoleGrant.role.in_(SITE_ROLES),
            RoleGrant.starts_on <= day,
            directory.is_live(now),
        )
        .limit(1)
    )
    if found is None:
        raise NotOfThisSiteError
    return found


def _note(code: str, actor: Actor, site: Site, now: datetime, *, person_id: int, **said: str) -> None:
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="person",
            subject_id=person_id,
            body=said,
            site_id=site.id,
        )
    )
