"""Subscriptions: a calendar behind a secret link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime
from ..core.feeds import Detail, Scope
from ..db import Model
from .columns import Id, Key


class Feed(Model):
    """One subscription of one person. Only a hash of its token is kept."""

    __tablename__ = "feed"

    id: Mapped[Id]
    key: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    scope: Mapped[Scope] = mapped_column(CodeType(Scope))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    detail: Mapped[Detail] = mapped_column(CodeType(Detail))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What was answered last, so that an unchanged feed costs one look-up: the state of everything that it rests on, its
    # entity tag, and until when rights and days stay as they were then.
    known_state: Mapped[str] = mapped_column(String(255), default="", server_default="")
    known_etag: Mapped[str] = mapped_column(String(64), default="", server_default="")
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
