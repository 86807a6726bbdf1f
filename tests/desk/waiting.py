"""A desk at which much waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from labbook.core.lifecycle import Action, State
from labbook.db import db, transactional
from labbook.models import Booking, Claim, Hold, Request, Resource, Unit
from tests.cast import NOW, Cast

HOUR = timedelta(hours=1)
AHEAD = timedelta(days=2, hours=1)  # then it is 10:00 in Tsukuba


@transactional
def pile(lab: Cast, count: int, *, title: str = "Plate", now: datetime = NOW) -> list[str]:
    """So many requests of Ben's for times one after the other; returns their keys, the first one first."""
    resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-asked")).one()
    unit_id = db.session.scalars(select(Unit.id).where(Unit.resource_id == resource.id).order_by(Unit.id)).first()
    first = db.session.scalar(select(func.count(Request.id))) or 0
    made = [
        _one(lab, resource, unit_id or 0, now + AHEAD + (first + number) * HOUR, f"{title} {number}", now)
        for number in range(count)
    ]
    db.session.flush()
    db.session.add_all(one.bookings[0].event(Action.ASK, actor_id=one.asked_by_id, now=one.created_at) for one in made)
    return [one.key for one in made]


def _one(lab: Cast, resource: Resource, unit_id: int, start: datetime, title: str, now: datetime) -> Request:
    end, whose = start + timedelta(minutes=30), lab.people["ben"]
    found = Request(
        site_id=resource.site_id,
        partner_id=lab.partners["birch"],
        person_id=whose,
        asked_by_id=whose,
        title=title,
        created_at=now - (start - now - AHEAD) / 60,
    )
    claim = Claim()
    booking = Booking(
        request=found,
        claim=claim,
        site_id=resource.site_id,
        resource_id=resource.id,
        unit_id=unit_id,
        person_id=whose,
        partner_id=lab.partners["birch"],
        state=State.WAITING,
        starts_at=start,
        ends_at=end,
        wall_start="2026-11-25T10:00",
        wall_end="2026-11-25T10:30",
        created_at=found.created_at,
        changed_at=found.created_at,
    )
    db.session.add_all([booking, Hold(unit_id=unit_id, claim=claim, starts_at=start, ends_at=end)])
    return found


def states() -> dict[str, str]:
    """How each request's first booking stands, by the request's title."""
    db.session.remove()
    rows = db.session.execute(select(Request.title, Booking.state).join(Booking).order_by(Booking.starts_at.desc()))
    return {title: str(state) for title, state in rows}


@transactional
def change(title: str, **about: object) -> None:
    """Set something on a request."""
    for name, value in about.items():
        setattr(db.session.scalars(select(Request).where(Request.title == title)).one(), name, value)
