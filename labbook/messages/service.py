"""Asking whoever holds a time, answering, telling one's name, closing; each one transaction.

What the asker learns depends on what they see anyhow: the busy block as it is shown to them, and their own threads.
Which booking keeps the moment, and whose it is, is written down and goes to the holder's side alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from ..bookings.scheduled import rows_of_resource
from ..catalogue.queries import is_shown_to_partner, unit_by_key
from ..core.disclosure import BookingRow, Busy, busy_blocks, kept_apart, shown_to
from ..core.interval import Interval, local_days
from ..core.permissions import Actor, Do, Matter, NotFoundError, require
from ..db import Lock, db, take_locks, transactional
from ..models import Booking, Letter, Message, Offer, Resource, Site, Thread, Unit
from ..models.audit import Event, happened
from ..models.letter import letter
from ..people.queries import actor_of
from . import queries
from .queries import Talk

DAY = timedelta(days=1)
MOST_BEGUN = 5  # new threads of one person in a day
MOST_WRITTEN = 20  # messages of one side of a thread in a day
AGAIN = timedelta(minutes=1)  # the same words within it are a second click
AROUND_TIMED, AROUND_DAYS = 1, 30  # days on both sides of the moment within which a block is looked at


class NobodyToAskError(Exception):
    """No stranger holds the unit at that moment; whether nobody does or one's own partner is not told apart."""


class TooManyError(Exception):
    """More than one may write in a day."""


class ClosedError(Exception):
    """The thread is closed."""


class AlreadyAskedError(Exception):
    """There is an open thread about this busy block; carries its key."""

    def __init__(self, key: str) -> None:
        super().__init__("already asked")
        self.key = key


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks whoever holds a unit at an instant."""

    unit: str
    at: datetime
    partner_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A busy block as it is shown to somebody, some days of it at most, and what keeps the moment asked about."""

    block: Interval
    row: BookingRow


def held_at(viewer: Actor, unit: Unit, resource: Resource, site: Site, at: datetime, *, now: datetime) -> Held:
    """What keeps a unit at an instant, if it is not over yet. Raises NobodyToAskError."""
    on = at.astimezone(site.zoneinfo).date()
    around = timedelta(days=AROUND_DAYS if resource.by_day else AROUND_TIMED)
    window = local_days(on - around, on + around, site.zoneinfo)
    rows = [row for row in rows_of_resource(resource.id, window) if row.unit_id == unit.id]
    shown = [(row, one) for row in rows if isinstance(one := shown_to(viewer, row), Busy)]
    apart = kept_apart({unit.id: resource.shares_buffers}, merges=site.merges_busy)
    blocks = busy_blocks((one for _, one in shown), apart=apart).get(unit.id, [])
    block = next((part for one in blocks if (part := one.clipped(window)) and _covers(part, at)), None)
    row = next((row for row, one in shown if _covers(one.time, at)), None)
    # The block as it is shown decides whether it is over: what ended within it must not show.
    if block is None or row is None or block.end <= now:
        raise NobodyToAskError
    return Held(block, row)


def _covers(time: Interval, at: datetime) -> bool:
    return time.start <= at < time.end


@transactional
def ask(actor: Actor, question: Question, *, now: datetime) -> str:
    """Begin a thread with whoever holds the unit then. Returns its key; the same words again are the same thread.

    Raises NotFoundError, ForbiddenError, NobodyToAskError, AlreadyAskedError, TooManyError.
    """
    unit, resource, site = unit_by_key(actor, question.unit)
    require(actor, Do.ASK_HOLDER, Matter(site.id, question.partner_id))
    if not is_shown_to_partner(resource, question.partner_id):
        raise NotFoundError
    take_locks([(Lock.PERSON, actor.person_id)])
    held = held_at(actor, unit, resource, site, question.at, now=now)
    for one in queries.open_threads(actor.person_id, unit.id):
        if _covers(held.block, one.at):
            if one.at == question.at and _is_second_click(one.id, True, question.text, now):
                return one.key
            raise AlreadyAskedError(one.key)
    if queries.begun_since(actor.person_id, now - DAY) >= MOST_BEGUN:
        raise TooManyError
    thread = Thread(
        unit_id=unit.id,
        at=question.at.astimezone(UTC),
        **_about(held.row),
        asker_id=actor.person_id,
        asker_partner_id=question.partner_id,
        holder_id=held.row.person_id,
        made_at=now,
    )
    db.session.add(thread)
    db.session.flush()
    talk = Talk(thread, site.id, True)
    db.session.add(_happened("thread-begun", talk, actor, now))
    _write(talk, question.text, held.row.partner_id, now)
    return thread.key


