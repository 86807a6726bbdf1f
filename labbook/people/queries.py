"""Reads about people; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from ..core.facts import TrainingFact
from ..core.permissions import SITE_ROLES, Actor, Role
from ..core.proofs import Record, best_proof, day_of_use
from ..db import db, now_column
from ..models import (
    Partner,
    Person,
    Project,
    ProjectPartner,
    ResourceTraining,
    RoleGrant,
    SignIn,
    Training,
    TrainingRecord,
)
from ..models.rights import PERSON, RIGHTS, actor_from, with_rights
from ..models.use import last_use


class Session(NamedTuple):
    """A live session: who, with which rights, and the instant at which this was read."""

    sign_in_id: int
    started_at: datetime
    seen_at: datetime
    now: datetime
    actor: Actor
    has_factor: bool


# Made once: a statement this wide costs more to put together than to run.
_SESSION = with_rights(
    select(
        SignIn.id.label("sign_in_id"),
        SignIn.started_at,
        SignIn.seen_at,
        (Person.totp_secret != "").label("has_factor"),
        now_column(),
        *PERSON,
        *RIGHTS,
    )
    .select_from(SignIn)
    .join(Person, Person.id == SignIn.person_id)
).where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None), SignIn.is_complete, Person.is_active)


def session_by_token(token_hash: str, now: datetime | None = None) -> Session | None:
    """The session behind a token with its person's rights, in one statement; None when ended or the account is closed.

    `now` is read from the database unless it is given.
    """
    rows = db.session.execute(_SESSION, {"token_hash": token_hash}).all()
    if not rows:
        return None
    at = now or rows[0].now
    one = rows[0]
    return Session(one.sign_in_id, one.started_at, one.seen_at, at, actor_from(rows, at), bool(one.has_factor))


_ACTOR = with_rights(select(*PERSON, *RIGHTS).select_from(Person)).where(
    Person.id == bindparam("person_id"), Person.is_active
)


def actor_of(person_id: int, now: datetime) -> Actor | None:
    """A person with the rights in force at `now`; None when the account is closed or unknown."""
    rows = db.session.execute(_ACTOR, {"person_id": person_id}).all()
    return actor_from(rows, now) if rows else None


def person_by_email(email: str) -> Person | None:
    """The account with this address, closed ones included."""
    return db.session.scalar(select(Person).where(Person.email == email))


def deciders(site_id: int, named: Iterable[int], now: datetime) -> list[int]:
    """The people who decide at a site: those named for the resource, else its staff and managers; sorted."""
    return sorted(named) or _working_at(site_id, SITE_ROLES, now)


def managers_of(site_id: int, now: datetime) -> frozenset[int]:
    """The site's managers with an open account."""
    return frozenset(_working_at(site_id, {Role.MANAGER}, now))


