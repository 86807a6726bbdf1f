"""Who is named to decide for resources, on a day; one statement for however many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from ..core.permissions import SITE_ROLES
from ..core.steps import Named
from ..db import db
from ..models import AreaApprover, Person, Resource, ResourceApprover, RoleGrant, Site, StandIn


def _works_there(person_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """The condition under which somebody with an open account works at a Resource's site on the day `today`."""
    grant = aliased(RoleGrant)
    return exists().where(
        grant.person_id == person_id,
        grant.site_id == Resource.site_id,
        grant.role.in_(SITE_ROLES),
        grant.ended_at.is_(None),
        grant.starts_on <= bindparam("today"),
        or_(grant.ends_on.is_(None), grant.ends_on >= bindparam("today")),
        Person.id == grant.person_id,
        Person.is_active,
    )


# Made once: everybody's request asks for it.
_APPROVERS = (
    select(
        Resource.id,
        Resource.two_steps,
        ResourceApprover.person_id.label("own"),
        ResourceApprover.for_safety.label("own_is_safety"),
        AreaApprover.person_id.label("of_area"),
        AreaApprover.for_safety.label("of_area_is_safety"),
        StandIn.absent_id,
        StandIn.person_id.label("stand_in"),
        StandIn.starts_on,
        StandIn.ends_on,
        Site.zone,
    )
    .join(Site, Site.id == Resource.site_id)
    .outerjoin(
        ResourceApprover,
        and_(ResourceApprover.resource_id == Resource.id, _works_there(ResourceApprover.person_id)),
    )
    .outerjoin(AreaApprover, and_(AreaApprover.area_id == Resource.area_id, _works_there(AreaApprover.person_id)))
    .outerjoin(
        StandIn,
        and_(
            StandIn.site_id == Resource.site_id,
            StandIn.ended_at.is_(None),
            StandIn.ends_on >= bindparam("yesterday"),
            _works_there(StandIn.person_id),
        ),
    )
    .where(
        Resource.id.in_(bindparam("resource_ids", expanding=True)),
        or_(Resource.two_steps, ResourceApprover.person_id.is_not(None), AreaApprover.person_id.is_not(None)),
    )
    .order_by(Resource.id)
)


def named_by_resource(resource_ids: Iterable[int], now: datetime) -> dict[int, Named]:
    """Who is named to decide for each of these resources on this day.

    Left out is a resource for which nobody is, unless it asks for two steps. Named are, for safety and besides, a
    resource's own approvers, else its area's; and whoever stands in for one of them at the site. Whoever does not work
    at the site any more decides nothing there, and does not keep its staff from deciding.
    """
    today = now.date()
    yesterday = today - timedelta(days=1)  # somewhere it still is
    about = {"resource_ids": sorted(set(resource_ids)), "today": today, "yesterday": yesterday}
    rows = db.session.execute(_APPROVERS, about)
    return {number: _named(list(several), now) for number, several in groupby(rows, key=lambda row: row.id)}


def _named(rows: Sequence[Any], now: datetime) -> Named:
    """From a row for each pair of the resource's own approvers and its area's, and each who stands in."""
    own = {(row.own, row.own_is_safety) for row in rows if row.own is not None}
    of_area = {(row.of_area, row.of_area_is_safety) for row in rows if row.of_area is not None}
    lab, safety = (
        {one for one, is_safety in own if is_safety is kind} or {one for one, is_safety in of_area if is_safety is kind}
        for kind in (False, True)
    )
    away = {(row.absent_id, row.stand_in) for row in rows if row.stand_in is not None and _is_away(row, now)}
    return Named(_with_stand_ins(lab, away), _with_stand_ins(safety, away), rows[0].two_steps)


def _is_away(row: Any, now: datetime) -> bool:
    return bool(row.starts_on <= now.astimezone(ZoneInfo(row.zone)).date() <= row.ends_on)


def _with_stand_ins(people: set[int], away: set[tuple[int, int]]) -> frozenset[int]:
    return frozenset(people | {stand_in for absent, stand_in in away if absent in people})


def approvers_by_resource(resource_ids: Iterable[int], now: datetime) -> dict[int, frozenset[int]]:
    """Who is named to approve for each of these resources on this day; one without anybody is left out."""
    return {number: one.lab for number, one in named_by_resource(resource_ids, now).items() if one.lab}
