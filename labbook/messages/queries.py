"""Reads about threads, through the scope of the two whose they are; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, or_, select, tuple_

from ..core.language import Words
from ..core.permissions import Actor, NotFoundError
from ..db import db
from ..models import Booking, Message, Offer, Partner, Person, Request, Resource, Thread, Unit, Wait


class Talk(NamedTuple):
    """A thread as one of its two sides has it."""

    thread: Thread
    site_id: int
    is_asker: bool

    @property
    def is_named(self) -> bool:
        """Whether this side has told its name."""
        return self.thread.asker_is_named if self.is_asker else self.thread.holder_is_named

    @property
    def other_is_named(self) -> bool:
        """Whether the other side has told its name."""
        return self.thread.holder_is_named if self.is_asker else self.thread.asker_is_named


class Summary(NamedTuple):
    """When a thread was last written to, and how much of it one has not read."""

    last_at: datetime
    unread: int


_HOLDER = func.coalesce(Request.partner_id, Wait.partner_id)  # the partner of whoever holds the time
_WORKS_FOR: BindParameter[Any] = bindparam("works_for", expanding=True)
# The viewer is one of the two, and still works for the partner as whose person they were asked or asked.
_IS_THEIRS = or_(
    and_(Thread.asker_id == bindparam("viewer_id"), tuple_(Thread.asker_partner_id, Resource.site_id).in_(_WORKS_FOR)),
    and_(Thread.holder_id == bindparam("viewer_id"), tuple_(_HOLDER, Resource.site_id).in_(_WORKS_FOR)),
)
_IS_TO_THEM = or_(
    and_(Thread.asker_id == bindparam("viewer_id"), Message.is_from_asker.is_(False)),
    and_(Thread.holder_id == bindparam("viewer_id"), Message.is_from_asker.is_(True)),
)


def _by(viewer: Actor) -> dict[str, Any]:
    """The viewer as the statements below know them."""
    works_for = sorted((partner, site) for partner, site in viewer.agreements if partner in viewer.partner_ids)
    return {"viewer_id": viewer.person_id, "works_for": works_for}


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.join(Unit, Unit.id == Thread.unit_id)
        .join(Resource, Resource.id == Unit.resource_id)
        .outerjoin(Booking, Booking.id == Thread.booking_id)
        .outerjoin(Request, Request.id == Booking.request_id)
        .outerjoin(Offer, Offer.id == Thread.offer_id)
        .outerjoin(Wait, Wait.id == Offer.wait_id)
        .where(_IS_THEIRS)
    )


# Made once: every page counts what its reader has not read.
_TALKS = _joined(select(Thread, Resource.site_id).select_from(Thread))
_UNREAD = _joined(
    select(func.count(Message.id)).select_from(Message).join(Thread, Thread.id == Message.thread_id)
).where(Message.read_at.is_(None), _IS_TO_THEM)


def talk_by_key(viewer: Actor, key: str) -> Talk:
    """A thread of the viewer's. Raises NotFoundError."""
    found = _TALKS.where(Thread.key == key).execution_options(populate_existing=True)
    row = db.session.execute(found, _by(viewer)).one_or_none()
    if row is None:
        raise NotFoundError
    return Talk(row.Thread, row.site_id, row.Thread.asker_id == viewer.person_id)


def talks_of(viewer: Actor) -> list[Talk]:
    """The viewer's threads, the latest first."""
    found = _TALKS.order_by(Thread.closed_at.is_not(None), Thread.id.desc())
    rows = db.session.execute(found, _by(viewer))
    return [Talk(row.Thread, row.site_id, row.Thread.asker_id == viewer.person_id) for row in rows]


def unread_count(viewer: Actor) -> int:
    """How many messages the viewer has not read; no statement for those who can have none."""
    if not viewer.agreements:
        return 0
    return db.session.scalar(_UNREAD, _by(viewer)) or 0


def summaries(viewer: Actor, thread_ids: Iterable[int]) -> dict[int, Summary]:
    """For each of these threads when it was last written to, and what the viewer has not read."""
    unread = func.sum(case((and_(Message.read_at.is_(None), _IS_TO_THEM), 1), else_=0))
    found = (
        select(Message.thread_id, func.max(Message.at).label("last_at"), unread.label("unread"))
        .join(Thread, Thread.id == Message.thread_id)
        .where(Message.thread_id.in_(list(thread_ids)))
        .group_by(Message.thread_id)
    )
    rows = db.session.execute(found, {"viewer_id": viewer.person_id})
    return {row.thread_id: Summary(row.last_at, row.unread) for row in rows}


def messages_of(thread_id: int) -> list[Message]:
    """What was written, in order."""
    return list(db.session.scalars(select(Message).where(Message.thread_id == thread_id).order_by(Message.id)))


def written_since(thread_id: int, *, is_from_asker: bool, since: datetime) -> int:
    """How much one side has written since an instant."""
    found = select(func.count(Message.id)).where(
        Message.thread_id == thread_id, Message.is_from_asker.is_(is_from_asker), Message.at > since
    )
    return db.session.scalar(found) or 0


def begun_since(asker_id: int, since: datetime) -> int:
    """How many threads somebody has begun since an instant."""
    found = select(func.count(Thread.id)).where(Thread.asker_id == asker_id, Thread.made_at > since)
    return db.session.scalar(found) or 0


def open_threads(asker_id: int, unit_id: int) -> list[Thread]:
    """The open threads that somebody began about a unit."""
    found = select(Thread).where(Thread.asker_id == asker_id, Thread.unit_id == unit_id, Thread.closed_at.is_(None))
    return list(db.session.scalars(found.order_by(Thread.id)))


def name_of(person_id: int, partner_id: int) -> tuple[str, str, Words]:
    """Family name, given name and organisation of somebody who has told them."""
    row = db.session.execute(
        select(Person.family_name, Person.given_name, Partner.name)
        .select_from(Person)
        .join(Partner, Partner.id == partner_id)
        .where(Person.id == person_id)
    ).one()
    return row.family_name, row.given_name, row.name


def held_by(thread: Thread) -> tuple[str, str, int]:
    """Of what a thread is about: its request's key, title and partner. For the holder's side alone.

    What is kept for somebody who waits has no request yet: the key is empty.
    """
    booked = select(Request.key, Request.title, Request.partner_id).join(Booking, Booking.request_id == Request.id)
    row = db.session.execute(booked.where(Booking.id == thread.booking_id)).one_or_none()
    if row is not None:
        return row.key, row.title, row.partner_id
    kept = select(Wait.title, Wait.partner_id).join(Offer, Offer.wait_id == Wait.id)
    offered = db.session.execute(kept.where(Offer.id == thread.offer_id)).one()
    return "", offered.title, offered.partner_id


def addressee(person_id: int) -> tuple[str, str]:
    """Where a letter to somebody goes, and in which language; closed accounts too."""
    row = db.session.execute(select(Person.email, Person.language).where(Person.id == person_id)).one()
    return row.email, row.language
