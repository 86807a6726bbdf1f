"""Making and changing groups of resources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from ...core.language import N_, Words
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...core.terms import Sentence
from ...core.work import slug_from
from ...db import Lock, db, take_locks, transactional
from ...models import ResourceGroup, ResourceGroupMember
from ...models.audit import happened
from ...models.columns import new_key
from .. import groups, queries
from .errors import StaleError, UnfitError

SLUG_LENGTH = 50


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What a group is to be: its name, and slugs of resources of the sites that one manages."""

    name: Words
    members: frozenset[str]


@transactional
def make_group(actor: Actor, site_slug: str, draft: GroupDraft, *, now: datetime) -> str:
    """Make a group with resources of the sites that one manages; returns its slug.

    Raises NotFoundError (for a resource that is not of those sites), ForbiddenError, UnfitError.
    """
    site = queries.site_by_slug(actor, site_slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    chosen = _chosen(actor, draft)
    take_locks((Lock.SITE, one) for one in groups.managed_sites(actor))
    _check(draft.name, draft.members)
    slug = slug_from(draft.name.en, (), SLUG_LENGTH)
    if not slug or groups.is_taken(slug):
        slug = f"{slug or 'group'}-{new_key()[:6].lower()}"
    group = ResourceGroup(slug=slug, name=draft.name)
    db.session.add(group)
    db.session.flush()
    db.session.add_all(ResourceGroupMember(group_id=group.id, resource_id=one) for one in sorted(chosen.values()))
    _note("group-made", group, actor, site.id, now, spelled(group, draft.members))
    return slug


@transactional
def set_group(actor: Actor, site_slug: str, slug: str, draft: GroupDraft, *, version: int, now: datetime) -> None:
    """Change a group's name, and which resources of the sites that one manages are in it; others' stay in it.

    The name is for those alone of whose sites a resource is in the group. Raises NotFoundError, ForbiddenError,
    StaleError, UnfitError.
    """
    site = queries.site_by_slug(actor, site_slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    seen, _ = groups.group_by_slug(actor, slug)
    chosen = _chosen(actor, draft)
    take_locks((Lock.SITE, one) for one in groups.managed_sites(actor))
    group = db.session.scalars(
        select(ResourceGroup)
        .where(ResourceGroup.id == seen.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if group.version != version:
        raise StaleError
    there = groups.member_slugs(group.id)
    mine = {one.resource.slug for one in groups.resources_managed_by(actor)}
    members = (there.keys() - mine) | draft.members
    before = spelled(group, there)
    if there.keys() & mine:
        group.name = draft.name
    _check(group.name, members)
    if spelled(group, members) == before:
        return
    gone = [there[one] for one in there.keys() - members]
    db.session.execute(
        delete(ResourceGroupMember).where(
            ResourceGroupMember.group_id == group.id, ResourceGroupMember.resource_id.in_(gone)
        )
    )
    added = [chosen[one] for one in sorted(members - there.keys())]
    db.session.add_all(ResourceGroupMember(group_id=group.id, resource_id=one) for one in added)
    group.version += 1
    _note("group-set", group, actor, site.id, now, {"before": before, "after": spelled(group, members)})


def spelled(group: ResourceGroup, members: Iterable[str]) -> dict[str, Any]:
    """A group as history keeps it."""
    return {"name": {"en": group.name.en, "ja": group.name.ja}, "members": sorted(members)}


def _chosen(actor: Actor, draft: GroupDraft) -> Mapping[str, int]:
    """The ids of the chosen resources by slug. Raises NotFoundError for one that is not of the actor's sites."""
    mine = {one.resource.slug: one.resource.id for one in groups.resources_managed_by(actor)}
    if not draft.members <= mine.keys():
        raise NotFoundError
    return {slug: mine[slug] for slug in draft.members}


def _check(name: Words, members: Collection[str]) -> None:
    reasons = {}
    if not name:
        reasons["name_en"] = Sentence(N_("Give the group a name in at least one language."))
    if not members:
        reasons["members"] = Sentence(N_("Choose at least one resource: a group of none means nothing."))
    if reasons:
        raise UnfitError(reasons)


def _note(code: str, group: ResourceGroup, actor: Actor, site_id: int, now: datetime, body: dict[str, Any]) -> None:
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="resource-group",
            subject_id=group.id,
            body=body,
            site_id=site_id,
        )
    )
