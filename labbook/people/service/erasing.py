"""Erasing a person: everything personal goes, a nameless row stays, so that bookings and the trail hold together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Text, and_, cast, delete, exists, func, or_, select, update

from ...core.language import person_name
from ...core.lifecycle import OVER
from ...core.permissions import Actor, Do, Matter, require
from ...core.tokens import token_hash
from ...db import Lock, db, take_locks, transactional
from ...models import (
    AreaApprover,
    Attachment,
    AttachmentContent,
    Booking,
    BookingText,
    Event,
    EventDetail,
    Favourite,
    Feed,
    IdempotencyKey,
    Identity,
    Invitation,
    Invited,
    JoinRequest,
    Letter,
    LetterChoice,
    Message,
    OneTimeLink,
    Partner,
    Person,
    Project,
    RecoveryCode,
    Remark,
    Request,
    Resource,
    ResourceApprover,
    RoleGrant,
    SeriesText,
    SignIn,
    StandIn,
    Thread,
    TrainingWish,
    Try,
    Wait,
)
from ...models.audit import happened
from ...models.booking import named_anew
from .. import members

BLANK = "—"  # in the place of words that were erased, in every language


class StillBookedError(Exception):
    """The person has bookings ahead, which are to be cancelled or withdrawn first; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} bookings ahead")
        self.count = count


def to_be_erased(actor: Actor, key: str, *, now: datetime) -> Person:
    """Somebody whose data the actor may erase. Raises NotFoundError, ForbiddenError."""
    seen = members.person_by_key(actor, key, now)
    require(actor, Do.ERASE_PERSON, Matter(person_ids=frozenset({seen.id})))
    return db.session.get_one(Person, seen.id)


@transactional
def erase(actor: Actor, key: str, *, now: datetime) -> None:
    """Erase a person's data; twice is as good as once. Raises NotFoundError, ForbiddenError, StillBookedError."""
    _erase(to_be_erased(actor, key, now=now).id, actor.person_id, now)


@transactional
def erase_by_command(person: Person, *, now: datetime) -> None:
    """The same by the administrator of the server. Raises StillBookedError."""
    _erase(person.id, None, now)


def _erase(person_id: int, actor_id: int | None, now: datetime) -> None:
    take_locks([(Lock.PERSON, person_id)])
    person = db.session.get_one(Person, person_id, populate_existing=True)
    if person.erased_at is not None:
        return
    if ahead := _bookings_ahead(person, now):
        raise StillBookedError(ahead)
    email, names = person.email, {person_name(person.family_name, person.given_name, one) for one in ("en", "ja")}
    _end_access(person, now)
    _erase_words(person, now)
    _erase_addressed(email, person, now)
    _erase_details(person, [email, *names], now)
    _erase_from_letters(person, [email, *names])
    _erase_row(person, now)
    db.session.add(happened("person-erased", at=now, actor_id=actor_id, subject="person", subject_id=person.id))
    db.session.flush()
    _raise_revisions(person, now)


def _bookings_ahead(person: Person, now: datetime) -> int:
    mine = (Booking.person_id == person.id, Booking.state.not_in(OVER), Booking.ends_at > now)
    return db.session.scalar(select(func.count()).select_from(Booking).where(*mine)) or 0


def _do(*statements: Any) -> None:
    for statement in statements:
        db.session.execute(statement.execution_options(synchronize_session=False))


def _end_access(person: Person, now: datetime) -> None:
    """Nothing that this person held opens anything any more."""
    number = person.id
    away = or_(StandIn.absent_id == number, StandIn.person_id == number)
    live = and_(SignIn.person_id == number, SignIn.ended_at.is_(None))
    _do(
        update(RoleGrant).where(RoleGrant.person_id == number, RoleGrant.ended_at.is_(None)).values(ended_at=now),
        update(SignIn).where(live).values(ended_at=now),
        update(SignIn).where(SignIn.person_id == number).values(address="", browser=""),
        update(Feed).where(Feed.person_id == number, Feed.revoked_at.is_(None)).values(revoked_at=now),
        update(Feed).where(Feed.person_id == number).values(name=BLANK),
        update(StandIn).where(away, StandIn.ended_at.is_(None)).values(ended_at=now),
        delete(ResourceApprover).where(ResourceApprover.person_id == number),
        delete(AreaApprover).where(AreaApprover.person_id == number),
        delete(Identity).where(Identity.person_id == number),
        delete(RecoveryCode).where(RecoveryCode.person_id == number),
        delete(OneTimeLink).where(OneTimeLink.person_id == number),
        delete(IdempotencyKey).where(IdempotencyKey.person_id == number),
    )


