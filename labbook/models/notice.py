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
        Index("ix_notice_sent_at_due_at", "sent_at", "due_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # not before; none: it is told in another way
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it became a letter, or was not to become one
    letter_id: Mapped[int | None]
    tries: Mapped[Counter]
