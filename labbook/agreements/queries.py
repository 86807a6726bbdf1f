"""Reads about agreements and conditions of use; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, false, func, or_, select, true

from ..core.facts import AgreementFact
from ..core.language import Words
from ..core.permissions import PARTNER_ROLES, SITE_ROLES, Actor, NotFoundError, Role
from ..db import db
from ..models import (
    Acceptance,
    Agreement,
    AgreementArea,
    AgreementResource,
    Area,
    Conditions,
    Event,
    EventDetail,
    Partner,
    Person,
    Resource,
    RoleGrant,
    Site,
)

# --- facts for the rules ----------------------------------------------------------------------------------------------

# Made once: they are asked for every booking, and cost more to put together than to run.
_names_nothing = and_(
    ~exists().where(AgreementArea.agreement_id == Agreement.id),
    ~exists().where(AgreementResource.agreement_id == Agreement.id),
)
_covers = or_(
    exists().where(AgreementArea.agreement_id == Agreement.id, AgreementArea.area_id == Resource.area_id),
    exists().where(AgreementResource.agreement_id == Agreement.id, AgreementResource.resource_id == Resource.id),
    _names_nothing,
)
_FACTS = (
    select(
        Resource.id,
        Agreement.starts_on,
        Agreement.ends_on,
        case((_covers, True), else_=False).label("covers"),
        Partner.name,
    )
    .select_from(Agreement)
    .join(Partner, Partner.id == Agreement.partner_id)
    .join(Resource, Resource.site_id == Agreement.site_id)
    .where(
        Agreement.partner_id == bindparam("partner_id"),
        Agreement.ended_at.is_(None),
        Resource.id.in_(bindparam("resource_ids", expanding=True)),
    )
)
_ACCEPTED = (
    select(Acceptance.person_id)
    .select_from(Conditions)
    .outerjoin(
        Acceptance,
        and_(Acceptance.conditions_id == Conditions.id, Acceptance.person_id == bindparam("person_id")),
    )
    .where(Conditions.site_id == bindparam("site_id"), Conditions.published_on <= bindparam("today"))
    .order_by(Conditions.published_on.desc(), Conditions.id.desc())
    .limit(1)
)


def agreement_facts(partner_id: int, resource: Resource) -> tuple[AgreementFact, ...]:
    """The partner's agreements with the resource's site, past and future ones too, and whether each covers it."""
    return agreement_facts_among(partner_id, [resource.id]).get(resource.id, ())


def agreement_facts_among(partner_id: int, resource_ids: Iterable[int]) -> dict[int, tuple[AgreementFact, ...]]:
    """The same for many resources, in one statement; one with whose site there is no agreement is left out."""
    rows = db.session.execute(_FACTS, {"partner_id": partner_id, "resource_ids": list(resource_ids)})
    found: dict[int, tuple[AgreementFact, ...]] = {}
    for row in rows:
        fact = AgreementFact(row.starts_on, row.ends_on, bool(row.covers), row.name)
        found[row.id] = (*found.get(row.id, ()), fact)
    return found


def has_accepted(person_id: int, site_id: int, today: date) -> bool:
    """Whether the person has accepted the conditions that count today at a site; True where it has published none."""
    row = db.session.execute(_ACCEPTED, {"person_id": person_id, "site_id": site_id, "today": today}).one_or_none()
    return row is None or row.person_id is not None


# --- agreements, through the viewer's scope ---------------------------------------------------------------------------


class AgreementRow(NamedTuple):
    """An agreement with whose it is and where."""

    agreement: Agreement
    partner: Partner
    site: Site
    people: int  # with a role for the partner that has not been taken away


_people = (
    select(func.count(func.distinct(RoleGrant.person_id)))
    .join(Person, Person.id == RoleGrant.person_id)
    .where(
        RoleGrant.partner_id == Agreement.partner_id,
        RoleGrant.role.in_(PARTNER_ROLES),
        RoleGrant.ended_at.is_(None),
        Person.is_active,
    )
    .correlate(Agreement)
    .scalar_subquery()
)


def led_partners(viewer: Actor) -> frozenset[int]:
    """The partners that the viewer coordinates and that have an agreement in force somewhere."""
    in_force = {partner for partner, _ in viewer.agreements}
    return frozenset(one for one, role in viewer.partners if role is Role.COORDINATOR and one in in_force)


def sees_agreement(viewer: Actor) -> ColumnElement[bool]:
    """The condition under which the viewer sees an Agreement: their site's, their own partner's, or all by duty."""
    if viewer.looks_at_everything:
        return true()
    return or_(
        false(),
        Agreement.site_id.in_(sorted(viewer.staffed_sites)),
        Agreement.partner_id.in_(sorted(led_partners(viewer))),
    )


def agreements_for(viewer: Actor) -> list[AgreementRow]:
    """The agreements that the viewer sees, by site, then the latest end last."""
    rows = db.session.execute(
        _agreements().where(sees_agreement(viewer)).order_by(Agreement.site_id, Agreement.starts_on, Agreement.id)
    )
    return [AgreementRow(*row) for row in rows]


def agreement_by_key(viewer: Actor, key: str) -> AgreementRow:
    """One agreement through the viewer's scope. Raises NotFoundError."""
    row = db.session.execute(
        _agreements().where(Agreement.key == key, sees_agreement(viewer)).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return AgreementRow(*row)


def _agreements() -> Any:
    return (
        select(Agreement, Partner, Site, _people)
        .join(Partner, Partner.id == Agreement.partner_id)
        .join(Site, Site.id == Agreement.site_id)
    )


def covered_areas(agreement_id: int) -> list[Area]:
    """The areas that an agreement names, in the site's order."""
    found = select(Area).join(AgreementArea, AgreementArea.area_id == Area.id)
    return list(db.session.scalars(found.where(AgreementArea.agreement_id == agreement_id).order_by(Area.position)))


def covered_resources(agreement_id: int) -> list[Resource]:
    """The resources that an agreement names besides."""
    found = select(Resource).join(AgreementResource, AgreementResource.resource_id == Resource.id)
    return list(db.session.scalars(found.where(AgreementResource.agreement_id == agreement_id).order_by(Resource.slug)))


def areas_of(site_id: int) -> list[Area]:
    """The areas of a site, in their order."""
    return list(db.session.scalars(select(Area).where(Area.site_id == site_id).order_by(Area.position, Area.id)))


def resources_of(site_id: int) -> list[Resource]:
    """The active resources of a site."""
    found = select(Resource).where(Resource.site_id == site_id, Resource.is_active)
    return list(db.session.scalars(found.order_by(Resource.area_id, Resource.slug)))


def partners() -> list[Partner]:
    """Every partner of the lab: only for managers, who make agreements with them."""
    return list(db.session.scalars(select(Partner).order_by(Partner.slug)))


def history_of(agreement_id: int) -> list[Any]:
    """The events of an agreement in their order: at, code, body, and the name of who did it."""
    return list(
        db.session.execute(
            select(Event.at, Event.code, EventDetail.body, Person.family_name, Person.given_name)
            .outerjoin(EventDetail, EventDetail.event_id == Event.id)
            .outerjoin(Person, Person.id == Event.actor_id)
            .where(Event.subject == "agreement", Event.subject_id == agreement_id)
            .order_by(Event.id)
        )
    )


# --- conditions of use ------------------------------------------------------------------------------------------------


def editions_of(site_id: int) -> list[Conditions]:
    """Every edition of a site's conditions, the newest first."""
    found = select(Conditions).where(Conditions.site_id == site_id)
    return list(db.session.scalars(found.order_by(Conditions.published_on.desc(), Conditions.id.desc())))


def conditions_that_count(site_id: int, today: date) -> Conditions | None:
    """The newest edition that is published on that day of the site's calendar."""
    return next((one for one in editions_of(site_id) if one.published_on <= today), None)


def accepted_at(conditions_id: int, person_id: int) -> datetime | None:
    """When the person accepted an edition."""
    found = select(Acceptance.accepted_at)
    return db.session.scalar(found.where(Acceptance.conditions_id == conditions_id, Acceptance.person_id == person_id))


def acceptance_counts(conditions_ids: Iterable[int]) -> dict[int, int]:
    """How many people have accepted each edition."""
    rows = db.session.execute(
        select(Acceptance.conditions_id, func.count())
        .where(Acceptance.conditions_id.in_(list(conditions_ids)))
        .group_by(Acceptance.conditions_id)
    )
    return {row[0]: row[1] for row in rows}


# --- who hears of an end ----------------------------------------------------------------------------------------------


class Ending(NamedTuple):
    """An agreement as far as its end matters."""

    agreement_id: int
    key: str
    partner_id: int
    site_id: int
    starts_on: date
    ends_on: date | None
    ended_at: datetime | None
    partner_name: Words
    site_name: Words
    site_slug: str
    zone: str


def endings() -> list[Ending]:
    """Every agreement, for the worker."""
    rows = db.session.execute(
        select(
            Agreement.id,
            Agreement.key,
            Agreement.partner_id,
            Agreement.site_id,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.ended_at,
            Partner.name,
            Site.name,
            Site.slug,
            Site.zone,
        )
        .join(Partner, Partner.id == Agreement.partner_id)
        .join(Site, Site.id == Agreement.site_id)
        .order_by(Agreement.id)
    )
    return [Ending(*row) for row in rows]


def readers_of(
    today: date, *, partner_id: int | None = None, site_id: int | None = None, managers_only: bool = False
) -> list[Person]:
    """The coordinators of a partner, and the people who work at a site, or only its managers; each once, by id."""
    site_roles = {Role.MANAGER} if managers_only else SITE_ROLES
    whose = or_(
        and_(RoleGrant.partner_id == (partner_id or 0), RoleGrant.role == Role.COORDINATOR),
        and_(RoleGrant.site_id == (site_id or 0), RoleGrant.role.in_(site_roles)),
    )
    holds = select(RoleGrant.person_id).where(
        whose,
        RoleGrant.ended_at.is_(None),
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    return list(db.session.scalars(select(Person).where(Person.id.in_(holds), Person.is_active).order_by(Person.id)))
