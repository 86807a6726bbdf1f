"""Waiting for time that is taken, and what is offered to those who wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime
from ..db import Model
from .booking import PURPOSE_LENGTH, TITLE_LENGTH
from .columns import Id, Key, Version


class Wait(Model):
    """Somebody would take so many minutes within a stretch of time, on a resource or on any of a group."""

    __tablename__ = "wait"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_wait_site_id_ended_at", "site_id", "ended_at"),
        Index("ix_wait_person_id", "person_id"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("resource_group.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH), default="")
    mode: Mapped[str] = mapped_column(String(30), default="", server_default="")
    biosafety: Mapped[int] = mapped_column(default=0, server_default="0")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the stretch that will do
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]  # how long of it
    takes_it: Mapped[bool] = mapped_column(default=False, server_default=false())  # "take it for me", without an offer
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)  # who came first is asked first
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="", server_default="")  # taken, left, passed, rights
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"))  # what became of it
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when time was last looked for, in vain
    seen_revision: Mapped[int] = mapped_column(default=0, server_default="0")  # how busy its resources were then
    version: Mapped[Version]


class Offer(Model):
    """Time that is kept for somebody who waits, until they answer or it lapses: one at a time."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_offer_wait_id", "wait_id"),
        Index("ix_offer_answered_at_until", "answered_at", "until"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    wait_id: Mapped[int] = mapped_column(ForeignKey("wait.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(20), default="", server_default="")  # taken, refused, lapsed
