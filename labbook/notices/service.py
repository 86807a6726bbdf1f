"""Sending letters: each is claimed, worked out, handed over and marked; none is lost, none knowingly doubled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import ColumnElement, select, update

from ..core.tokens import new_token, token_hash
from ..db import db, transactional
from ..models import Invitation, Letter, OneTimeLink
from ..models.access import Purpose
from .post import PostError, opened
from .rendering import mail, rendered

RESET_LASTS = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 14  # about two days
FAULT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Office:
    """Where letters go out, who they are from, and where their links lead."""

    url: str
    sender: str
    base_url: str
    templates: Path


def send_due(office: Office, *, now: datetime) -> int:
    """Send what is due; returns how many letters went out. A server that is away leaves all of them for later."""
    if not office.url or not _is_any_due(now):
        return 0
    sent = 0
    try:
        with opened(office.url) as post:
            while (claimed := _claim(office, now=now)) is not None:
                number, message = claimed
                try:
                    post.send(message)
                except PostError as error:
                    _failed(number, str(error), now=now)
                else:
                    _sent(number, now=now)
                    sent += 1
    except PostError:
        return sent
    return sent


def _is_any_due(now: datetime) -> bool:
    return db.session.scalar(select(Letter.id).where(*_due(now)).limit(1)) is not None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Letter.sent_at.is_(None), Letter.given_up_at.is_(None), Letter.due_at <= now)


@transactional
def _claim(office: Office, *, now: datetime) -> tuple[int, EmailMessage] | None:
    """The next letter, worked out. Claimed, it is not due again for a while, whatever becomes of this process."""
    letter = db.session.scalar(
        select(Letter).where(*_due(now)).order_by(Letter.due_at, Letter.id).limit(1).with_for_update(skip_locked=True)
    )
    if letter is None:
        return None
    letter.tries += 1
    letter.due_at = now + min(FIRST_PAUSE * 2 ** (letter.tries - 1), LONGEST_PAUSE)
    values = {"base_url": office.base_url, **letter.values, **_link(letter, office.base_url, now)}
    subject, body = rendered(office.templates, letter.kind, letter.language, values)
    message = mail(
        subject,
        body,
        key=letter.key,
        sender=office.sender,
        to=letter.address,
        base_url=office.base_url,
        now=now,
    )
    return letter.id, message


def _link(letter: Letter, base_url: str, now: datetime) -> Mapping[str, str]:
    """The secret link of a letter that has one, made now; older ones for the same thing end."""
    if letter.invitation_id is not None:
        until = db.session.get_one(Invitation, letter.invitation_id).expires_at
        purpose, path = Purpose.INVITATION, "invitations"
    elif letter.kind == Purpose.RESET:
        purpose, path, until = Purpose.RESET, "reset", now + RESET_LASTS
    else:
        return {}
    same = OneTimeLink.invitation_id == letter.invitation_id
    if letter.invitation_id is None:
        same = OneTimeLink.person_id == letter.person_id
    older = update(OneTimeLink).where(same, OneTimeLink.purpose == purpose, OneTimeLink.revoked_at.is_(None))
    db.session.execute(older.values(revoked_at=now))
    token = new_token()
    db.session.add(
        OneTimeLink(
            purpose=purpose,
            token_hash=token_hash(token),
            person_id=letter.person_id if letter.invitation_id is None else None,
            invitation_id=letter.invitation_id,
            made_at=now,
            expires_at=until,
        )
    )
    return {"link": f"{base_url}/{path}/{token}"}


@transactional
def _sent(number: int, *, now: datetime) -> None:
    db.session.execute(update(Letter).where(Letter.id == number).values(sent_at=now, fault=""))


@transactional
def _failed(number: int, fault: str, *, now: datetime) -> None:
    letter = db.session.get_one(Letter, number)
    letter.fault = fault[:FAULT_LENGTH]
    if letter.tries >= MOST_TRIES:
        letter.given_up_at = now
