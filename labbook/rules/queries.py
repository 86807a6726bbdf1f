"""Reads about rule sets; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, cast, exists, func, or_, select

from ..core import limits
from ..core.language import Words
from ..core.limits.applied import Applied, Bounds
from ..core.limits.limit import Limit
from ..core.terms import ResourceKind
from ..db import db
from ..models import Agreement, Partner, Resource, ResourceGroupMember, ResourceTraining, RuleSet, Training


class Stands(NamedTuple):
    """Where a resource stands, as far as the scope of a rule set asks."""

    id: int
    area_id: int
    kind: ResourceKind
    level: int  # the highest of the trainings that it demands; 0 where it demands none
    groups: frozenset[int]


class SetRow(NamedTuple):
    """A rule set that is switched on, as judging needs it."""

    key: str
    version: int
    name: Words
    resource_id: int | None
    area_id: int | None
    kind: ResourceKind | None
    level: int | None
    group_id: int | None
    starts_on: date | None
    ends_on: date | None
    limits: list[dict[str, Any]]
    made_at: datetime
    partner_id: int | None  # whose agreement it belongs to; none: everybody's
    agreement_from: date | None
    agreement_to: date | None

    def is_about(self, one: Stands) -> bool:
        """Whether a resource lies in its scope: each part of it that is filled matches."""
        return (
            self.resource_id in (None, one.id)
            and self.area_id in (None, one.area_id)
            and self.kind in (None, one.kind)
            and self.level in (None, one.level)
            and (self.group_id is None or self.group_id in one.groups)
        )

    @property
    def bounds(self) -> tuple[Bounds, ...]:
        """Between which days it is valid: its own, and the agreement's."""
        both = ((self.starts_on, self.ends_on), (self.agreement_from, self.agreement_to))
        return tuple(one for one in both if one != (None, None))

    def holds_between(self, first: date, last: date, partner_id: int) -> bool:
        """Whether it may be valid on a day from `first` through `last`, for this partner."""
        if self.partner_id not in (None, partner_id):
            return False
        return all(
            (begins is None or begins <= last) and (ends is None or first <= ends) for begins, ends in self.bounds
        )


# Made once: everybody's request asks for these.
_SETS = (
    select(
        RuleSet.key,
        RuleSet.version,
        RuleSet.name,
        RuleSet.resource_id,
        RuleSet.area_id,
        RuleSet.kind,
        RuleSet.level,
        RuleSet.group_id,
        RuleSet.starts_on,
        RuleSet.ends_on,
        RuleSet.limits,
        RuleSet.made_at,
        Agreement.partner_id,
        Agreement.starts_on.label("agreement_from"),
        Agreement.ends_on.label("agreement_to"),
    )
    .outerjoin(Agreement, Agreement.id == RuleSet.agreement_id)
    .where(
        RuleSet.site_id == bindparam("site_id"),
        RuleSet.is_active,
        or_(RuleSet.agreement_id.is_(None), Agreement.ended_at.is_(None)),
    )
    .order_by(RuleSet.id)
)
_SETS_OF_ONE = _SETS.where(
    or_(RuleSet.resource_id.is_(None), RuleSet.resource_id == bindparam("resource_id")),
    or_(RuleSet.area_id.is_(None), RuleSet.area_id == bindparam("area_id")),
    or_(RuleSet.kind.is_(None), RuleSet.kind == bindparam("kind")),
    or_(Agreement.partner_id.is_(None), Agreement.partner_id == bindparam("partner_id")),
)
_LEVELS = (
    select(ResourceTraining.resource_id, func.max(Training.level).label("level"))
    .join(Training, Training.id == ResourceTraining.training_id)
    .group_by(ResourceTraining.resource_id)
    .subquery()
)
_STANDS = (
    select(Resource.id, Resource.area_id, Resource.kind, _LEVELS.c.level, ResourceGroupMember.group_id)
    .outerjoin(_LEVELS, _LEVELS.c.resource_id == Resource.id)
    .outerjoin(ResourceGroupMember, ResourceGroupMember.resource_id == Resource.id)
    .where(Resource.site_id == bindparam("site_id"))
    .order_by(Resource.id)
)
_KEEPS_APART = select(
    exists(
        select(RuleSet.id)
        .join(Partner, Partner.id == bindparam("partner_id"))
        .where(
            RuleSet.site_id == bindparam("site_id"),
            RuleSet.is_active,
            cast(RuleSet.limits, String).contains(Partner.key),
        )
    )
)


