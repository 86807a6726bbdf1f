"""Letters: written in the transaction of the change, sent by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Counter, Id, Key


class Letter(Model):
    """One mail to one address. What it says is worked out when it is sent; no secret is ever kept in it."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_sent_at_due_at", "sent_at", "due_at"),
        Index("ix_letter_thread_id", "thread", "id"),
        Index("ix_letter_given_up_at", "given_up_at"),
    )

    id: Mapped[Id]
    key: Mapped[Key]  # its Message-ID
    kind: Mapped[str] = mapped_column(String(40))  # a folder of templates/mail
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))  # a link to it is made when sent
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    once: Mapped[str | None] = mapped_column(String(80), unique=True)  # never twice under this name
    thread: Mapped[str | None] = mapped_column(String(80))  # letters of one matter to one person: they go in order
    site_id: Mapped[int | None]  # whose staff see that it could not be delivered
    way: Mapped[str] = mapped_column(String(10), default="now", server_default="now")  # now, daily, none
    digest_id: Mapped[int | None]  # the daily letter in which it was told
    calendar: Mapped[str | None] = mapped_column(Text)  # its iTIP part: the same bytes however often it is tried
    method: Mapped[str] = mapped_column(String(10), default="", server_default="")  # of that part: REQUEST or CANCEL
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  # not before; moved on after a failure
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[Counter]
    fault: Mapped[str] = mapped_column(String(200), default="")  # of the last failure


def letter(kind: str, address: str, language: str, *, now: datetime, **about: Any) -> Letter:
    """A letter ready to be added; `about` names person, invitation, `once`, thread, site; the rest are its values."""
    named = ("person_id", "invitation_id", "once", "thread", "site_id")
    columns = {name: about.pop(name) for name in named if name in about}
    return Letter(kind=kind, address=address, language=language, values=about, made_at=now, due_at=now, **columns)


class LetterChoice(Model):
    """How somebody wants to hear of one topic (core/hearing.py): at once, in a daily letter, or not by mail."""

    __tablename__ = "letter_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    way: Mapped[str] = mapped_column(String(10))


class Invited(Model):
    """What a person's own calendar was last told of a booking, or a series, by mail (RFC 5546)."""

    __tablename__ = "invited"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    sequence: Mapped[int]
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what it showed then, without words
    at: Mapped[datetime] = mapped_column(UtcDateTime)
