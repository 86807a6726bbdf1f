"""Reading who somebody is: the columns that every door selects, and the actor that they make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased

from ..core.permissions import LAB_ROLES, SITE_ROLES, Actor, Role
from .agreement import Agreement
from .people import Person, ProjectPartner, RoleGrant
from .site import Site

_AGREEMENT_SITE = aliased(Site)
_GRANT_SITE = aliased(Site)

# Labelled, so that each door may select them beside its own columns.
PERSON = (
    Person.id.label("person_id"),
    Person.key.label("person_key"),
    Person.email.label("person_email"),
    Person.family_name.label("person_family_name"),
    Person.given_name.label("person_given_name"),
    Person.language.label("person_language"),
    Person.home_site_id.label("person_home_site_id"),
)
RIGHTS = (
    RoleGrant.role.label("grant_role"),
    RoleGrant.partner_id.label("grant_partner_id"),
    RoleGrant.site_id.label("grant_site_id"),
    RoleGrant.starts_on.label("grant_starts_on"),
    RoleGrant.ends_on.label("grant_ends_on"),
    _GRANT_SITE.zone.label("grant_zone"),
    Agreement.site_id.label("agreement_site_id"),
    Agreement.starts_on.label("agreement_starts_on"),
    Agreement.ends_on.label("agreement_ends_on"),
    _AGREEMENT_SITE.zone.label("agreement_zone"),
    ProjectPartner.project_id.label("agreement_project_id"),
)


def with_rights(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement, which selects from Person, joined with what RIGHTS are read from: for each door its own query."""
    return (
        statement.outerjoin(RoleGrant, and_(RoleGrant.person_id == Person.id, RoleGrant.ended_at.is_(None)))
        .outerjoin(_GRANT_SITE, _GRANT_SITE.id == RoleGrant.site_id)
        .outerjoin(Agreement, and_(Agreement.partner_id == RoleGrant.partner_id, Agreement.ended_at.is_(None)))
        .outerjoin(_AGREEMENT_SITE, _AGREEMENT_SITE.id == Agreement.site_id)
        .outerjoin(ProjectPartner, ProjectPartner.partner_id == RoleGrant.partner_id)
    )


def actor_from(rows: Sequence[Any], now: datetime) -> Actor:
    """An actor from one row per role, agreement and project (at least one); what is not in force is left out."""
    partners: set[tuple[int, Role]] = set()
    sites: set[tuple[int, Role]] = set()
    lab: set[Role] = set()
    agreements: set[tuple[int, int]] = set()
    projects: set[int] = set()
    for row in rows:
        zone = row.grant_zone or row.agreement_zone
        if row.grant_role is None or not _in_force(row.grant_starts_on, row.grant_ends_on, zone, now):
            continue
        if row.grant_role in SITE_ROLES:
            sites.add((row.grant_site_id, row.grant_role))
        elif row.grant_role in LAB_ROLES:
            lab.add(row.grant_role)
        else:
            partners.add((row.grant_partner_id, row.grant_role))
            if _has_agreement(row, now):
                agreements.add((row.grant_partner_id, row.agreement_site_id))
                projects |= {row.agreement_project_id} - {None}
    one = rows[0]
    return Actor(
        person_id=one.person_id,
        key=one.person_key,
        email=one.person_email,
        family_name=one.person_family_name,
        given_name=one.person_given_name,
        language=one.person_language,
        home_site_id=one.person_home_site_id,
        partners=frozenset(partners),
        sites=frozenset(sites),
        lab=frozenset(lab),
        agreements=frozenset(agreements),
        projects=frozenset(projects),
    )


def _has_agreement(row: Any, now: datetime) -> bool:
    return row.agreement_site_id is not None and _in_force(
        row.agreement_starts_on, row.agreement_ends_on, row.agreement_zone, now
    )


def _in_force(starts_on: date, ends_on: date | None, zone: str | None, now: datetime) -> bool:
    """Both days are included, and are days of the site's calendar."""
    today = now.astimezone(ZoneInfo(zone) if zone else UTC).date()
    return starts_on <= today and (ends_on is None or today <= ends_on)