def _about(row: BookingRow) -> dict[str, int]:
    """The booking that keeps the moment, or the offer by which it is kept for somebody."""
    if row.request_key:
        return {"booking_id": db.session.scalars(select(Booking.id).where(Booking.key == row.key)).one()}
    return {"offer_id": db.session.scalars(select(Offer.id).where(Offer.key == row.key)).one()}


@transactional
def answer(actor: Actor, key: str, text: str, *, now: datetime) -> None:
    """Write to the other side. Raises NotFoundError, ForbiddenError, ClosedError, TooManyError."""
    talk = _open(actor, key, now)
    thread, is_asker = talk.thread, talk.is_asker
    if _is_second_click(thread.id, is_asker, text, now):
        return
    if queries.written_since(thread.id, is_from_asker=is_asker, since=now - DAY) >= MOST_WRITTEN:
        raise TooManyError
    db.session.add(_happened("thread-answered", talk, actor, now))
    to_partner = queries.held_by(thread)[2] if is_asker else thread.asker_partner_id
    _write(talk, text, to_partner, now)


@transactional
def tell_name(actor: Actor, key: str, *, now: datetime) -> None:
    """Tell the other side one's own name and organisation, for good. Raises NotFoundError, ClosedError."""
    talk = _open(actor, key, now)
    if talk.is_named:
        return
    if talk.is_asker:
        talk.thread.asker_is_named = True
    else:
        talk.thread.holder_is_named = True
    db.session.add(_happened("thread-named", talk, actor, now))


@transactional
def close(actor: Actor, key: str, *, now: datetime) -> None:
    """End a thread for both; twice is as good as once. Raises NotFoundError."""
    talk = _own(actor, key, now)
    if talk.thread.closed_at is None:
        talk.thread.closed_at = now
        db.session.add(_happened("thread-closed", talk, actor, now))


@transactional
def mark_read(actor: Actor, key: str, *, now: datetime) -> None:
    """Note that one side has read what the other wrote; nobody but that side ever hears of it. Raises NotFoundError."""
    _own(actor, key, now)


def _own(actor: Actor, key: str, now: datetime) -> Talk:
    """The thread, with the person locked: what one side does comes one after the other.

    Whoever does something in a thread has read it; looking at its page alone notes nothing, since a browser may fetch
    pages that nobody reads.
    """
    take_locks([(Lock.PERSON, actor.person_id)])
    talk = queries.talk_by_key(actor, key)
    whose = frozenset({talk.thread.asker_id, talk.thread.holder_id})
    require(actor, Do.READ_THREAD, Matter(talk.site_id, None, whose))
    unread = update(Message).where(
        Message.thread_id == talk.thread.id, Message.is_from_asker.is_(not talk.is_asker), Message.read_at.is_(None)
    )
    db.session.execute(unread.values(read_at=now))
    return talk


def _open(actor: Actor, key: str, now: datetime) -> Talk:
    talk = _own(actor, key, now)
    if talk.thread.closed_at is not None:
        raise ClosedError
    return talk


def _is_second_click(thread_id: int, is_asker: bool, text: str, now: datetime) -> bool:
    """Whether the last message is this very one, written by this side a moment ago."""
    last = queries.messages_of(thread_id)[-1]
    return last.is_from_asker is is_asker and last.body == text and now - last.at <= AGAIN


def _write(talk: Talk, text: str, to_partner: int, now: datetime) -> None:
    """The message, and a letter that says that there is one."""
    message = Message(thread_id=talk.thread.id, is_from_asker=talk.is_asker, body=text, at=now)
    db.session.add(message)
    db.session.flush()
    receiver = talk.thread.holder_id if talk.is_asker else talk.thread.asker_id
    db.session.add(_letter(receiver, (to_partner, talk.site_id), talk.thread.key, message.id, now))


def _letter(receiver: int, rests_on: tuple[int, int], thread_key: str, message_id: int, now: datetime) -> Letter:
    """The letter; for one who may not read the thread it is written all the same, and never sent.

    So the work is the same whoever holds the time, and whatever has become of them.
    """
    address, language = queries.addressee(receiver)
    reader = actor_of(receiver, now)
    made = letter(
        "message",
        address,
        language,
        now=now,
        person_id=receiver,
        site_id=rests_on[1],
        once=f"message-{message_id}",
        path=f"/messages/{thread_key}",
    )
    if reader is None or rests_on not in reader.agreements:
        made.given_up_at = now
    return made


def _happened(code: str, talk: Talk, actor: Actor, now: datetime) -> Event:
    """What one side did, without words, and without anything of the other side."""
    partner = talk.thread.asker_partner_id if talk.is_asker else queries.held_by(talk.thread)[2]
    return happened(
        code,
        at=now,
        actor_id=actor.person_id,
        subject="thread",
        subject_id=talk.thread.id,
        site_id=talk.site_id,
        partner_id=partner,
    )