def sets_at(site_id: int) -> list[SetRow]:
    """All rule sets of a site that are switched on, of whichever partner's agreement."""
    return _rows(_SETS, {"site_id": site_id})


def stands_at(site_id: int) -> dict[int, Stands]:
    """Every resource of a site, as far as scopes ask, by id."""
    found: dict[int, Stands] = {}
    for row in db.session.execute(_STANDS, {"site_id": site_id}):
        known = found.get(row.id)
        groups = (known.groups if known else frozenset()) | ({row.group_id} if row.group_id else frozenset())
        found[row.id] = Stands(row.id, row.area_id, row.kind, row.level or 0, groups)
    return found


def applied_to(resource: Resource, partner_id: int, first: date, last: date) -> tuple[Applied, ...]:
    """The limits that apply to a partner's bookings of a resource from one day through another.

    One statement, two where there are some. Of each day only those in force on it concern a booking: `Applied.look`.
    """
    about = {
        "site_id": resource.site_id,
        "resource_id": resource.id,
        "area_id": resource.area_id,
        "kind": resource.kind,
        "partner_id": partner_id,
    }
    sets = _rows(_SETS_OF_ONE, about)
    return applied(sets, stands_at(resource.site_id), resource.id, partner_id, first, last) if sets else ()


def applied(
    sets: Iterable[SetRow], stands: Mapping[int, Stands], resource_id: int, partner_id: int, first: date, last: date
) -> tuple[Applied, ...]:
    """Of a site's rule sets, the limits that apply to a partner's bookings of one of its resources on such days."""
    here = stands[resource_id]
    return tuple(
        one
        for row in sets
        if row.is_about(here) and row.holds_between(first, last, partner_id)
        for one in applied_of(row, stands)
    )


def applied_of(row: SetRow, stands: Mapping[int, Stands]) -> list[Applied]:
    """The limits of a rule set, with the resources that it is about."""
    about = frozenset(one.id for one in stands.values() if row.is_about(one))
    return [Applied(limit, row.key, row.name, key, about, row.bounds) for key, limit in limits_of(row)]


def keys_of_agreement(agreement_id: int) -> frozenset[str]:
    """The rule sets of an agreement, by key; those that are switched off too."""
    return frozenset(db.session.scalars(select(RuleSet.key).where(RuleSet.agreement_id == agreement_id)))


def keeps_apart(site_id: int, partner_id: int) -> bool:
    """Whether some rule set of the site names this partner as one to be kept apart from others."""
    return bool(db.session.scalar(_KEEPS_APART, {"site_id": site_id, "partner_id": partner_id}))


def limits_of(row: SetRow) -> tuple[tuple[str, Limit], ...]:
    """The limits of a rule set with their ids; each version of a set is read only once."""
    known = _LIMITS.get((row.key, row.version))
    if known is None:
        if len(_LIMITS) > _MOST_KNOWN:
            _LIMITS.clear()
        known = _LIMITS[row.key, row.version] = tuple((one["id"], limits.read(one)) for one in row.limits)
    return known


_LIMITS: dict[tuple[str, int], tuple[tuple[str, Limit], ...]] = {}
_MOST_KNOWN = 2000


def _rows(statement: Select[*tuple[Any, ...]], about: Mapping[str, Any]) -> list[SetRow]:
    return [SetRow(*row) for row in db.session.execute(statement, about)]
