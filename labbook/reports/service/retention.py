"""How long what is kept: once a day the worker removes what was kept long enough, but never an event or a seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, or_, select, update

from ...db import Lock, db, take_locks, transactional
from ...models import (
    Attachment,
    AttachmentContent,
    Booking,
    Event,
    EventDetail,
    Invited,
    Letter,
    OneTimeLink,
    Remark,
    Request,
    Sign,
    SignIn,
    Try,
    Wait,
)
from ...models.audit import happened

BLANK = "—"


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long each class of data is kept, by settings."""

    booking_months: int
    audit_months: int
    letter_days: int
    session_days: int
    try_days: int
    link_days: int
    oldest_session_days: int  # a session that nobody ended is over after so long

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Keep:
        """By the application's configuration."""
        names = ("BOOKINGS_MONTHS", "AUDIT_MONTHS", "LETTERS_DAYS", "SESSIONS_DAYS", "TRIES_DAYS", "LINKS_DAYS")
        return cls(*[*(int(config[f"KEEP_{name}"]) for name in names), int(config["SESSION_DAYS"])])


@dataclass(frozen=True, slots=True)
class _Due:
    """One class of data: its name, which rows are due, and what becomes of them."""

    name: str
    table: Any
    is_due: ColumnElement[bool]
    blanked: Mapping[str, Any] | None  # the columns that are blanked; None: the rows go

    def count(self) -> int:
        """How many rows are due."""
        return db.session.scalar(select(func.count()).select_from(self.table).where(self.is_due)) or 0

    def remove(self) -> int:
        """Do it; how many rows it was."""
        statement: Any = delete(self.table).where(self.is_due)
        if self.blanked is not None:
            statement = update(self.table).where(self.is_due).values(dict(self.blanked))
        done = db.session.execute(statement, execution_options={"synchronize_session": False})
        return cast("CursorResult[Any]", done).rowcount


def due(keep: Keep, *, now: datetime) -> dict[str, int]:
    """How much of each class would go now; nothing is changed."""
    return {one.name: one.count() for one in _classes(keep, now)}


@transactional
def remove_due(keep: Keep, *, now: datetime) -> dict[str, int]:
    """Remove what was kept long enough; how much of each class it was. That it was done is recorded."""
    take_locks([(Lock.TRAIL, 0)])
    return _removed(keep, now)


def remove_daily(keep: Keep, *, now: datetime) -> dict[str, int]:
    """The same, the first time on each day of UTC; afterwards nothing. Workers take turns."""
    return {} if _was_done(now) else _remove_daily(keep, now)


@transactional
def _remove_daily(keep: Keep, now: datetime) -> dict[str, int]:
    take_locks([(Lock.TRAIL, 0)])
    return {} if _was_done(now) else _removed(keep, now)


def _removed(keep: Keep, now: datetime) -> dict[str, int]:
    gone = {one.name: one.remove() for one in _classes(keep, now)}
    body = {name: count for name, count in gone.items() if count}
    day = _day(now)
    db.session.add(happened("retention-done", at=now, actor_id=None, subject="retention", subject_id=day, body=body))
    return gone


def _was_done(now: datetime) -> bool:
    done = select(Event.id).where(Event.subject == "retention", Event.subject_id == _day(now))
    return db.session.scalar(done.limit(1)) is not None


def _day(now: datetime) -> int:
    return now.astimezone(UTC).date().toordinal()


def _classes(keep: Keep, now: datetime) -> list[_Due]:
    def days(count: int) -> datetime:
        return now - timedelta(days=count)

    def months(count: int) -> datetime:
        return now - relativedelta(months=count)

    own = Booking.request_id == Request.id
    is_over = and_(exists().where(own), ~exists().where(own, Booking.ends_at >= months(keep.booking_months)))
    old_request = and_(or_(Request.title != BLANK, Request.purpose != ""), is_over)
    about_old = Remark.request_id.in_(select(Request.id).where(is_over))
    old_file = select(Attachment.id).join(Remark, Remark.id == Attachment.remark_id).where(about_old)
    nameless = {"name": BLANK, "size": 0, "sha256": ""}
    old_wait = and_(Wait.title != BLANK, Wait.ended_at.is_not(None), Wait.ends_at < months(keep.booking_months))
    old_event = select(Event.id).where(Event.at < months(keep.audit_months))
    old_detail = and_(EventDetail.erased_at.is_(None), EventDetail.event_id.in_(old_event))
    done = func.coalesce(Letter.sent_at, Letter.given_up_at)
    unused = and_(SignIn.seen_at < days(keep.session_days), SignIn.started_at < days(keep.oldest_session_days))
    over = func.coalesce(OneTimeLink.used_at, OneTimeLink.revoked_at, OneTimeLink.expires_at)
    return [
        _Due("words of bookings", Request, old_request, {"title": BLANK, "purpose": ""}),
        _Due("questions and answers", Remark, and_(Remark.body != BLANK, about_old), {"body": BLANK}),
        _Due("files", AttachmentContent, AttachmentContent.attachment_id.in_(old_file), None),
        _Due("names of files", Attachment, and_(Attachment.name != BLANK, Attachment.id.in_(old_file)), nameless),
        _Due("words of waits", Wait, old_wait, {"title": BLANK, "purpose": ""}),
        _Due("details of the trail", EventDetail, old_detail, {"salt": None, "body": None, "erased_at": now}),
        _Due("letters", Letter, done < days(keep.letter_days), None),
        _Due("what calendars were told", Invited, Invited.request_id.in_(select(Request.id).where(is_over)), None),
        _Due("sessions", SignIn, or_(SignIn.ended_at < days(keep.session_days), unused), None),
        _Due("tries", Try, Try.at < days(keep.try_days), None),
        _Due("signs taken down", Sign, Sign.ended_at < days(keep.link_days), None),
        _Due("one-time links", OneTimeLink, over < days(keep.link_days), None),
    ]
