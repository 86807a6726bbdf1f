"""Tying resources to each other: what contains, requires or offers what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select

from ...catalogue import queries
from ...catalogue.links import reaches, resources_to_link, ties_at
from ...core.language import N_
from ...core.lifecycle import HOLDS_TIME
from ...core.links import LinkKind
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...core.terms import Sentence
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Resource, ResourceLink, Site
from ...models.audit import happened
from ..allocation import keep, lacks_links
from ..pending import stands_until_later
from .errors import StaleError


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link as somebody would like it: to which resource, how, and to how many of its units."""

    other: str
    kind: LinkKind
    pieces: int = 1


class UnfitLinkError(Exception):
    """They cannot be linked like that; `reasons` are sentences by the name of what is wrong."""

    def __init__(self, reasons: Mapping[str, Sentence]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = dict(reasons)


class HeldAnew(NamedTuple):
    """What became of bookings that are still to come: how many hold otherwise now, and how many cannot hold it all."""

    changed: int
    lacking: int


@transactional
def link(actor: Actor, slug: str, draft: LinkDraft, *, version: int, now: datetime) -> HeldAnew:
    """Tie another resource of the same site to one; bookings to come hold it, too, as far as it is free.

    Raises NotFoundError, ForbiddenError, StaleError, UnfitLinkError (`other`, `pieces`).
    """
    resource, site = _to_change(actor, slug, version)
    others = {one.slug: one for one in resources_to_link(actor, resource)}
    if (other := others.get(draft.other)) is None:
        raise NotFoundError
    _require_fit(resource, other, draft)
    pieces = 1 if draft.kind is LinkKind.CONTAINS else draft.pieces
    db.session.add(ResourceLink(resource_id=resource.id, other_id=other.id, kind=draft.kind, pieces=pieces))
    db.session.flush()
    return _changed(actor, resource, other, site, "resource-linked", f"{draft.kind} {pieces} {other.slug}", now)


@transactional
def unlink(actor: Actor, slug: str, other_slug: str, *, version: int, now: datetime) -> HeldAnew:
    """Take a link away; bookings to come hold no more of the other resource than before it.

    Raises NotFoundError, ForbiddenError, StaleError.
    """
    resource, site = _to_change(actor, slug, version)
    tie = next((one for one in ties_at(site.id).get(resource.id, ()) if one.other.slug == other_slug), None)
    if tie is None:
        raise NotFoundError
    at = (ResourceLink.resource_id == resource.id, ResourceLink.other_id == tie.other.id)
    db.session.execute(delete(ResourceLink).where(*at))
    return _changed(actor, resource, tie.other, site, "resource-unlinked", f"{tie.kind} {other_slug}", now)


def _to_change(actor: Actor, slug: str, version: int) -> tuple[Resource, Site]:
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])  # nobody asks for anything here meanwhile
    db.session.refresh(resource)
    if resource.version != version:
        raise StaleError
    return resource, site


def _require_fit(resource: Resource, other: Resource, draft: LinkDraft) -> None:
    ties, name = ties_at(resource.site_id), {"name": other.name}
    if any(one.other.id == other.id for one in ties.get(resource.id, ())):
        said = Sentence(N_("%(name)s is linked already: remove that link first."), name)
        raise UnfitLinkError({"other": said})
    if reaches(other.id, resource.id, ties):
        said = Sentence(N_("That would be a circle: links lead from %(name)s back to this resource already."), name)
        raise UnfitLinkError({"other": said})
    units = len(queries.units_of(other.id))
    if draft.kind is not LinkKind.CONTAINS and not 0 < draft.pieces <= units:
        said = Sentence(N_("%(name)s has %(count)s units: choose a number from 1 to that."), {**name, "count": units})
        raise UnfitLinkError({"pieces": said})


def _changed(
    actor: Actor, resource: Resource, other: Resource, site: Site, code: str, said: str, now: datetime
) -> HeldAnew:
    """Write it down, let bookings to come hold what they now need, and tell feeds of all resources that it concerns."""
    ties = ties_at(site.id)
    concerned = {number for number in ties if reaches(number, resource.id, ties)} | {resource.id}
    held = _held_anew(concerned, site, now)
    resource.version += 1
    reached = {one.other.id for several in ties.values() for one in several}
    touched = concerned | {number for number in reached if reaches(other.id, number, ties)} | {other.id}
    for one in db.session.scalars(select(Resource).where(Resource.id.in_(touched)).order_by(Resource.id)):
        one.full_revision += 1
        one.busy_revision += 1
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="resource",
            subject_id=resource.id,
            body={"link": said},
            site_id=site.id,
        )
    )
    return held


def _held_anew(resource_ids: set[int], site: Site, now: datetime) -> HeldAnew:
    holds = or_(Booking.state.in_(sorted(HOLDS_TIME)), stands_until_later(now))
    rows = db.session.execute(
        select(Booking, Resource)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.resource_id.in_(resource_ids), holds, Booking.ends_at > now)
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    changed = sum(keep(booking, resource.terms, site) for booking, resource in rows)
    return HeldAnew(changed, sum(lacks_links(booking, resource.terms, site) for booking, resource in rows))
