"""Reads about accounts: sessions, links for a new password, second factors; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from ..db import db
from ..models import Invitation, OneTimeLink, Person, RecoveryCode, SignIn, Site
from ..models.access import Purpose

KEY_LENGTH = 24


class Factor(NamedTuple):
    """A person's second factor: whether there is one, and how many recovery codes are left."""

    is_set: bool
    codes_left: int
    has_password: bool


def session_key(session: SignIn) -> str:
    """What names a session in an address: the beginning of its token's hash, from which nobody finds the token."""
    return session.token_hash[:KEY_LENGTH]


def own_session(person_id: int, key: str) -> SignIn | None:
    """One of a person's own sessions, ended ones too."""
    begins = func.substr(SignIn.token_hash, 1, KEY_LENGTH) == key
    return db.session.scalars(select(SignIn).where(SignIn.person_id == person_id, begins)).first()


def live_sessions(person_id: int, *, started_after: datetime, seen_after: datetime) -> Sequence[SignIn]:
    """A person's sessions that can be used, the last used one first."""
    return db.session.scalars(
        select(SignIn)
        .where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.is_complete,
            SignIn.started_at >= started_after,
            SignIn.seen_at >= seen_after,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def pending(token_hash: str, *, started_after: datetime) -> tuple[SignIn, Person] | None:
    """A session that waits for the code of the second factor, and whose it is."""
    row = db.session.execute(
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(
            SignIn.token_hash == token_hash,
            SignIn.ended_at.is_(None),
            ~SignIn.is_complete,
            SignIn.started_at > started_after,
            Person.is_active,
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def factor_of(person_id: int) -> Factor:
    """What a person has as a second factor."""
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    row = db.session.execute(
        select(Person.totp_secret, Person.password_hash, left.scalar_subquery()).where(Person.id == person_id)
    ).one()
    return Factor(bool(row[0]), row[2], bool(row[1]))


def chosen_zone(person_id: int) -> str:
    """The zone that a person chose for their own clock; empty where they chose none."""
    return db.session.scalars(select(Person.zone).where(Person.id == person_id)).one()


def zone_of(person_id: int) -> str:
    """The zone of a person's own clock: the one that they chose, else their home site's; empty where there is none, as
    for the scientist of a preview, who is nobody.
    """
    row = db.session.execute(
        select(Person.zone, Site.zone.label("home"))
        .outerjoin(Site, Site.id == Person.home_site_id)
        .where(Person.id == person_id)
    ).one_or_none()
    return (row.zone or row.home or "") if row else ""


def is_live_reset(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """That a link for a new password may still be used."""
    return (
        OneTimeLink.purpose == Purpose.RESET,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.revoked_at.is_(None),
        OneTimeLink.expires_at > now,
    )


def person_of_reset(token_hash: str, now: datetime) -> Person | None:
    """Whose password a link may set: somebody with an active account, as long as the link is good."""
    return db.session.scalar(
        select(Person)
        .join(OneTimeLink, OneTimeLink.person_id == Person.id)
        .where(OneTimeLink.token_hash == token_hash, *is_live_reset(now), Person.is_active)
    )


def fault_of_reset(token_hash: str, now: datetime) -> tuple[int, str]:
    """Whose password a link was to set, and why it sets none any more; 0 and "unknown" for one that never was."""
    row = db.session.execute(
        select(OneTimeLink, Person.is_active)
        .join(Person, Person.id == OneTimeLink.person_id)
        .where(OneTimeLink.token_hash == token_hash, OneTimeLink.purpose == Purpose.RESET)
    ).one_or_none()
    if row is None:
        return 0, "unknown"
    link, is_active = row
    reasons = {
        "used": link.used_at is not None,
        "replaced": link.revoked_at is not None,
        "expired": link.expires_at <= now,
        "closed": not is_active,
    }
    return link.person_id or 0, next((reason for reason, holds in reasons.items() if holds), "used")


def is_invited(email: str, now: datetime) -> bool:
    """Whether an invitation to this address waits to be accepted."""
    return (
        db.session.scalar(
            select(Invitation.id)
            .where(
                Invitation.email == email,
                Invitation.used_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now,
            )
            .limit(1)
        )
        is not None
    )
