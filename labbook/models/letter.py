"""Letters: written in the transaction of the change, sent by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .columns import Counter, Id, Key


class Letter(Model):
    """One mail to one address. What it says is worked out when it is sent; no secret is ever kept in it."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_sent_at_due_at", "sent_at", "due_at"),)

    id: Mapped[Id]
    key: Mapped[Key]  # its Message-ID
    kind: Mapped[str] = mapped_column(String(40))  # a folder of templates/mail
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))  # a link to it is made when sent
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    once: Mapped[str | None] = mapped_column(String(80), unique=True)  # never twice under this name
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  # not before; moved on after a failure
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[Counter]
    fault: Mapped[str] = mapped_column(String(200), default="")  # of the last failure


def letter(kind: str, address: str, language: str, *, now: datetime, **about: Any) -> Letter:
    """A letter ready to be added; `about` names its person, invitation and `once`, everything else goes into values."""
    columns = {name: about.pop(name) for name in ("person_id", "invitation_id", "once") if name in about}
    return Letter(kind=kind, address=address, language=language, values=about, made_at=now, due_at=now, **columns)
