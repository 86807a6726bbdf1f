"""Writes when the demo lab is shut: public holidays, and the maintenance of single instruments.

On a public holiday the badge still opens the doors, as on a Sunday: cells grow, runs go on, benches stay let.
Shut are the rooms that keep hours of their own, because those depend on staff being there: chemistry, the operations
desk with its staff sessions, the event hall. Elsewhere a holiday shows in how little is booked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..core.closing import ClosureKind
from ..core.holiday_names import holiday_names
from ..core.hours import instant
from ..core.interval import Interval, local_day
from ..core.language import Words
from ..db import db
from ..models import Area, Closure, Resource, Site
from .content import Row, said

_AHEAD = 6  # weeks: further than any instrument can be booked, so that no booking is in the way
_BACK = 6

_WORK = (
    (Words("Preventive maintenance", "定期保守"), 4),
    (Words("Calibration", "校正作業"), 3),
    (Words("Service visit by the maker", "メーカーによる点検"), 8),
)
_EXTRA = {  # by icon
    "microscope": (Words("Laser alignment", "レーザー光軸調整"), 4),
    "nmr": (Words("Helium fill", "液体ヘリウム充填"), 6),
    "mass": (Words("Cleaning of the ion source", "イオン源の清掃"), 5),
    "cytometer": (Words("Exchange of the fluidics", "流路系の交換"), 4),
}


def holidays_at(site: str, year: int) -> dict[date, Words]:
    """The public holidays of a year where the site is."""
    row = _site(site)
    return holiday_names(row["country"], row["subdivision"], year)


def is_holiday(site: str, on: date) -> bool:
    """True on a public holiday."""
    return on in holidays_at(site, on.year)


def _site(slug: str) -> Row:
    return next(row for row in said("sites")["site"] if row["slug"] == slug)


def write_closures(today: date) -> None:
    """Holidays of the years and maintenance of the weeks around `today`, so far as they are not there yet."""
    db.session.flush()
    known = {
        (row.area_id, row.resource_id, row.starts_at)
        for row in db.session.execute(select(Closure.area_id, Closure.resource_id, Closure.starts_at))
    }
    found = [*_holidays(today), *_maintenance(today)]
    db.session.add_all(one for one in found if (one.area_id, one.resource_id, one.starts_at) not in known)


def _holidays(today: date) -> Iterator[Closure]:
    for row in said("sites")["site"]:
        site = db.session.scalars(select(Site).where(Site.slug == row["slug"])).one()
        with_hours = [one["slug"] for one in row["area"] if "hours" in one]
        areas = db.session.scalars(
            select(Area).where(Area.site_id == site.id, Area.slug.in_(with_hours)).order_by(Area.position)
        ).all()
        for year in range(today.year - 1, today.year + 2):
            for on, name in holidays_at(site.slug, year).items():
                time = local_day(on, site.zoneinfo)
                for area in areas:
                    yield _closure(site.id, ClosureKind.HOLIDAY, time, name, area_id=area.id)


def _maintenance(today: date) -> Iterator[Closure]:
    """Every second week one instrument of a site is down for some hours."""
    monday = today - timedelta(days=today.weekday())
    for row in said("sites")["site"]:
        zone = ZoneInfo(row["zone"])
        for week in range(-_BACK, _AHEAD + 1):
            planned = _planned(row["slug"], monday + timedelta(weeks=week), zone)
            if planned is None:
                continue
            slug, reason, time = planned
            one = db.session.scalars(select(Resource).where(Resource.slug == slug)).one_or_none()
            if one is not None:
                yield _closure(one.site_id, ClosureKind.MAINTENANCE, time, reason, resource_id=one.id)


def _planned(site: str, monday: date, zone: ZoneInfo) -> tuple[str, Words, Interval] | None:
    dice = Random(f"maintenance/{site}/{monday}")
    if monday.toordinal() // 7 % 2 == (site == "tsukuba"):
        return None
    instruments = [
        row
        for row in said("catalogue")["resource"]
        if row["site"] == site and row["kind"] == "equipment" and len(row["units"]) == 1 and not row["by_day"]
    ]
    row = dice.choice(instruments)
    works = [*_WORK, _EXTRA[row["icon"]]] if row["icon"] in _EXTRA else _WORK
    reason, hours = dice.choice(works)
    on = monday + timedelta(days=dice.randrange(5))
    start = instant(datetime.combine(on, time(9)), zone)
    return row["slug"], reason, Interval(start, start + timedelta(hours=hours))


def _closure(
    site_id: int,
    kind: ClosureKind,
    time: Interval,
    reason: Words,
    *,
    area_id: int | None = None,
    resource_id: int | None = None,
) -> Closure:
    return Closure(
        site_id=site_id,
        area_id=area_id,
        resource_id=resource_id,
        kind=kind,
        starts_at=time.start,
        ends_at=time.end,
        reason=reason,
    )