def _erase_words(person: Person, now: datetime) -> None:
    """What this person wrote: titles and purposes, messages, notes; and all that was said about their requests."""
    number = person.id
    asked = select(Thread.id).where(Thread.asker_id == number)
    held = select(Thread.id).where(Thread.holder_id == number)
    own = or_(
        and_(Message.thread_id.in_(asked), Message.is_from_asker),
        and_(Message.thread_id.in_(held), ~Message.is_from_asker),
    )
    mine = or_(Request.person_id == number, Request.asked_by_id == number)
    about = or_(Remark.person_id == number, Remark.request_id.in_(select(Request.id).where(mine)))
    files = select(Attachment.id).join(Remark, Remark.id == Attachment.remark_id).where(about)
    nameless = {"name": BLANK, "size": 0, "sha256": ""}
    booked = (
        select(Booking.id).join(Request, Request.id == Booking.request_id).where(or_(Booking.person_id == number, mine))
    )
    repeated = select(Booking.series_id).where(Booking.id.in_(booked), Booking.series_id.is_not(None))
    _do(
        delete(BookingText).where(BookingText.booking_id.in_(booked)),
        delete(SeriesText).where(SeriesText.series_id.in_(repeated)),
        delete(AttachmentContent).where(AttachmentContent.attachment_id.in_(files)),
        update(Attachment).where(Attachment.id.in_(files)).values(nameless),
        update(Remark).where(about).values(body=BLANK),
        update(Request).where(mine).values(title=BLANK, purpose="", version=Request.version + 1),
        update(Wait).where(Wait.person_id == number).values(title=BLANK, purpose="", version=Wait.version + 1),
        update(Message).where(own).values(body=BLANK),
        update(TrainingWish).where(TrainingWish.person_id == number).values(note=""),
    )


def _erase_addressed(email: str, person: Person, now: datetime) -> None:
    """What was sent to this address, or came from it before there was an account."""
    gone = gone_address(person)
    mine = or_(Letter.person_id == person.id, Letter.address == email)
    open_ = and_(Invitation.email == email, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    nameless = {"family_name": "", "given_name": "", "organisation": "", "message": "", "email": gone}
    _do(
        delete(Letter).where(mine, Letter.sent_at.is_(None)),
        update(Letter).where(mine).values({"address": gone, "values": {}, "fault": "", "calendar": None}),
        delete(LetterChoice).where(LetterChoice.person_id == person.id),
        delete(Favourite).where(Favourite.person_id == person.id),
        delete(Invited).where(Invited.person_id == person.id),
        update(Invitation).where(open_).values(revoked_at=now),
        update(Invitation).where(Invitation.email == email).values(email=gone),
        update(JoinRequest).where(JoinRequest.email == email).values(nameless),
        delete(Try).where(Try.account_hash == token_hash(email)),
    )


def _holds_any(column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """JSON in which one of the words stands, as it is spelled there."""
    text = cast(column, Text)
    spelled = {form for word in words if word for form in (json.dumps(word)[1:-1], word)}
    return or_(*(text.contains(word, autoescape=True) for word in sorted(spelled)))


def _erase_details(person: Person, words: list[str], now: datetime) -> None:
    """The details of what this person did, of what is about them or their requests, and wherever their name stands.

    The events stay, and so do their digests: the seals hold.
    """
    mine = select(Request.id).where(or_(Request.person_id == person.id, Request.asked_by_id == person.id))
    about = select(Event.id).where(
        or_(
            Event.actor_id == person.id,
            and_(Event.subject == "person", Event.subject_id == person.id),
            Event.request_id.in_(mine),
        )
    )
    theirs = or_(EventDetail.event_id.in_(about), _holds_any(EventDetail.body, words))
    erased = {"salt": None, "body": None, "erased_at": now}
    _do(update(EventDetail).where(EventDetail.erased_at.is_(None), theirs).values(erased))


def _erase_from_letters(person: Person, words: list[str]) -> None:
    """Letters to others in which this person is named; calendar parts of theirs, which hold what they wrote."""
    theirs = or_(Request.person_id == person.id, Request.asked_by_id == person.id)
    thread = "request-" + cast(Request.id, String) + "-%"
    about = exists().where(theirs, Letter.thread.like(thread))
    named = or_(*(Letter.calendar.contains(word, autoescape=True) for word in filter(None, words)))
    _do(update(Letter).where(Letter.calendar.is_not(None), or_(about, named)).values(calendar=None, method=""))
    for one in db.session.scalars(select(Letter).where(_holds_any(Letter.values, words))):
        one.values = without(one.values, words)


def without(value: Any, words: Iterable[str]) -> Any:
    """A value for JSON with each of the words blanked wherever it stands."""
    if isinstance(value, str):
        for word in filter(None, words):
            value = value.replace(word, BLANK)
        return value
    if isinstance(value, dict):
        return {name: without(one, words) for name, one in value.items()}
    return [without(one, words) for one in value] if isinstance(value, list) else value


def gone_address(person: Person) -> str:
    """An address that nobody can have or write to (RFC 2606 section 2)."""
    return f"erased-{person.key}@invalid.example"


def _erase_row(person: Person, now: datetime) -> None:
    person.email = gone_address(person)
    person.family_name = person.given_name = person.reading = ""
    person.password_hash = person.totp_secret = ""
    person.home_site_id = person.mail_refused_at = None
    person.is_active = False
    person.erased_at = now
    person.version += 1


def _raise_revisions(person: Person, now: datetime) -> None:
    """Feeds in which their name or words stood are to be read anew."""
    theirs = Booking.person_id == person.id
    asked = Booking.request_id.in_(
        select(Request.id).where(or_(Request.person_id == person.id, Request.asked_by_id == person.id))
    )
    _do(named_anew(or_(theirs, asked), now))
    projects = select(Request.project_id).where(Request.person_id == person.id, Request.project_id.is_not(None))
    for table, numbers in (
        (Resource, select(Booking.resource_id).where(theirs)),
        (Person, select(Person.id).where(Person.id == person.id)),
        (Partner, select(Request.partner_id).where(Request.person_id == person.id)),
        (Project, projects),
    ):
        _do(update(table).where(table.id.in_(numbers)).values(full_revision=table.full_revision + 1))