def _working_at(site_id: int, roles: Iterable[Role], now: datetime) -> list[int]:
    today = now.date()
    return list(
        db.session.scalars(
            select(RoleGrant.person_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(
                RoleGrant.site_id == site_id,
                RoleGrant.role.in_(roles),
                RoleGrant.ended_at.is_(None),
                RoleGrant.starts_on <= today,
                or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
                Person.is_active,
            )
            .distinct()
            .order_by(RoleGrant.person_id)
        )
    )


# --- facts about a person and a partner ------------------------------------------------------------------------------

_DEMANDED = (
    select(
        ResourceTraining.resource_id,
        Training.id,
        Training.name,
        Training.disuse_days,
        TrainingRecord.granted_on,
        TrainingRecord.expires_on,
        TrainingRecord.is_trainee,
        last_use(bindparam("person_id")).label("used_until"),
    )
    .join(ResourceTraining, ResourceTraining.training_id == Training.id)
    .outerjoin(
        TrainingRecord,
        and_(
            TrainingRecord.training_id == Training.id,
            TrainingRecord.person_id == bindparam("person_id"),
            TrainingRecord.revoked_at.is_(None),
        ),
    )
    .order_by(ResourceTraining.resource_id, Training.level, Training.id)
)
_TRAININGS = _DEMANDED.where(ResourceTraining.resource_id == bindparam("resource_id"))
_TRAININGS_AMONG = _DEMANDED.where(ResourceTraining.resource_id.in_(bindparam("resource_ids", expanding=True)))


def trainings_of(person_id: int, resource_id: int) -> tuple[TrainingFact, ...]:
    """The trainings that the resource demands, and the best proof that the person has of each; one statement."""
    rows = db.session.execute(_TRAININGS, {"person_id": person_id, "resource_id": resource_id}).all()
    return tuple(_fact(list(same)) for _, same in groupby(rows, key=lambda row: row.id))


def trainings_among(person_id: int, resource_ids: Iterable[int]) -> dict[int, tuple[TrainingFact, ...]]:
    """The same for many resources, in one statement; one that demands none is left out."""
    about = {"person_id": person_id, "resource_ids": list(resource_ids)}
    found: dict[int, tuple[TrainingFact, ...]] = {}
    rows = db.session.execute(_TRAININGS_AMONG, about)
    for (resource_id, _), same in groupby(rows, key=lambda row: (row.resource_id, row.id)):
        found[resource_id] = (*found.get(resource_id, ()), _fact(list(same)))
    return found


def _fact(rows: list[Any]) -> TrainingFact:
    """One training from a row for each of the person's records of it."""
    records = [
        Record(row.granted_on, row.expires_on, is_trainee=row.is_trainee) for row in rows if row.granted_on is not None
    ]
    proof = best_proof(records, day_of_use(rows[0].used_until), rows[0].disuse_days)
    return TrainingFact(rows[0].name, proof.is_held, proof.expires_on, proof.unused_since, proof.is_trainee)


def project_for(key: str, partner_id: int) -> Project | None:
    """A joint project in which the partner takes part."""
    return db.session.scalar(
        select(Project)
        .join(ProjectPartner, ProjectPartner.project_id == Project.id)
        .where(Project.key == key, ProjectPartner.partner_id == partner_id)
    )


def partner_key(partner_id: int) -> str:
    """The key of a partner."""
    return db.session.scalar(select(Partner.key).where(Partner.id == partner_id)) or ""


def roles_with(person_id: int, partner_id: int, now: datetime) -> frozenset[Role]:
    """The roles that a person holds with a partner today."""
    today = now.date()
    found = select(RoleGrant.role).where(
        RoleGrant.person_id == person_id,
        RoleGrant.partner_id == partner_id,
        RoleGrant.ended_at.is_(None),
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    return frozenset(db.session.scalars(found))


def names_by_id(person_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Family and given names by id."""
    rows = db.session.execute(
        select(Person.id, Person.family_name, Person.given_name).where(Person.id.in_(sorted(person_ids)))
    )
    return {row.id: (row.family_name, row.given_name) for row in rows}


def readings_by_id(person_ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Family and given names with their reading by id, to search in."""
    named = select(Person.id, Person.family_name, Person.given_name, Person.reading)
    rows = db.session.execute(named.where(Person.id.in_(sorted(person_ids))))
    return {row.id: (row.family_name, row.given_name, row.reading) for row in rows}


def projects_of(partner_ids: Iterable[int]) -> list[tuple[Project, int]]:
    """The joint projects of these partners, each with the partner through which it is theirs."""
    rows = db.session.execute(
        select(Project, ProjectPartner.partner_id)
        .join(ProjectPartner, ProjectPartner.project_id == Project.id)
        .where(ProjectPartner.partner_id.in_(list(partner_ids)))
        .order_by(Project.slug)
    )
    return list(rows)


def partners_by_id(partner_ids: Iterable[int]) -> dict[int, Partner]:
    """Partners by id."""
    rows = db.session.scalars(select(Partner).where(Partner.id.in_(list(partner_ids))).order_by(Partner.id))
    return {partner.id: partner for partner in rows}
