"""When the staff of sites are at work."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, or_, select

from ..core.closing import ClosureKind
from ..core.deciding import OFFICE_HOURS, WorkingTime
from ..core.hours import Opening
from ..core.interval import Interval
from ..db import db
from ..models import Closure, OpeningRow, Person, Site
from ..models.site import Hours
from .calendars import calendar_of

AHEAD = timedelta(weeks=26)

_WORKING = (  # made once: everybody's request asks for it
    select(
        Site.id,
        Site.zone,
        Site.first_weekday,
        Site.country,
        Site.subdivision,
        OpeningRow.weekday,
        OpeningRow.opens,
        OpeningRow.closes,
        Closure.starts_at,
        Closure.ends_at,
    )
    .select_from(Site)
    .outerjoin(
        OpeningRow,
        and_(
            OpeningRow.site_id == Site.id,
            OpeningRow.kind == Hours.STAFFED,
            OpeningRow.area_id.is_(None),
            OpeningRow.resource_id.is_(None),
        ),
    )
    .outerjoin(
        Closure,
        and_(
            Closure.site_id == Site.id,
            Closure.kind.in_((ClosureKind.HOLIDAY, ClosureKind.CLOSURE)),  # while something is serviced, staff work
            Closure.area_id.is_(None),
            Closure.resource_id.is_(None),
            Closure.unit_id.is_(None),
            Closure.ends_at > bindparam("after"),
            Closure.starts_at < bindparam("before"),
        ),
    )
    .where(
        or_(
            Site.id.in_(bindparam("site_ids", expanding=True)),
            Site.id.in_(select(Person.home_site_id).where(Person.id.in_(bindparam("people", expanding=True)))),
        )
    )
)


def working_times(
    site_ids: Iterable[int], now: datetime, *, people: Collection[int] = (), since: datetime | None = None
) -> dict[int, WorkingTime]:
    """When staff are at work at these sites, and at the home sites of these people, from now or `since` on."""
    about = {
        "site_ids": sorted(set(site_ids)),
        "people": sorted(people),
        "after": since or now,
        "before": now + AHEAD,
    }
    of_site: dict[int, list[Any]] = {}
    for row in db.session.execute(_WORKING, about):
        of_site.setdefault(row.id, []).append(row)
    return {number: _working_time(rows, now) for number, rows in of_site.items()}


def _working_time(rows: list[Any], now: datetime) -> WorkingTime:
    """From one row for each of the site's weekly hours and each time in which it is shut."""
    one = rows[0]
    year = now.astimezone(ZoneInfo(one.zone)).year
    hours = {Opening(row.weekday, row.opens, row.closes) for row in rows if row.weekday is not None}
    shut = {Interval(row.starts_at, row.ends_at) for row in rows if row.starts_at is not None}
    known = calendar_of(one.zone, one.first_weekday, one.country, one.subdivision, year)
    in_order = tuple(sorted(hours, key=lambda row: (row.weekday, row.opens)))
    return WorkingTime(known.zone, in_order or OFFICE_HOURS, known.holidays, tuple(sorted(shut)))


def homes_of(people: Collection[int]) -> dict[int, int | None]:
    """The home sites of people, by their ids."""
    rows = db.session.execute(select(Person.id, Person.home_site_id).where(Person.id.in_(sorted(people))))
    return {row.id: row.home_site_id for row in rows}
