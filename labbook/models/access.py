"""How people come in: sessions, one-time links, invitations, second factors, and the tries that are counted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from ..column_types import CodeType, UtcDateTime
from ..core.permissions import Role
from ..db import Model
from .columns import Id, Key


class SignIn(Model):
    """A session as the server knows it: ending the row ends the session, whatever the cookie says."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_complete: Mapped[bool] = mapped_column(default=True, server_default=true())  # not before the second factor
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(60), default="", server_default="")  # as in "Firefox, Linux"


class Invitation(Model):
    """Somebody is asked to join in a role; bound to one address and used once."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_partner_id", "partner_id"),
        Index("ix_invitation_site_id", "site_id"),
    )

    id: Mapped[Id]
    key: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[Role] = mapped_column(CodeType(Role))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    language: Mapped[str] = mapped_column(String(2))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JoinRequest(Model):
    """Somebody asks to join; staff find the partner, its coordinator or they answer."""

    __tablename__ = "join_request"
    __table_args__ = (Index("ix_join_request_partner_id_answered_at", "partner_id", "answered_at"),)

    id: Mapped[Id]
    key: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), index=True)
    family_name: Mapped[str] = mapped_column(String(80))
    given_name: Mapped[str] = mapped_column(String(80))
    organisation: Mapped[str] = mapped_column(String(120))  # in their own words: partners are not listed to strangers
    message: Mapped[str] = mapped_column(String(1000), default="")
    language: Mapped[str] = mapped_column(String(2))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))  # once somebody knows which
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_accepted: Mapped[bool | None]


class Purpose(StrEnum):
    """What a one-time link is for. Stored; never rename."""

    INVITATION = "invitation"
    RESET = "reset"


class OneTimeLink(Model):
    """A link in a letter. It is made when the letter is sent and only its hash is kept; a newer one ends it."""

    __tablename__ = "one_time_link"

    id: Mapped[Id]
    purpose: Mapped[Purpose] = mapped_column(CodeType(Purpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Model):
    """Stands in for the second factor once."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Identity(Model):
    """An account at an OpenID provider that has proved to be a person's (OpenID Connect Core 1.0, section 2)."""

    __tablename__ = "identity"

    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Try(Model):
    """One try at a door that is counted: for which account (hashed), from which address, and whether it opened."""

    __tablename__ = "try"
    __table_args__ = (
        Index("ix_try_door_account_hash_at", "door", "account_hash", "at"),
        Index("ix_try_door_address_at", "door", "address", "at"),
        Index("ix_try_at", "at"),
    )

    id: Mapped[Id]
    door: Mapped[str] = mapped_column(String(20))
    account_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_good: Mapped[bool]
