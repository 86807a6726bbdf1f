"""Puts rule sets and groups on the small lab."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.limits.limit import Limit, spelled
from labbook.db import db, transactional
from labbook.models import Agreement, Resource, ResourceGroup, ResourceGroupMember, RuleSet
from tests.cast import NOW, Cast


@transactional
def add_rules(
    lab: Cast,
    *limits: Limit,
    name: Words | None = None,
    resource: str = "",
    partner: str = "",
    group: int | None = None,
    starts_on: date | None = None,
) -> str:
    """A rule set of Tsukuba about one resource, a group or all of the site; of a partner's agreement if one is named.

    Returns its key.
    """
    made = RuleSet(
        site_id=lab.sites["tsukuba"],
        name=name or Words("House rules", "利用規則"),
        resource_id=_resource(resource) if resource else None,
        agreement_id=_agreement(lab, partner) if partner else None,
        group_id=group,
        starts_on=starts_on,
        limits=[{"id": str(number), **spelled(one)} for number, one in enumerate(limits)],
        made_at=NOW,
    )
    db.session.add(made)
    db.session.flush()
    return made.key


@transactional
def add_group(*slugs: str) -> int:
    """These resources are like each other. Returns the group's id."""
    made = ResourceGroup(slug="-".join(slugs)[:60], name=Words("Group", "グループ"))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(ResourceGroupMember(group_id=made.id, resource_id=_resource(slug)) for slug in slugs)
    return made.id


def _resource(slug: str) -> int:
    return db.session.scalars(select(Resource.id).where(Resource.slug == slug)).one()


def _agreement(lab: Cast, partner: str) -> int:
    wanted = (Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites["tsukuba"])
    return db.session.scalars(select(Agreement.id).where(*wanted)).one()
