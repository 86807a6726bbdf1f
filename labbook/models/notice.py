"""That somebody must hear of something; written in the transaction of the change, sent by the worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Counter, Id


class Notice(Model):
    """One person is to hear of one event through one channel, once."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("uq_notice_event_id_person_id_channel", "event_id", "person_id", "channel", unique=True),
        Index("ix_notice_person_id_read_at", "person_id", "read_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[Counter]
