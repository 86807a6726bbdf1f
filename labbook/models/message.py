"""Blind messages: two people talk about a time of a unit, neither knowing who the other is until they say so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Id, Key


class Thread(Model):
    """Somebody asks whoever holds a unit at an instant. Each side says for itself when it wants to be known."""

    __tablename__ = "thread"
    __table_args__ = (
        Index("ix_thread_asker_id", "asker_id"),
        Index("ix_thread_holder_id", "holder_id"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # the instant that was asked about
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))  # known to the holder's side only
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))  # likewise, where it is kept for somebody
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asker_partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asker_is_named: Mapped[bool] = mapped_column(default=False)
    holder_is_named: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Message(Model):
    """One message of a thread."""

    __tablename__ = "message"

    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), index=True)
    is_from_asker: Mapped[bool]
    body: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
