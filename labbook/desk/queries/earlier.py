"""What people have booked of a site before, and when nobody came; each read is one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, case, exists, func, or_, select

from ...core.interval import Interval
from ...core.language import Words
from ...core.lifecycle import USED, Action, State
from ...db import db
from ...models import Booking, Event, Request, Resource

SHOWN = 5  # of the last ones


class Earlier(NamedTuple):
    """How often somebody has used a resource, has it approved, or did not come."""

    used: int = 0
    ahead: int = 0
    no_shows: int = 0
    last_at: datetime | None = None

    @property
    def is_none(self) -> bool:
        """Nothing stood so far."""
        return not (self.used or self.ahead or self.no_shows)

    def with_(self, other: Earlier) -> Earlier:
        """Both together."""
        last = [one for one in (self.last_at, other.last_at) if one]
        return Earlier(
            self.used + other.used,
            self.ahead + other.ahead,
            self.no_shows + other.no_shows,
            max(last) if last else None,
        )


class Past(NamedTuple):
    """A booking that is over, or runs."""

    resource: Words
    request_key: str
    time: Interval
    by_day: bool
    is_no_show: bool


# Looked for only where a booking was released: nobody's coming ends so.
_NO_SHOW = and_(
    Booking.state == State.RELEASED,
    exists().where(Event.booking_id == Booking.id, Event.code == f"booking-{Action.NO_SHOW}"),
)
_IS_USED = and_(Booking.state.in_(sorted(USED)), ~_NO_SHOW)
_AHEAD = (State.APPROVED, State.RUNNING)


def earlier_of(
    person_id: int, site_id: int, others: Iterable[int], resource_ids: Iterable[int]
) -> dict[tuple[int, int], Earlier]:
    """What somebody has booked at a site that stood, and others of these resources, by person and resource.

    Found by person, and by resource: a site has a hundred times as many bookings, and SQLite would choose those.
    """
    rivals = and_(Booking.resource_id.in_(sorted(set(resource_ids))), Booking.person_id.in_(sorted(set(others))))
    rows = db.session.execute(
        select(
            Booking.person_id,
            Booking.resource_id,
            Booking.site_id,
            func.sum(case((_IS_USED, 1), else_=0)),
            func.sum(case((Booking.state.in_(_AHEAD), 1), else_=0)),
            func.sum(case((_NO_SHOW, 1), else_=0)),
            func.max(case((_IS_USED, Booking.starts_at), else_=None)),
        )
        .where(or_(Booking.person_id == person_id, rivals))
        .group_by(Booking.person_id, Booking.resource_id, Booking.site_id)
    )
    return {(row[0], row[1]): Earlier(*row[3:]) for row in rows if row[2] == site_id}


def last_of(person_id: int, site_id: int) -> list[Past]:
    """The last bookings of somebody at a site that came to their time, the latest first."""
    rows = db.session.execute(
        select(Resource.name, Request.key, Booking.starts_at, Booking.ends_at, Booking.by_day, _NO_SHOW.label("none"))
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Request, Request.id == Booking.request_id)
        .where(
            Booking.person_id == person_id,
            Booking.site_id == site_id,
            Booking.state.in_(sorted({*USED, State.RUNNING})),
        )
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(SHOWN)
    )
    return [Past(row[0], row[1], Interval(row[2], row[3]), row[4], bool(row[5])) for row in rows]
