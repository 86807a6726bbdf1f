"""History. `event`, `seal` and `sealed` are append-only: the database itself refuses UPDATE and DELETE."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Id

# What staff do about what was asked for; few of all events, so these have an index of their own.
DECISIONS = (
    "booking-approve",
    "booking-decline",
    "booking-decline-change",
    "booking-grant-change",
    "booking-propose",
)
_IS_DECISION = text("code IN ({})".format(", ".join(f"'{code}'" for code in DECISIONS)))


class Event(Model):
    """Something happened: ids, codes and instants only. Words are in the detail, which can be erased."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_request_id", "request_id"),
        Index("ix_event_booking_id", "booking_id"),
        Index("ix_event_partner_id_id", "partner_id", "id"),
        Index("ix_event_actor_id", "actor_id"),
        Index("ix_event_subject_subject_id", "subject", "subject_id"),
        Index("ix_event_decisions", "site_id", "at", sqlite_where=_IS_DECISION, postgresql_where=_IS_DECISION),
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none: the clock, or the system
    subject: Mapped[str] = mapped_column(String(20))  # the kind of thing that it happened to
    subject_id: Mapped[int]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    state: Mapped[str | None] = mapped_column(String(30))  # that it led to
    digest: Mapped[str] = mapped_column(String(64))  # of the salted detail

    detail: Mapped[EventDetail] = relationship(cascade="save-update", passive_deletes="all")


class EventDetail(Model):
    """What was said and changed. Erasing it leaves the event and its digest as they were."""

    __tablename__ = "event_detail"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    salt: Mapped[str | None] = mapped_column(String(32))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Seal(Model):
    """A hash over the seal before it and the events that it covers; what is sealed cannot change unnoticed."""

    __tablename__ = "seal"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class Sealed(Model):
    """Which seal covers an event."""

    __tablename__ = "sealed"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    seal_id: Mapped[int] = mapped_column(ForeignKey("seal.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of this event alone: names the row


def new_salt() -> str:
    """Random text that keeps a short detail from being guessed from its digest."""
    return secrets.token_hex(16)


def digest_of(salt: str, body: dict[str, Any]) -> str:
    """SHA-256 of a salted detail in its one canonical spelling."""
    spelled = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{salt}\n{spelled}".encode()).hexdigest()


def happened(
    code: str,
    *,
    at: datetime,
    actor_id: int | None,
    subject: str,
    subject_id: int = 0,
    body: dict[str, Any] | None = None,
    **about: Any,
) -> Event:
    """An event with its detail, ready to be added; `about` names site, partner, request, booking and state."""
    salt, said = new_salt(), body or {}
    return Event(
        code=code,
        at=at,
        actor_id=actor_id,
        subject=subject,
        subject_id=subject_id,
        digest=digest_of(salt, said),
        detail=EventDetail(salt=salt, body=said),
        **about,
    )


def say_more(event: Event, **said: Any) -> None:
    """Add to the detail of an event that has not been written yet."""
    salt, body = event.detail.salt or new_salt(), {**(event.detail.body or {}), **said}
    event.detail = EventDetail(salt=salt, body=body)
    event.digest = digest_of(salt, body)
