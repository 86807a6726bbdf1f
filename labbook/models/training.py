"""Trainings: what can be learnt, who wishes to, when it is taught, and the proofs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime, WordsType
from ..core.language import Words
from ..db import Model
from .columns import Id, Key


class Training(Model):
    """Something that a person can prove to have learnt."""

    __tablename__ = "training"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))  # none: good at every site
    level: Mapped[int]  # 0 induction, 1 online module, 2 staff sign-off, 3 staff only
    name: Mapped[Words] = mapped_column(WordsType)
    description: Mapped[Words] = mapped_column(WordsType, default=Words())
    valid_days: Mapped[int | None]  # a proof is good for so long; none: for ever
    disuse_days: Mapped[int | None]  # and ends when what demands it was not used for so long


class TrainingRecord(Model):
    """The proof; good from the one day to the other, both included."""

    __tablename__ = "training_record"
    __table_args__ = (Index("ix_training_record_person_id_training_id", "person_id", "training_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    granted_on: Mapped[date]
    expires_on: Mapped[date | None]
    is_trainee: Mapped[bool] = mapped_column(default=False, server_default=false())  # not yet on their own
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrainingWish(Model):
    """Somebody asks to be trained; settled when they take a place in a session or are signed off."""

    __tablename__ = "training_wish"
    __table_args__ = (Index("ix_training_wish_site_id_settled_at", "site_id", "settled_at"),)

    id: Mapped[Id]
    key: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrainingSession(Model):
    """A date on which a training is taught, with so many places."""

    __tablename__ = "training_session"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_training_session_site_id_starts_at", "site_id", "starts_at"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    places: Mapped[int]
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Outcome(StrEnum):
    """What became of somebody's place. Stored; never rename."""

    OPEN = "open"
    PASSED = "passed"
    ABSENT = "absent"


class TrainingPlace(Model):
    """Somebody's place in a session."""

    __tablename__ = "training_place"

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome] = mapped_column(CodeType(Outcome), default=Outcome.OPEN)
