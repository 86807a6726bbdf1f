"""How people want to hear of things: what they have chosen."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from ..core.feeds import Scope
from ..core.letters import CHOOSABLE
from ..db import db
from ..models import Feed, LetterChoice, Person


class Chosen(NamedTuple):
    """One person's choices; `follows` says that a calendar of theirs subscribes to their bookings."""

    ways: dict[str, str]
    invitations: str
    reminder_minutes: int | None
    follows: bool
    version: int


def ways_of(person_id: int) -> dict[str, str]:
    """How somebody wants to hear of what, where they have chosen."""
    rows = select(LetterChoice.topic, LetterChoice.way).where(
        LetterChoice.person_id == person_id, LetterChoice.topic.in_(CHOOSABLE)
    )
    return {row.topic: row.way for row in db.session.execute(rows)}


def chosen_by(person_id: int) -> Chosen:
    """Everything that somebody has chosen; three statements."""
    person = db.session.get_one(Person, person_id)
    follows = follows_own(person_id)
    return Chosen(ways_of(person_id), person.invitations, person.reminder_minutes, follows, person.version)


def follows_own(person_id: int) -> bool:
    """Whether a calendar subscribes to this person's own bookings."""
    own = select(Feed.id).where(Feed.person_id == person_id, Feed.scope == Scope.MINE, Feed.revoked_at.is_(None))
    return db.session.scalar(own.limit(1)) is not None
