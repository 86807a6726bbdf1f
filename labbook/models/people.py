"""Partners and people, their roles and joint projects."""

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
    words: Mapped[Counter]  # raised by triggers when calendars call it otherwise


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
    zone: Mapped[str] = mapped_column(String(40), default="", server_default="")  # IANA name; empty: the home site's
    password_hash: Mapped[str] = mapped_column(String(200), default="")  # empty: cannot sign in
    totp_secret: Mapped[str] = mapped_column(String(200), default="", server_default="")  # encrypted; empty: no app
    totp_step: Mapped[Counter]  # of the last code that was accepted: none is good twice
    is_active: Mapped[bool] = mapped_column(default=True)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # personal data are gone; the row stays for history
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invitations: Mapped[str] = mapped_column(String(5), default="auto", server_default="auto")  # by mail: auto, yes, no
    reminder_minutes: Mapped[int | None]  # how long before a booking of theirs they are reminded; none: not at all
    mail_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when their address takes no mail
    full_revision: Mapped[Counter]
    busy_revision: Mapped[Counter]
    words: Mapped[Counter]  # raised by triggers when calendars call them otherwise
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
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # taken away: at once, whatever the days say


class StandIn(Model):
    """Somebody who decides in another's place while that one is away; both days are included."""

    __tablename__ = "stand_in"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="starts_before_ends"),)

    id: Mapped[Id]
    key: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    absent_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)  # who stands in
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
