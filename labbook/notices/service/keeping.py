"""Letters that were written: who looks at them, and what could not be delivered goes out again."""

from __future__ import annotations

from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage

from jinja2 import TemplateError
from sqlalchemy import select

from ...core.letters import request_of
from ...core.permissions import Actor, Do, Matter, require
from ...db import db, transactional
from ...models import Letter, Request
from ...models.audit import happened
from .. import queries
from ..rendering import written
from .links import blotted_link
from .readying import said_of
from .sending import Office, sheet_of


class NotGivenUpError(Exception):
    """The letter went out, or is on its way again already."""


@transactional
def look_at(actor: Actor, key: str, *, now: datetime) -> None:
    """Somebody opens a letter to somebody else: on record before it is shown. Raises NotFoundError, ForbiddenError."""
    found = queries.letter_by_key(actor, key)
    require(actor, Do.SEE_LETTERS, Matter())
    _note("letter-looked-at", found, actor, now)


def read(actor: Actor, key: str, office: Office, *, now: datetime) -> EmailMessage | None:
    """The mail as it would be written now, but for its secret link, which is nobody else's; None: it cannot be written.

    Raises NotFoundError, ForbiddenError.
    """
    found = queries.letter_by_key(actor, key)
    require(actor, Do.SEE_LETTERS, Matter())
    said = said_of(found, now)
    if said is None:
        return None
    sheet = sheet_of(found, {**said, **blotted_link(found, office.base_url)})
    try:
        return written(sheet, **office.letterhead, now=found.sent_at or found.made_at)
    except (TemplateError, MessageError, ValueError, LookupError):
        return None


@transactional
def send_again(actor: Actor, key: str, *, now: datetime) -> None:
    """Let a letter that was given up be tried as if it were new.

    Raises NotFoundError, ForbiddenError, and NotGivenUpError when it is not given up any more.
    """
    found = queries.letter_by_key(actor, key)
    require(actor, Do.SEE_UNDELIVERED, Matter(found.site_id))
    locked = db.session.scalars(select(Letter).where(Letter.id == found.id).with_for_update()).one()
    if locked.sent_at is not None or locked.given_up_at is None or not locked.fault:
        raise NotGivenUpError
    locked.given_up_at, locked.tries, locked.due_at = None, 0, now
    _note("letter-sent-again", locked, actor, now)


def _note(code: str, found: Letter, actor: Actor, now: datetime) -> None:
    """Where the letter is about a partner's request, the look stands on that partner's trail too."""
    number = request_of(found.thread)
    request = db.session.get(Request, number) if number else None
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="letter",
            subject_id=found.id,
            body={"kind": found.kind},
            site_id=found.site_id,
            partner_id=request.partner_id if request else None,
            request_id=request.id if request else None,
        )
    )
