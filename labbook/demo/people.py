"""Writes the partners, their people and what those may do; and the accounts to try."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..core.language import Words, person_name
from ..core.permissions import Role
from ..db import db
from ..models import Partner, Person, Project, ProjectPartner, RoleGrant, TrainingRecord
from ..models.people import PartnerKind
from ..people.service import password_hash
from .catalogue import Ids
from .content import Row, days_from, said, words
from .contracts import write_agreements

DEMO_PASSWORD = "correct-horse-battery-staple"

_STAFF_SINCE = -720  # days

ROLES = {
    Role.SCIENTIST: Words("Scientist", "研究者"),
    Role.COORDINATOR: Words("Coordinator", "コーディネーター"),
    Role.STAFF: Words("Staff", "スタッフ"),
    Role.MANAGER: Words("Manager", "マネージャー"),
    Role.ADMINISTRATOR: Words("Administrator", "システム管理者"),
    Role.AUDITOR: Words("Auditor", "監査担当者"),
}


class Account(NamedTuple):
    """Somebody as whom one may try the demo lab."""

    role: str
    name: str
    email: str


def accounts(language: str) -> list[Account]:
    """The accounts to try, at least one for each role, in a reader's language; all have DEMO_PASSWORD."""
    return [
        Account(
            " / ".join(_role_label(role, language) for role in row["roles"]),
            person_name(row["family_name"], row["given_name"], language),
            row["email"],
        )
        for row in said("people")["person"]
        if row.get("showcase")
    ]


def _role_label(role: Row, language: str) -> str:
    names = {row["slug"]: row["name"] for row in (*said("people")["partner"], *said("sites")["site"])}
    label = ROLES[Role(role["role"])].text(language)
    where = role.get("partner") or role.get("site")
    if where is None:
        return label
    separator = "、" if language == "ja" else ", "
    return f"{label}{separator}{words(names[where]).text(language)}"


def write_partners(places: Ids, first_on: date) -> Ids:
    """Partners with their agreements and joint projects; the partners' ids by slug."""
    partners = [
        Partner(slug=row["slug"], name=words(row["name"]), kind=PartnerKind(row["kind"]))
        for row in said("people")["partner"]
    ]
    projects = {row["slug"]: Project(slug=row["slug"], name=words(row["name"])) for row in said("people")["project"]}
    db.session.add_all([*partners, *projects.values()])
    db.session.flush()
    ids = {one.slug: one.id for one in partners}
    write_agreements(places, ids, first_on)
    db.session.add_all(
        ProjectPartner(project_id=projects[row["slug"]].id, partner_id=ids[partner])
        for row in said("people")["project"]
        for partner in row["partners"]
    )
    return ids


def write_people(places: Ids, partners: Ids, trainings: Ids, now: datetime) -> Ids:
    """People with their roles and trainings; their ids by address."""
    shared = password_hash(DEMO_PASSWORD)
    rows = said("people")["person"]
    people = [_person(row, places, shared, now) for row in rows]
    db.session.add_all(people)
    db.session.flush()
    ids = {one.email: one.id for one in people}
    first_on = now.date()
    for row in rows:
        db.session.add_all(
            RoleGrant(
                person_id=ids[row["email"]],
                role=Role(role["role"]),
                partner_id=partners[role["partner"]] if "partner" in role else None,
                site_id=places[role["site"]] if "site" in role else None,
                starts_on=days_from(first_on, _since(role)),
            )
            for role in row["roles"]
        )
    db.session.add_all(
        TrainingRecord(
            person_id=ids[row["person"]],
            training_id=trainings[row["training"]],
            granted_on=days_from(first_on, row["granted_days"]),
            expires_on=days_from(first_on, row["expires_days"]),
        )
        for row in said("people")["record"]
    )
    return ids


def _person(row: Row, places: Ids, shared: str, now: datetime) -> Person:
    return Person(
        email=row["email"],
        family_name=row["family_name"],
        given_name=row["given_name"],
        reading=row.get("reading", ""),
        language=row["language"],
        home_site_id=places[row["home_site"]],
        password_hash=shared,
        is_active=row.get("active", True),
        created_at=now + timedelta(days=min(_since(role) for role in row["roles"])),
    )


def _since(role: Row) -> int:
    """The day since which somebody has a role: that of the partner's first agreement."""
    if "partner" not in role:
        return _STAFF_SINCE
    rows = said("people")["agreement"]
    return int(min(row["starts_days"] for row in rows if row["partner"] == role["partner"]))
