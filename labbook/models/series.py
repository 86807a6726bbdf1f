"""Series: a repeat rule in site wall time, and the dates that got no booking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .booking import new_uid
from .columns import Counter, Id, Key


class Series(Model):
    """What repeats on one resource; its dates share the series' UID in calendars. Skipped dates are asked for by it."""

    __tablename__ = "series"

    id: Mapped[Id]
    key: Mapped[Key]
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uid)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))  # the one that it was split from
    rule: Mapped[str] = mapped_column(String(200))  # as in RFC 5545 section 3.3.10
    wall_start: Mapped[str] = mapped_column(String(16))  # 2026-11-23T09:00, of its first date
    wall_end: Mapped[str] = mapped_column(String(16), default="", server_default="")
    zone: Mapped[str] = mapped_column(String(40))
    resource_id: Mapped[int] = mapped_column(default=0, server_default="0")
    unit_id: Mapped[int | None]  # the one asked for; none: any that is free
    moves: Mapped[bool] = mapped_column(default=False, server_default=false())  # dates that clash, to the nearest time
    mode: Mapped[str] = mapped_column(String(30), default="", server_default="")
    biosafety: Mapped[int] = mapped_column(default=0, server_default="0")
    options: Mapped[list[int] | None] = mapped_column(JSON)
    revision: Mapped[Counter]  # raised with whatever calendars show of it: a step of a date, words, another rule
    sequence: Mapped[Counter]  # what SEQUENCE is besides those of its dates: of other rules, and of dates that left it
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it got another rule


class SkippedDate(Model):
    """A date of a series that got no booking, and why."""

    __tablename__ = "skipped_date"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    recurrence_on: Mapped[str] = mapped_column(String(16), primary_key=True)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
