"""People choose how they hear of things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete

from ...core.letters import CHOOSABLE, INVITATIONS, REMINDERS, Way
from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models import LetterChoice, Person
from ...models.audit import happened


class StaleError(Exception):
    """The account was changed since the page was opened."""


@transactional
def choose(
    actor: Actor,
    ways: Mapping[str, str],
    *,
    invitations: str,
    reminder_minutes: int | None,
    version: int,
    now: datetime,
) -> None:
    """Keep one's own choices: a way for each topic that was asked about, invitations, and how long before to remind.

    Raises ForbiddenError, StaleError, ValueError for what nobody can choose.
    """
    require(actor, Do.KEEP_ACCOUNT, Matter(person_ids=frozenset({actor.person_id})))
    if not set(ways) <= set(CHOOSABLE) or invitations not in INVITATIONS or reminder_minutes not in REMINDERS:
        raise ValueError("not to be chosen")
    take_locks([(Lock.PERSON, actor.person_id)])
    person = db.session.get_one(Person, actor.person_id, populate_existing=True)
    if person.version != version:
        raise StaleError
    mine = (LetterChoice.person_id == person.id, LetterChoice.topic.in_(ways))
    db.session.execute(delete(LetterChoice).where(*mine))
    db.session.add_all(LetterChoice(person_id=person.id, topic=topic, way=Way(way)) for topic, way in ways.items())
    person.invitations, person.reminder_minutes = invitations, reminder_minutes
    person.version += 1
    said = {"ways": dict(ways), "invitations": invitations, "reminder": reminder_minutes}
    db.session.add(
        happened("letters-chosen", at=now, actor_id=person.id, subject="person", subject_id=person.id, body=said)
    )
