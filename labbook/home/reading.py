"""Reads for the home page: what is one's own, and what happened to it; each in a fixed number of statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from ..bookings.queries import each, rows_where, sees_booking
from ..catalogue.queries import is_shown
from ..core.disclosure import BookingRow
from ..core.hearing import Audience
from ..core.letters import EVENTS
from ..core.lifecycle import OPEN, OVER
from ..core.permissions import Actor
from ..db import db
from ..models import (
    Area,
    Booking,
    Event,
    Favourite,
    Feed,
    Flag,
    PendingChange,
    Request,
    Resource,
    SignIn,
    Site,
    TrainingWish,
)

TOLD = frozenset(code for code, sides in EVENTS.items() if Audience.PERSON in sides) - {"booking-reminded"}
"""What happened to one's bookings that letters tell of: the home page tells of the same, but reminds by itself."""

LONG = timedelta(hours=36)
"""What is under way and lasts for longer than this is not what is next."""


def favourites_of(viewer: Actor) -> list[tuple[Resource, Site]]:
    """The favourites that their person may still see, those at the home site first, by area and position."""
    rows = db.session.execute(
        select(Resource, Site)
        .join(Favourite, Favourite.resource_id == Resource.id)
        .join(Area, Area.id == Resource.area_id)
        .join(Site, Site.id == Resource.site_id)
        .where(Favourite.person_id == viewer.person_id, Resource.is_active, is_shown(viewer))
        .order_by(Site.id != viewer.home_site_id, Site.id, Area.position, Area.id, Resource.position, Resource.id)
    )
    return [(row.Resource, row.Site) for row in rows]


def next_rows(viewer: Actor, now: datetime, most: int) -> list[BookingRow]:
    """One's own bookings that are not over, the first to begin first; one statement. Each may hold two units."""
    mine = (Booking.person_id == viewer.person_id, Booking.ends_at > now, Booking.state.not_in(sorted(OVER)))
    is_near = or_(Booking.starts_at > now, Booking.ends_at <= now + LONG)
    return each(db.session.execute(rows_where(*mine, is_near, sees_booking(viewer)).limit(2 * most)))[:most]


def ahead_count(viewer: Actor, now: datetime) -> int:
    """How many there are."""
    mine = (Booking.person_id == viewer.person_id, Booking.ends_at > now, Booking.state.not_in(sorted(OVER)))
    return db.session.scalar(select(func.count(Booking.id)).where(*mine, sees_booking(viewer))) or 0


def has_ever_asked(person_id: int) -> bool:
    """Whether somebody has ever asked for a booking, or had one."""
    mine = or_(Request.person_id == person_id, Request.asked_by_id == person_id)
    return db.session.scalar(select(Request.id).where(mine).limit(1)) is not None


def has_feed(person_id: int) -> bool:
    """Whether somebody follows anything in a calendar of their own."""
    live = (Feed.person_id == person_id, Feed.revoked_at.is_(None))
    return db.session.scalar(select(Feed.id).where(*live).limit(1)) is not None


class Asked(NamedTuple):
    """A request that its person has to answer something about."""

    key: str
    title: str
    site_id: int
    since: datetime
    until: datetime | None = None


def _is_mine(person_id: int) -> ColumnElement[bool]:
    return or_(Booking.person_id == person_id, Request.person_id == person_id, Request.asked_by_id == person_id)


def questions_to(viewer: Actor) -> list[Asked]:
    """The own requests that wait since staff asked something, the longest first."""
    found = (
        select(Request.key, Request.title, Request.site_id, Request.asked_at.label("since"))
        .join(Booking, Booking.request_id == Request.id)
        .where(
            Request.asked_at.is_not(None),
            Booking.state.in_(sorted(OPEN)),
            _is_mine(viewer.person_id),
            sees_booking(viewer),
        )
        .distinct()
        .order_by(Request.asked_at, Request.key)
    )
    rows: Any = db.session.execute(found)
    return [Asked(*row) for row in rows]


def proposals_to(viewer: Actor, now: datetime) -> list[Asked]:
    """The own requests for which staff propose something else, the first to lapse first."""
    found = (
        select(Request.key, Request.title, Request.site_id, func.min(PendingChange.asked_at), _UNTIL)
        .join(Booking, Booking.request_id == Request.id)
        .join(PendingChange, PendingChange.booking_id == Booking.id)
        .where(
            PendingChange.until > now,
            Booking.state.in_(sorted(OPEN)),
            _is_mine(viewer.person_id),
            sees_booking(viewer),
        )
        .group_by(Request.id)
        .order_by(_UNTIL, Request.id)
    )
    rows: Any = db.session.execute(found)
    return [Asked(*row) for row in rows]


_UNTIL = func.min(PendingChange.until)


class Suspended(NamedTuple):
    """Own bookings of a request that do not begin unless something is done."""

    key: str  # of the request
    title: str
    site_id: int
    code: str


def suspended_of(viewer: Actor, codes: frozenset[str], now: datetime) -> list[Suspended]:
    """The own bookings ahead with an open flag of one of these codes, the first to begin first."""
    found = (
        select(Request.key, Request.title, Request.site_id, Flag.code)
        .join(Booking, Booking.request_id == Request.id)
        .join(Flag, Flag.booking_id == Booking.id)
        .where(
            Flag.settled_at.is_(None),
            Flag.code.in_(sorted(codes)),
            Booking.person_id == viewer.person_id,
            Booking.starts_at > now,
            Booking.state.not_in(sorted(OVER)),
            sees_booking(viewer),
        )
        .group_by(Request.id, Flag.code)
        .order_by(func.min(Booking.starts_at), Request.id)
    )
    return [Suspended(*row) for row in db.session.execute(found)]


class Happened(NamedTuple):
    """Something that somebody else, or the clock, did with an own booking."""

    at: datetime
    code: str
    state: str | None
    request_key: str
    title: str
    unit_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    by_day: bool


def happened_since(viewer: Actor, since: datetime, most: int) -> list[Happened]:
    """What others did with one's own bookings, the latest first."""
    about = or_(Event.booking_id == Booking.id, and_(Event.booking_id.is_(None), Event.request_id == Request.id))
    rows: Any = db.session.execute(
        select(
            *(Event.at, Event.code, Event.state, Request.key, Request.title, Booking.unit_id, Booking.site_id),
            *(Booking.starts_at, Booking.ends_at, Booking.by_day),
        )
        .select_from(Event)
        .join(Request, Request.id == Event.request_id)
        .join(Booking, and_(Booking.request_id == Request.id, about))
        .where(
            Event.at > since,
            Event.code.in_(sorted(TOLD)),
            or_(Event.actor_id.is_(None), Event.actor_id != viewer.person_id),
            Booking.person_id == viewer.person_id,
            sees_booking(viewer),
        )
        .order_by(Event.id.desc(), Booking.starts_at)
        .limit(most)
    )
    return [Happened(*row) for row in rows]


def last_seen(person_id: int, but_sign_in: int) -> datetime | None:
    """When somebody was last there in another session than this one."""
    others = (SignIn.person_id == person_id, SignIn.id != but_sign_in)
    return db.session.scalar(select(func.max(SignIn.seen_at)).where(*others))


def wishes_count(site_ids: frozenset[int]) -> int:
    """How many people wait for a training at these sites."""
    open_ = (TrainingWish.site_id.in_(sorted(site_ids)), TrainingWish.settled_at.is_(None))
    return db.session.scalar(select(func.count(TrainingWish.id)).where(*open_)) or 0
