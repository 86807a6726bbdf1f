"""From notices to letters: what one person is to hear of one request, and of one moment, becomes one letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select

from ...bookings.queries import sees_request
from ...core.hearing import Audience
from ...core.letters import EVENTS, LISTED_AT_ONCE, side_of, thread_of
from ...core.permissions import Actor
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Event, Invited, Letter, Notice, Person, Request
from ...models.letter import letter
from ...people.queries import actor_of
from ..invitations import is_invited

MOST_AT_ONCE = 200  # notices in one transaction, but for those of one moment, which stay together


class Told(NamedTuple):
    """A notice with its event, and whether the booking, or the request, is the reader's own."""

    notice: Notice
    event: Event
    is_theirs: bool

    @property
    def side(self) -> Audience:
        """As whom the reader hears of it."""
        return side_of(self.event.code, is_theirs=self.is_theirs)

    @property
    def about(self) -> tuple[object, ...]:
        """What is told in one letter: one reader, one moment, and one request, or many bookings of one site."""
        event = self.event
        matter = (event.code, event.site_id) if event.code in LISTED_AT_ONCE else ("request", event.request_id)
        return self.notice.person_id, self.notice.created_at, self.notice.channel, *matter


def compose(*, now: datetime) -> int:
    """Write the letters of all notices that are due; returns how many letters it were."""
    made = 0
    while _is_any_due(now):
        written, is_more = _compose(now)
        made += written
        if not is_more:  # what is left is somebody else's at this moment
            break
    return made


def due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition under which a notice is to become a letter now."""
    return (Notice.sent_at.is_(None), Notice.due_at <= now, Notice.channel.in_(("mail", "calendar")))


def _is_any_due(now: datetime) -> bool:
    return db.session.scalar(select(Notice.id).where(*due(now)).limit(1)) is not None


@transactional
def _compose(now: datetime) -> tuple[int, bool]:
    """One batch: how many letters, and whether there was any notice. What somebody is taking back is left to them."""
    take_locks([(Lock.LETTERS, 0)])  # workers take turns, so that no moment is told in two letters
    readers: dict[int, Actor | None] = {}
    made: list[tuple[list[Told], Letter | None]] = []
    for several in _grouped(_batch(now)):
        person_id = several[0].notice.person_id
        if person_id not in readers:
            readers[person_id] = actor_of(person_id, now)
        made.append((several, _letter(readers[person_id], several, now)))
    written = [one for _, one in made if one is not None]
    db.session.add_all(written)
    db.session.flush()
    for several, one in made:
        for told in several:
            told.notice.sent_at = now
            told.notice.letter_id = one.id if one else None
    return len(written), bool(made)


def _batch(now: datetime) -> list[Told]:
    """What is due first, whole moments of it."""
    first = select(Notice.created_at).where(*due(now)).order_by(Notice.created_at).limit(MOST_AT_ONCE).subquery()
    rows = db.session.execute(
        select(Notice, Event, Request.person_id, Request.asked_by_id, Booking.person_id.label("whose"))
        .join(Event, Event.id == Notice.event_id)
        .outerjoin(Request, Request.id == Event.request_id)
        .outerjoin(Booking, Booking.id == Event.booking_id)
        .where(*due(now), Notice.created_at.in_(select(first.c.created_at)))
        .order_by(Notice.created_at, Notice.id)
        .with_for_update(of=Notice, skip_locked=True)
    )
    return [Told(row.Notice, row.Event, row.Notice.person_id in _owners(row)) for row in rows]


def _owners(row: object) -> set[int | None]:
    """Whose an event's booking is; of an event of the whole request also who asked for it."""
    whose = getattr(row, "whose", None)
    return {whose} if whose else {getattr(row, "person_id", None), getattr(row, "asked_by_id", None)}


def _grouped(batch: Iterable[Told]) -> list[list[Told]]:
    """What becomes one letter each. Of events that are not in the table nobody hears."""
    groups: dict[tuple[object, ...], list[Told]] = {}
    for told in batch:
        key = told.about if told.event.code in EVENTS else ("nothing", told.notice.id)
        groups.setdefault(key, []).append(told)
    return list(groups.values())


def _letter(reader: Actor | None, several: list[Told], now: datetime) -> Letter | None:
    """The letter in its reader's language; none for a closed account, or one that may not see it any more."""
    event, channel = several[0].event, several[0].notice.channel
    if reader is None or event.code not in EVENTS or event.request_id is None:
        return None
    if not sees_request(reader, event.request_id):
        return None
    thread = None if event.code in LISTED_AT_ONCE else thread_of(event.request_id, reader.person_id)
    about = {"person_id": reader.person_id, "thread": thread, "site_id": event.site_id}
    if channel == "calendar":
        is_wanted = _is_invited(reader.person_id, event.request_id)
        return letter("calendar", reader.email, reader.language, now=now, **about) if is_wanted else None
    kind = "booking" if any(told.side is Audience.PERSON for told in several) else "desk"
    events = [told.event.id for told in several]
    topics = sorted({EVENTS[told.event.code][told.side] for told in several})
    return letter(kind, reader.email, reader.language, now=now, **about, events=events, topics=topics)


def _is_invited(person_id: int, request_id: int) -> bool:
    """Whether the person's calendar is to be told, or was told of this request before."""
    told = exists().where(Invited.person_id == person_id, Invited.request_id == request_id)
    return is_invited(db.session.get_one(Person, person_id)) or db.session.scalar(select(told)) is True
