"""A second factor that is lost with its recovery codes: somebody else takes it away."""

from __future__ import annotations

from datetime import datetime

from ...core.permissions import Actor, Do, Matter, require
from ...db import Lock, db, take_locks, transactional
from ...models import Person
from ...models.audit import happened
from ...models.letter import letter
from ..members import person_by_key
from .factors import forget
from .inviting import AnsweredError
from .sessions import end_all


@transactional
def remove_factor(actor: Actor, person_key: str, *, now: datetime) -> None:
    """Take away somebody's second factor and its recovery codes; all their sessions end, and a letter tells them.

    Raises NotFoundError, ForbiddenError, and AnsweredError when there is none.
    """
    found = person_by_key(actor, person_key, now)
    require(actor, Do.REMOVE_FACTOR, Matter(person_ids=frozenset({found.id})))
    _remove(found.id, actor.person_id, now)


@transactional
def remove_factor_by_command(person: Person, *, now: datetime) -> None:
    """The same by the administrator of the server: the lab's only administrator may have lost theirs.

    Raises AnsweredError.
    """
    _remove(person.id, None, now)


def _remove(person_id: int, actor_id: int | None, now: datetime) -> None:
    take_locks([(Lock.PERSON, person_id)])
    person = db.session.get_one(Person, person_id, populate_existing=True)
    if not person.totp_secret:
        raise AnsweredError
    forget(person_id)
    end_all(person_id, now=now)
    code = "factor-taken-away"
    db.session.add(happened(code, at=now, actor_id=actor_id, subject="person", subject_id=person_id))
    db.session.add(letter("factor-changed", person.email, person.language, now=now, person_id=person_id, change=code))
