"""What somebody's own data say of the partners that they work for, or worked for until they left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, null, or_, select

from ...db import db
from ...models import (
    Agreement,
    Booking,
    Event,
    EventDetail,
    Flag,
    Partner,
    Project,
    Remark,
    Request,
    Resource,
    RoleGrant,
    Site,
    Unit,
)
from .. import directory

Rows = Select[*tuple[Any, ...]]
FURTHEST_EAST = timedelta(hours=14)


class Times(NamedTuple):
    """The partners that somebody works for now, and when they left the others."""

    present: frozenset[int]
    left: dict[int, datetime]

    def knew(self, partner_id: int, at: datetime) -> bool:
        """Whether the person worked for the partner at that moment."""
        return partner_id in self.present or (partner_id in self.left and at <= self.left[partner_id])

    def were_there(self, at: Any) -> ColumnElement[bool]:
        """Whether the person still worked for the Request's partner at that moment of a row."""
        before = [and_(Request.partner_id == partner, at <= end) for partner, end in sorted(self.left.items())]
        return or_(Request.partner_id.in_(sorted(self.present)), *before)


def times_of(person_id: int, now: datetime) -> Times:
    """For which partners somebody has worked, from the roles that they have held."""
    live = directory.is_live(now).label("live")
    told = (RoleGrant.partner_id, RoleGrant.starts_on, RoleGrant.ends_on, RoleGrant.ended_at, live)
    rows = db.session.execute(
        select(*told).where(
            RoleGrant.person_id == person_id,
            RoleGrant.partner_id.is_not(None),
            RoleGrant.starts_on <= (now + FURTHEST_EAST).date(),
        )
    ).all()
    present = frozenset(row.partner_id for row in rows if row.live)
    left: dict[int, datetime] = {}
    for row in rows:
        if row.partner_id not in present:
            end = _end(row.ends_on, row.ended_at)
            left[row.partner_id] = max(end, left.get(row.partner_id, end))
    return Times(present, left)


def _end(ends_on: date | None, ended_at: datetime | None) -> datetime:
    """When a role that is over ended: when it was taken away, or with its last day."""
    ends = [ended_at] if ended_at is not None else []
    if ends_on is not None:
        ends.append(datetime.combine(ends_on + timedelta(days=1), datetime.min.time(), UTC))
    return min(ends)


# --- one query for each section ---------------------------------------------------------------------------------------

_SITE, _PARTNER = Site.name.label("site"), Partner.name.label("partner")
EVENT = (Event.at, Event.code, Event.subject, Event.state, _SITE, EventDetail.body.label("detail"))


def _agreements(person_id: int, times: Times) -> Rows:
    found = select(_PARTNER, _SITE, Agreement.starts_on, Agreement.ends_on).join(
        Partner, Partner.id == Agreement.partner_id
    )
    found = found.join(Site, Site.id == Agreement.site_id)
    return found.where(Agreement.partner_id.in_(sorted(times.present)))


def _requests(person_id: int, times: Times) -> Rows:
    told = (Request.key, Request.title, Request.purpose, _SITE, _PARTNER, Project.name.label("project"))
    found = select(*told, Request.created_at).join(Site, Site.id == Request.site_id)
    found = found.join(Partner, Partner.id == Request.partner_id).outerjoin(Project, Project.id == Request.project_id)
    mine = or_(Request.person_id == person_id, Request.asked_by_id == person_id)
    return found.where(mine, times.were_there(Request.created_at)).order_by(Request.id)


def _bookings(person_id: int, times: Times) -> Rows:
    """One that was changed after the person had left tells only that it was made: how it stood then is not kept."""

    def then(column: Any) -> Any:
        return case((times.were_there(Booking.changed_at), column), else_=null()).label(column.key)

    told = (Request.key.label("request"), Booking.key, Booking.uid, Resource.name.label("resource"), Unit.name)
    when = (Booking.starts_at, Booking.ends_at, Booking.by_day, Booking.wall_start, Booking.wall_end)
    late = (Booking.state, *when, Booking.used_until, Booking.findings, Booking.changed_at)
    found = select(*told, Booking.mode, Booking.biosafety, Booking.created_at, *map(then, late))
    found = found.join(Request, Request.id == Booking.request_id).join(Resource, Resource.id == Booking.resource_id)
    found = found.join(Unit, Unit.id == Booking.unit_id)
    return found.where(Booking.person_id == person_id, times.were_there(Booking.created_at)).order_by(Booking.id)


def _flags(person_id: int, times: Times) -> Rows:
    def then(column: Any) -> Any:
        return case((times.were_there(Flag.settled_at), column), else_=null()).label(column.key)

    found = select(Booking.key.label("booking"), Flag.code, Flag.raised_at, then(Flag.settled_at), then(Flag.choice))
    found = found.join(Booking, Booking.id == Flag.booking_id).join(Request, Request.id == Booking.request_id)
    return found.where(Booking.person_id == person_id, times.were_there(Flag.raised_at))


def _questions(person_id: int, times: Times) -> Rows:
    """What staff asked about one's requests."""
    told = (Request.key.label("request"), Remark.at, Remark.body)
    found = select(*told).join(Request, Request.id == Remark.request_id)
    mine = or_(Request.person_id == person_id, Request.asked_by_id == person_id)
    asked = (Remark.is_question, Remark.person_id != person_id)
    return found.where(mine, *asked, times.were_there(Remark.at)).order_by(Remark.id)


def _events_about(person_id: int, times: Times) -> Rows:
    own = and_(Event.subject == "person", Event.subject_id == person_id)
    mine = and_(Request.person_id == person_id, times.were_there(Event.at))
    others = or_(Event.actor_id.is_(None), Event.actor_id != person_id)
    found = select(*EVENT).outerjoin(EventDetail, EventDetail.event_id == Event.id)
    found = found.outerjoin(Site, Site.id == Event.site_id).outerjoin(Request, Request.id == Event.request_id)
    return found.where(or_(own, mine), others).order_by(Event.id)


SECTIONS: dict[str, Callable[[int, Times], Rows]] = {
    "agreements": _agreements,
    "requests": _requests,
    "bookings": _bookings,
    "flags": _flags,
    "questions": _questions,
    "events_about": _events_about,
}
