"""Sending letters: each is claimed, worked out, handed over and marked; none is lost, none knowingly doubled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from jinja2 import TemplateError
from sqlalchemy import ColumnElement, select, update

from ...core.tokens import new_token, token_hash
from ...db import db, transactional
from ...models import Invitation, Letter, OneTimeLink
from ...models.access import Purpose
from ..post import LostError, PostError, opened
from ..rendering import mail, rendered

RESET_LASTS = timedelta(hours=1)
CLAIMED_FOR = timedelta(minutes=10)  # longer than handing one letter over can take: until then nobody else sends it
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


class Claimed(NamedTuple):
    """A letter that this process is about to send, with everything that it is made from."""

    number: int
    key: str
    kind: str
    language: str
    address: str
    values: Mapping[str, Any]


def send_due(office: Office, *, now: datetime) -> int:
    """Send what is due; returns how many letters went out. A server that is away leaves all of them for later."""
    if not office.url or not _is_any_due(now):
        return 0
    began, sent = monotonic(), 0

    def present() -> datetime:  # a round may be long, and a claim counts from when it is made
        return now + timedelta(seconds=monotonic() - began)

    try:
        with opened(office.url) as post:
            while (claimed := _claim(office, now=present())) is not None:
                try:
                    post.send(_written(claimed, office, now=present()))
                except LostError as error:
                    _failed(claimed.number, str(error), now=present())
                    return sent
                except (PostError, TemplateError, MessageError, ValueError, LookupError) as error:
                    _failed(claimed.number, f"{type(error).__name__}: {error}", now=present())
                else:
                    _sent(claimed.number, now=present())
                    sent += 1
    except PostError:
        return sent
    return sent


def _is_any_due(now: datetime) -> bool:
    return db.session.scalar(select(Letter.id).where(*_due(now)).limit(1)) is not None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Letter.sent_at.is_(None), Letter.given_up_at.is_(None), Letter.due_at <= now)


@transactional
def _claim(office: Office, *, now: datetime) -> Claimed | None:
    """The next letter, with its link made. Claimed, it is not due again for a while, whatever becomes of us."""
    letter = db.session.scalar(
        select(Letter).where(*_due(now)).order_by(Letter.due_at, Letter.id).limit(1).with_for_update(skip_locked=True)
    )
    if letter is None:
        return None
    letter.tries += 1
    letter.due_at = now + max(CLAIMED_FOR, _pause(letter.tries))
    values = {"base_url": office.base_url, **letter.values, **_link(letter, office.base_url, now)}
    return Claimed(letter.id, letter.key, letter.kind, letter.language, letter.address, values)


def _written(claimed: Claimed, office: Office, *, now: datetime) -> EmailMessage:
    """The mail. Raises TemplateError, MessageError, ValueError or LookupError for a letter that cannot be one."""
    subject, body = rendered(office.templates, claimed.kind, claimed.language, claimed.values)
    return mail(
        subject, body, key=claimed.key, sender=office.sender, to=claimed.address, base_url=office.base_url, now=now
    )


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
    letter = db.session.get(Letter, number)
    if letter is None:  # erased meanwhile
        return
    letter.fault = fault[:FAULT_LENGTH]
    letter.due_at = now + _pause(letter.tries)
    if letter.tries >= MOST_TRIES:
        letter.given_up_at = now


def _pause(tries: int) -> timedelta:
    """How long after so many tries the next one is made."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    return pause
