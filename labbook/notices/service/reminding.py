"""Reminders before bookings, as long before as each person has chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from ...bookings.flags import suspended
from ...core.lifecycle import State
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Event, Notice, Person
from ...models.audit import happened

CODE = "booking-reminded"


def remind(*, now: datetime) -> int:
    """Have people hear of their bookings that begin soon; returns of how many bookings."""
    return _remind(now) if _due(now) else 0


def _due(now: datetime) -> list[int]:
    """Approved bookings of which it is time to remind; not the suspended, nor what came or moved after that time."""
    chosen = select(Person.reminder_minutes).where(Person.reminder_minutes.is_not(None), Person.is_active)
    longest = db.session.scalar(chosen.order_by(Person.reminder_minutes.desc()).limit(1))
    if longest is None:
        return []
    told = exists().where(Event.booking_id == Booking.id, Event.code == CODE, Event.at >= Booking.changed_at)
    rows = db.session.execute(
        select(Booking.id, Booking.starts_at, Booking.changed_at, Person.reminder_minutes)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.state == State.APPROVED,
            Booking.starts_at > now,
            Booking.starts_at <= now + timedelta(minutes=longest),
            Person.reminder_minutes.is_not(None),
            Person.is_active,
            ~told,
        )
        .order_by(Booking.id)
    )
    found = [one.id for one in rows if one.changed_at <= one.starts_at - timedelta(minutes=one.reminder_minutes) <= now]
    held_up = suspended(found) if found else frozenset()
    return [number for number in found if number not in held_up]


@transactional
def _remind(now: datetime) -> int:
    take_locks([(Lock.LETTERS, 0)])  # of two workers the second finds it done
    ids = _due(now)
    bookings = db.session.scalars(select(Booking).where(Booking.id.in_(ids)).order_by(Booking.starts_at, Booking.id))
    _tell(bookings.all(), now)
    return len(ids)


def _tell(bookings: Iterable[Booking], now: datetime) -> None:
    """One event each, and one notice of each request and person: the letter names all of them."""
    heard: set[tuple[int, int]] = set()
    for one in bookings:
        event = happened(
            CODE,
            at=now,
            actor_id=None,
            subject="booking",
            subject_id=one.id,
            site_id=one.site_id,
            partner_id=one.partner_id,
            request_id=one.request_id,
            booking_id=one.id,
            state=str(one.state),
        )
        db.session.add(event)
        db.session.flush()
        if (one.request_id, one.person_id) not in heard:
            heard.add((one.request_id, one.person_id))
            db.session.add(
                Notice(event_id=event.id, person_id=one.person_id, channel="mail", created_at=now, due_at=now)
            )
