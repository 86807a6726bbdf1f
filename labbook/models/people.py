"""Partners, their agreements and people; roles, trainings, joint projects, sessions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime, WordsType
from ..core.language import Words
from ..core.permissions import Role
from ..db import Model
from .columns import Counter, Id, Key, Version


class PartnerKind(StrEnum):
    """Stored; never rename."""

    BIOTECH = "biotech"
    UNIVERSITY = "university"
    HOSPITAL = "hospital"
    HOST = "host"
    INVESTOR = "investor"
    OTHER = "other"


class Partner(Model):
    """An organisation that uses the lab."""

    __tablename__ = "partner"

    id: Mapped[Id]
    key: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    kind: Mapped[PartnerKind] = mapped_column(CodeType(PartnerKind))
    full_revision: Mapped[Counter]


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
    places: Mapped[int | None]  # people that the partner may bring


class Person(Model):
    """Somebody with an account."""

    __tablename__ = "person"

    id: Mapped[Id]
    key: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    family_name: Mapped[str] = mapped_column(String(80))
    given_name: Mapped[str] = mapped_column(String(80))
    reading: Mapped[str] = mapped_column(String(160), default="")  # kana, for sorting and searching
    language: Mapped[str] = mapped_column(String(2), default="en")
    home_site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    password_hash: Mapped[str] = mapped_column(String(200), default="")  # empty: cannot sign in
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    full_revision: Mapped[Counter]
    busy_revision: Mapped[Counter]
    rights_serial: Mapped[Counter]  # raised by triggers on whatever gives this person rights
    version: Mapped[Version]


class RoleGrant(Model):
    """A role for a partner, at a site, or for the whole lab; both days are included."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("partner_id IS NULL OR site_id IS NULL", name="one_place"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="starts_before_ends"),
        Index("ix_role_grant_person_id", "person_id"),
        Index("ix_role_grant_site_id", "site_id"),
        Index("ix_role_grant_partner_id", "partner_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(CodeType(Role))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Training(Model):
    """Something that a person can prove to have learnt."""

    __tablename__ = "training"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))  # none: good at every site
    level: Mapped[int]  # 0 induction, 1 online module, 2 staff sign-off, 3 staff only
    name: Mapped[Words] = mapped_column(WordsType)
    description: Mapped[Words] = mapped_column(WordsType, default=Words())


class TrainingRecord(Model):
    """The proof; good from the one day to the other, both included."""

    __tablename__ = "training_record"
    __table_args__ = (Index("ix_training_record_person_id_training_id", "person_id", "training_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    granted_on: Mapped[date]
    expires_on: Mapped[date | None]


class Project(Model):
    """A joint project: its partners see each other's bookings for it, and only those."""

    __tablename__ = "project"

    id: Mapped[Id]
    key: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words] = mapped_column(WordsType)
    full_revision: Mapped[Counter]


class ProjectPartner(Model):
    """A partner's part in a joint project."""

    __tablename__ = "project_partner"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True, index=True)


class SignIn(Model):
    """A session as the server knows it: ending the row ends the session, whatever the cookie says."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
