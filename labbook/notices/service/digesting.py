"""The daily letter: what its reader chose not to hear at once, each morning in one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, select

from ...core.letters import Way
from ...db import Lock, db, take_locks, transactional
from ...models import Letter, Person
from ...models.letter import letter


def digest(*, now: datetime) -> int:
    """Write the daily letters whose morning has come; returns how many."""
    return _digest(now) if db.session.scalar(select(Letter.id).where(*_waiting(now)).limit(1)) else 0


def _waiting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Letters that are to be told in a daily one, and whose morning has come."""
    is_daily = Letter.way == Way.DAILY
    return is_daily, Letter.sent_at.is_(None), Letter.given_up_at.is_(None), Letter.due_at <= now


@transactional
def _digest(now: datetime) -> int:
    take_locks([(Lock.LETTERS, 0)])  # of two workers the second finds them written
    found = select(Letter).where(*_waiting(now)).order_by(Letter.person_id, Letter.id)
    several = [list(own) for _, own in groupby(db.session.scalars(found).all(), key=lambda one: one.person_id)]
    return sum(_write(own, now) for own in several)


def _write(own: Iterable[Letter], now: datetime) -> int:
    """One letter in place of these of one person. Whether each may still be seen is asked when it goes out."""
    own = list(own)
    person = db.session.get(Person, own[0].person_id)
    if person is not None and person.is_active:
        made = letter("digest", person.email, person.language, now=now, person_id=person.id)
        db.session.add(made)
        db.session.flush()
        for one in own:
            one.digest_id = made.id
    for one in own:
        one.sent_at = now
    return int(person is not None and person.is_active)
