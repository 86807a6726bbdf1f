"""What resources demand, and what people have to show for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from ...core.eligibility import STAFF_ONLY
from ...core.facts import AgreementFact
from ...core.language import Words
from ...core.permissions import NotFoundError
from ...core.proofs import Proof, Record, best_proof, day_of_use
from ...db import db
from ...models import (
    Agreement,
    AgreementArea,
    AgreementResource,
    Partner,
    Resource,
    ResourceTraining,
    Training,
    TrainingRecord,
)
from ...models.use import last_use


def trainings_at(site_id: int) -> list[Training]:
    """The trainings that count at a site, but for those that only staff hold; by level and slug."""
    return list(
        db.session.scalars(
            select(Training)
            .where(or_(Training.site_id.is_(None), Training.site_id == site_id), Training.level < STAFF_ONLY)
            .order_by(Training.level, Training.slug)
        )
    )


def training_by_slug(slug: str, site_id: int, shown: ColumnElement[bool]) -> Training:
    """A training that can be had at a site. Raises NotFoundError.

    `shown` is the condition under which the viewer may see a Resource: what only hidden ones demand is hidden too.
    """
    demand = ResourceTraining.training_id == Training.id
    seen = exists().where(demand, ResourceTraining.resource_id == Resource.id, Resource.is_active, shown)
    found = db.session.scalar(
        select(Training).where(
            Training.slug == slug,
            or_(Training.site_id.is_(None), Training.site_id == site_id),
            Training.level < STAFF_ONLY,
            or_(seen, ~exists().where(demand)),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def demands_of(resource_ids: Iterable[int]) -> dict[int, list[Training]]:
    """The trainings that these resources demand, by resource, in the order of the rules."""
    found: dict[int, list[Training]] = {}
    rows = db.session.execute(
        select(ResourceTraining.resource_id, Training)
        .join(Training, Training.id == ResourceTraining.training_id)
        .where(ResourceTraining.resource_id.in_(list(resource_ids)))
        .order_by(Training.level, Training.id)
    )
    for resource_id, training in rows:
        found.setdefault(resource_id, []).append(training)
    return found


def demanding(training_id: int) -> list[Resource]:
    """The active resources that demand a training."""
    return list(
        db.session.scalars(
            select(Resource)
            .join(ResourceTraining, ResourceTraining.resource_id == Resource.id)
            .where(ResourceTraining.training_id == training_id, Resource.is_active)
            .order_by(Resource.site_id, Resource.position, Resource.id)
        )
    )


def proofs(*conditions: ColumnElement[bool]) -> dict[tuple[int, int], Proof]:
    """The best proof by person and training, of the TrainingRecords that meet the conditions; one statement."""
    rows = db.session.execute(
        select(
            TrainingRecord.person_id,
            TrainingRecord.training_id,
            TrainingRecord.granted_on,
            TrainingRecord.expires_on,
            TrainingRecord.revoked_at,
            TrainingRecord.is_trainee,
            Training.disuse_days,
            last_use(TrainingRecord.person_id).label("used_until"),
        )
        .join(Training, Training.id == TrainingRecord.training_id)
        .where(*conditions)
        .order_by(TrainingRecord.person_id, TrainingRecord.training_id, TrainingRecord.id)
    )
    by_pair = groupby(rows, key=lambda row: (row.person_id, row.training_id))
    return {pair: _best(list(same)) for pair, same in by_pair}


def proofs_of(person_ids: Iterable[int]) -> dict[tuple[int, int], Proof]:
    """The best proof of these people, by person and training."""
    return proofs(TrainingRecord.person_id.in_(sorted(person_ids)))


def _best(rows: list[Any]) -> Proof:
    records = [Record(row.granted_on, row.expires_on, row.revoked_at is not None, row.is_trainee) for row in rows]
    return best_proof(records, day_of_use(rows[0].used_until), rows[0].disuse_days)


class Contract(NamedTuple):
    """An agreement as far as a card depends on it."""

    partner_id: int
    starts_on: date
    ends_on: date | None
    partner: Words
    areas: frozenset[int]
    resources: frozenset[int]  # neither areas nor resources: it covers the whole site

    def about(self, resource: Resource) -> AgreementFact:
        """What it says of one resource of its site."""
        names_none = not self.areas and not self.resources
        covers = names_none or resource.area_id in self.areas or resource.id in self.resources
        return AgreementFact(self.starts_on, self.ends_on, covers, self.partner)


def contracts_of(partner_ids: Iterable[int], site_id: int) -> list[Contract]:
    """The agreements of these partners with a site, past and future ones too; one statement."""
    rows = db.session.execute(
        select(Agreement, Partner.name, AgreementArea.area_id, AgreementResource.resource_id)
        .join(Partner, Partner.id == Agreement.partner_id)
        .outerjoin(AgreementArea, AgreementArea.agreement_id == Agreement.id)
        .outerjoin(AgreementResource, and_(AgreementResource.agreement_id == Agreement.id))
        .where(Agreement.partner_id.in_(list(partner_ids)), Agreement.site_id == site_id, Agreement.ended_at.is_(None))
        .order_by(Agreement.id)
    )
    return [_contract(list(same)) for _, same in groupby(rows, key=lambda row: row.Agreement.id)]


def _contract(rows: list[Any]) -> Contract:
    one = rows[0].Agreement
    areas = frozenset(row.area_id for row in rows if row.area_id is not None)
    resources = frozenset(row.resource_id for row in rows if row.resource_id is not None)
    return Contract(one.partner_id, one.starts_on, one.ends_on, rows[0].name, areas, resources)
