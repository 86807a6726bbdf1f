"""What goes wrong, and what is looked after: an instrument is out of order today, and a unit has its weekly care."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from ..bookings.service.closing import Date, Draft, close
from ..core.closing import ClosureKind, dates_of
from ..core.interval import Interval
from ..core.language import Words
from ..core.lifecycle import State
from ..core.permissions import Actor, Role
from ..core.recurrence import Every, Repeat
from ..core.terms import ResourceKind
from ..db import db
from ..models import Booking, Closure, Resource, RoleGrant, Site, Unit
from ..models.columns import new_key
from ..people.queries import actor_of

_SITE = "tsukuba"
_FRIDAY, _WEEKS = 4, 10
_FAULT = Words("The laser does not start; the maker is on the way", "レーザーが起動しません。メーカーに連絡済みです")
_CARE = Words("Weekly decontamination", "毎週の除染作業")


def break_down(now: datetime) -> None:
    """Report a fault over some bookings, unless one is open, and close a unit every week, unless one is closed so."""
    site = db.session.scalars(select(Site).where(Site.slug == _SITE)).one()
    staff = _staff(site, now)
    if staff is None:
        return
    if not _is_any(site, ClosureKind.FAULT, now):
        _fault(staff, site, now)
    if not _is_any(site, ClosureKind.MAINTENANCE, now, of_unit=True):
        _care(staff, site, now)


def _fault(staff: Actor, site: Site, now: datetime) -> None:
    """Of an instrument that several people have booked within three days, and nobody uses now."""
    local = now.astimezone(site.zoneinfo)
    evening = datetime.combine(local.date() + timedelta(days=3), time(18), site.zoneinfo)
    runs = select(Booking.resource_id).where(Booking.state == State.RUNNING)
    slug = db.session.scalar(
        select(Resource.slug)
        .join(Booking, Booking.resource_id == Resource.id)
        .where(
            Resource.site_id == site.id,
            Resource.kind == ResourceKind.EQUIPMENT,
            Resource.by_day.is_(False),
            Resource.is_hidden.is_(False),
            Resource.id.not_in(runs),
            Booking.state == State.APPROVED,
            Booking.starts_at > now,
            Booking.starts_at < evening,
        )
        .group_by(Resource.slug)
        .order_by(func.count(Booking.id).desc(), Resource.slug)
        .limit(1)
    )
    if slug is not None:
        start = now.replace(second=0, microsecond=0)
        _close(staff, f"resource:{slug}", ClosureKind.FAULT, [Interval(start, evening)], _FAULT, now)


def _care(staff: Actor, site: Site, now: datetime) -> None:
    """Of the last unit of the largest pool of cabinets and the like, every Friday from the week after next."""
    pieces = func.count(Unit.id)
    largest = db.session.scalar(
        select(Resource.id)
        .join(Unit, Unit.resource_id == Resource.id)
        .where(Resource.site_id == site.id, Resource.kind == ResourceKind.EQUIPMENT, Resource.by_day.is_(False))
        .group_by(Resource.id)
        .having(pieces > 1)
        .order_by(pieces.desc(), Resource.id)
        .limit(1)
    )
    unit = db.session.scalars(select(Unit).where(Unit.resource_id == largest).order_by(Unit.position.desc())).first()
    today = now.astimezone(site.zoneinfo).date()
    friday = today + timedelta(days=(_FRIDAY - today.weekday()) % 7 + 7)
    start, end = (datetime.combine(friday, time(hour)) for hour in (13, 15))
    times = dates_of(Repeat(Every.WEEK, count=_WEEKS), start, end, site.zoneinfo)
    if unit is not None:
        _close(staff, f"unit:{unit.key}", ClosureKind.MAINTENANCE, times, _CARE, now)


def _close(staff: Actor, place: str, kind: ClosureKind, times: list[Interval], reason: Words, now: datetime) -> None:
    dates = tuple(Date(one, reason) for one in times)
    close(staff, _SITE, Draft(new_key(), place, kind, dates), {}, now=now)


def _staff(site: Site, now: datetime) -> Actor | None:
    found = select(RoleGrant.person_id).where(RoleGrant.site_id == site.id, RoleGrant.role == Role.STAFF)
    number = db.session.scalar(found.order_by(RoleGrant.id).limit(1))
    return actor_of(number, now) if number else None


def _is_any(site: Site, kind: ClosureKind, now: datetime, *, of_unit: bool = False) -> bool:
    """Whether something of this kind is closed, or will be."""
    found = select(Closure.id).where(Closure.site_id == site.id, Closure.kind == kind, Closure.ends_at > now)
    if of_unit:
        found = found.where(Closure.unit_id.is_not(None))
    return db.session.scalar(found.limit(1)) is not None
