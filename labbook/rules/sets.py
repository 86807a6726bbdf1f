"""Rule sets as staff keep them: with what they are about, their history, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true

from ..catalogue.queries import nearest_hours, openings_at
from ..core.hours import Opening
from ..core.language import Words
from ..core.limits.limit import Place
from ..core.permissions import Actor, NotFoundError
from ..db import db
from ..models import (
    Agreement,
    Area,
    Event,
    EventDetail,
    Partner,
    Person,
    Resource,
    ResourceGroup,
    ResourceGroupMember,
    RuleSet,
    Site,
)
from .queries import SetRow, stands_at


class SetOf(NamedTuple):
    """A rule set with its site and all that it names."""

    rules: RuleSet
    site: Site
    resource: Resource | None
    area: Area | None
    group: ResourceGroup | None
    agreement: Agreement | None
    partner: Partner | None

    @property
    def row(self) -> SetRow:
        """The same as judging needs it."""
        one, agreement = self.rules, self.agreement
        return SetRow(
            one.key,
            one.version,
            one.name,
            one.resource_id,
            one.area_id,
            one.kind,
            one.level,
            one.group_id,
            one.starts_on,
            one.ends_on,
            one.limits,
            one.made_at,
            self.partner.id if self.partner else None,
            agreement.starts_on if agreement else None,
            agreement.ends_on if agreement else None,
        )


def _sees(viewer: Actor) -> ColumnElement[bool]:
    """The condition under which the viewer sees a RuleSet: their site's, or all by duty."""
    return true() if viewer.looks_at_everything else RuleSet.site_id.in_(sorted(viewer.staffed_sites))


def _sets() -> Any:
    return (
        select(RuleSet, Site, Resource, Area, ResourceGroup, Agreement, Partner)
        .join(Site, Site.id == RuleSet.site_id)
        .outerjoin(Resource, Resource.id == RuleSet.resource_id)
        .outerjoin(Area, Area.id == RuleSet.area_id)
        .outerjoin(ResourceGroup, ResourceGroup.id == RuleSet.group_id)
        .outerjoin(Agreement, Agreement.id == RuleSet.agreement_id)
        .outerjoin(Partner, Partner.id == Agreement.partner_id)
        .order_by(RuleSet.is_active.desc(), RuleSet.agreement_id.is_not(None), RuleSet.id)
    )


def sets_of(site_id: int) -> list[SetOf]:
    """All rule sets of a site: those of everybody first, those that are switched off last."""
    return [SetOf(*row) for row in db.session.execute(_sets().where(RuleSet.site_id == site_id))]


def set_by_key(viewer: Actor, key: str) -> SetOf:
    """One rule set through the viewer's scope. Raises NotFoundError."""
    found = _sets().where(RuleSet.key == key, _sees(viewer)).execution_options(populate_existing=True)
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFoundError
    return SetOf(*row)


def history_of(set_id: int) -> list[Any]:
    """What happened to a rule set, the latest first: at, body, and the name of who did it."""
    return list(
        db.session.execute(
            select(Event.at, EventDetail.body, Person.family_name, Person.given_name)
            .outerjoin(EventDetail, EventDetail.event_id == Event.id)
            .outerjoin(Person, Person.id == Event.actor_id)
            .where(Event.subject == "rules", Event.subject_id == set_id)
            .order_by(Event.id.desc())
        )
    )


# --- what there is to choose from -------------------------------------------------------------------------------------


def resources_at(site_id: int) -> list[Resource]:
    """The resources of a site that can be booked, by area and position."""
    return list(
        db.session.scalars(
            select(Resource)
            .join(Area, Area.id == Resource.area_id)
            .where(Resource.site_id == site_id, Resource.is_active)
            .order_by(Area.position, Area.id, Resource.position, Resource.id)
        )
    )


def groups_at(site_id: int) -> list[ResourceGroup]:
    """The groups that have a resource of this site."""
    members = (
        select(ResourceGroupMember.group_id)
        .join(Resource, Resource.id == ResourceGroupMember.resource_id)
        .where(Resource.site_id == site_id)
    )
    return list(
        db.session.scalars(select(ResourceGroup).where(ResourceGroup.id.in_(members)).order_by(ResourceGroup.slug))
    )


def agreements_at(site_id: int) -> list[tuple[Agreement, Partner]]:
    """The agreements with a site that have not been ended early, by partner."""
    rows = db.session.execute(
        select(Agreement, Partner)
        .join(Partner, Partner.id == Agreement.partner_id)
        .where(Agreement.site_id == site_id, Agreement.ended_at.is_(None))
        .order_by(Partner.slug, Agreement.starts_on)
    )
    return [(agreement, partner) for agreement, partner in rows]


def partners_at(site_id: int) -> list[Partner]:
    """The partners that have an agreement with a site."""
    named = select(Agreement.partner_id).where(Agreement.site_id == site_id, Agreement.ended_at.is_(None))
    return list(db.session.scalars(select(Partner).where(Partner.id.in_(named)).order_by(Partner.slug)))


def partner_names(keys: Iterable[str]) -> dict[str, Words]:
    """The names of partners by their keys, for those who may know them."""
    found = select(Partner.key, Partner.name).where(Partner.key.in_(list(keys)))
    return {row.key: row.name for row in db.session.execute(found)}


# --- the place that a rule set is about -------------------------------------------------------------------------------


class Ground(NamedTuple):
    """What of a site a rule set is about: the resources that can be booked there, with their terms and hours."""

    resources: list[Resource]
    openings: dict[int, tuple[Opening, ...]]  # by resource

    @property
    def place(self) -> Place:
        """The same as limits look at it."""
        return Place([one.terms for one in self.resources], [self.openings[one.id] for one in self.resources])

    @property
    def modes(self) -> dict[str, Words]:
        """The kinds of work of these resources."""
        named = [mode for one in self.resources for mode in one.modes or ()]
        return {mode["slug"]: Words(mode.get("en", ""), mode.get("ja", "")) for mode in named}


def ground_of(row: SetRow, site_id: int) -> Ground:
    """What a rule set is about, in three statements."""
    stands = stands_at(site_id)
    found = [one for one in resources_at(site_id) if row.is_about(stands[one.id])]
    rows = openings_at(site_id)
    hours = {one.id: nearest_hours(rows, one.area_id, one.id) for one in found}
    return Ground(found, {number: tuple(one.opening for one in nearest) for number, nearest in hours.items()})


# --- what a reader is told of a resource's rules ----------------------------------------------------------------------


def sets_for(viewer: Actor, resource: Resource, today: date) -> list[SetOf]:
    """The rule sets that are about a resource, now or later, and that the viewer may read; in two statements.

    What an agreement grants is read by that partner's people and by staff of the site.
    """
    reads_all = viewer.looks_at_everything or resource.site_id in viewer.staffed_sites
    own = or_(RuleSet.agreement_id.is_(None), Agreement.partner_id.in_(sorted(viewer.partner_ids)))
    rows = db.session.execute(
        _sets().where(
            RuleSet.site_id == resource.site_id,
            RuleSet.is_active,
            or_(RuleSet.agreement_id.is_(None), Agreement.ended_at.is_(None)),
            true() if reads_all else own,
        )
    )
    found, here = [SetOf(*row) for row in rows], stands_at(resource.site_id)[resource.id]
    return [one for one in found if one.row.is_about(here) and not _is_over(one.row, today)]


def _is_over(row: SetRow, today: date) -> bool:
    return any(last is not None and last < today for _, last in row.bounds)
