"""A partner's contract with a site: what it covers, and the terms that each person accepts under it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import UtcDateTime, WordsType
from ..core.language import Words
from ..db import Model
from .columns import Id, Key, Version


class Agreement(Model):
    """A partner's contract with a site. Both days are included; no last day means open-ended."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="starts_before_ends"),
        Index("ix_agreement_partner_id_site_id", "partner_id", "site_id"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # ended early: at once, whatever the days say
    places: Mapped[int | None]  # people that the partner may bring
    signs: Mapped[bool] = mapped_column(default=False, server_default=false())  # approvals are signed: 21 CFR 11.200
    entitlements: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what it grants, to be shown
    version: Mapped[Version]


class AgreementArea(Model):
    """An area that an agreement covers. An agreement that names neither area nor resource covers the whole site."""

    __tablename__ = "agreement_area"

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)


class AgreementResource(Model):
    """A resource that an agreement covers besides its areas."""

    __tablename__ = "agreement_resource"

    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)


class Conditions(Model):
    """One version of a site's conditions of use; the newest published one is to be accepted before booking."""

    __tablename__ = "conditions"
    __table_args__ = (Index("uq_conditions_site_id_edition", "site_id", "edition", unique=True),)

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    edition: Mapped[str] = mapped_column(String(20))  # as people call it: 2026-04
    text: Mapped[Words] = mapped_column(WordsType)
    published_on: Mapped[date]


class Acceptance(Model):
    """A person has read and accepted one version of the conditions."""

    __tablename__ = "acceptance"

    conditions_id: Mapped[int] = mapped_column(ForeignKey("conditions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
