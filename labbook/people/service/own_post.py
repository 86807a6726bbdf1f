"""What one person takes along of their letters, of how they chose to hear, and of what their calendar was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, or_, select

from ...models import Event, Invited, Letter, LetterChoice, Notice, Person

Rows = Select[*tuple[Any, ...]]


def _letters(person: Person) -> Rows:
    told = (Letter.kind, Letter.address, Letter.language, Letter.values, Letter.way, Letter.calendar, Letter.made_at)
    fate = (Letter.sent_at, Letter.given_up_at, Letter.fault)
    mine = or_(Letter.person_id == person.id, Letter.address == person.email)
    return select(*told, *fate).where(mine).order_by(Letter.id)


def _letter_choices(person: Person) -> Rows:
    return select(LetterChoice.topic, LetterChoice.way).where(LetterChoice.person_id == person.id)


def _told_to_calendar(person: Person) -> Rows:
    told = (Invited.uid, Invited.sequence, Invited.is_cancelled, Invited.told, Invited.at)
    return select(*told).where(Invited.person_id == person.id)


def _notices(person: Person) -> Rows:
    told = (Event.code, Notice.channel, Notice.created_at, Notice.read_at)
    found = select(*told).join(Event, Event.id == Notice.event_id)
    return found.where(Notice.person_id == person.id).order_by(Notice.id)


SECTIONS: dict[str, Callable[[Person], Rows]] = {
    "letters": _letters,
    "letter_choices": _letter_choices,
    "told_to_calendar": _told_to_calendar,
    "notices": _notices,
}
