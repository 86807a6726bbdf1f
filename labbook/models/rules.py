"""Rule sets that staff keep, the groups that they speak of, what was waived, and what is charged."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime, WordsType
from ..core.language import Words
from ..core.terms import ResourceKind
from ..db import Model
from .columns import Id, Key, Version


class ResourceGroup(Model):
    """Resources that can stand in for each other or count together, of whichever sites."""

    __tablename__ = "resource_group"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    version: Mapped[Version]


class ResourceGroupMember(Model):
    """A resource's place in a group."""

    __tablename__ = "resource_group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("resource_group.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True, index=True)


class RuleSet(Model):
    """Limits that belong together, and what they are about: each column of the scope that is filled narrows it.

    Never deleted: it is switched off. Both days of its validity are included.
    """

    __tablename__ = "rule_set"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name="starts_before_ends"),
        Index("ix_rule_set_site_id", "site_id"),
        Index("ix_rule_set_agreement_id", "agreement_id"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    name: Mapped[Words] = mapped_column(WordsType)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[ResourceKind | None] = mapped_column(CodeType(ResourceKind))
    level: Mapped[int | None]  # the highest level of training that the resource demands
    group_id: Mapped[int | None] = mapped_column(ForeignKey("resource_group.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))  # none: for every partner
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    limits: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # as `core.limits` spells them
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[Version]


class Waiver(Model):
    """Staff's recorded "nevertheless" to one finding of one booking; the reason stands in its event."""

    __tablename__ = "waiver"

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    limit_key: Mapped[str] = mapped_column(String(60), default="", server_default="")  # empty: a standing rule
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Charge(Model):
    """What a partner owes for a booking, as a rule says; an integer in the currency's smallest unit (ISO 4217)."""

    __tablename__ = "charge"
    __table_args__ = (Index("ix_charge_partner_id_site_id", "partner_id", "site_id", "made_at"),)

    id: Mapped[Id]
    key: Mapped[Key]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    code: Mapped[str] = mapped_column(String(30))  # late-cancel, late-change, no-show
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
