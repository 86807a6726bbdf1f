"""A partner's coordinators hear of everybody whom somebody else brings into their organisation."""

from __future__ import annotations

from datetime import datetime

from ...core.language import person_name
from ...core.permissions import Actor, Role
from ...db import db
from ...models import Invitation, Partner, Person
from ...models.letter import letter
from .. import directory


def tell_of_invitation(actor: Actor, partner: Partner, found: Invitation, *, now: datetime) -> None:
    """Write to the partner's coordinators that somebody was invited, unless one of them did it."""
    for reader in _readers(actor, partner, now):
        _write(actor, partner, reader, found.role, found.email, "invited", now)


def tell_of_role(actor: Actor, partner: Partner, person: Person, role: Role, *, now: datetime) -> None:
    """Write to the partner's coordinators that somebody was given a role there, unless one of them did it."""
    for reader in _readers(actor, partner, now):
        if reader.id != person.id:
            name = person_name(person.family_name, person.given_name, reader.language)
            _write(actor, partner, reader, role, name, "given", now)


def _readers(actor: Actor, partner: Partner, now: datetime) -> list[Person]:
    if (partner.id, Role.COORDINATOR) in actor.partners:
        return []
    return directory.holders_of(Role.COORDINATOR, now, partner_id=partner.id)


def _write(actor: Actor, partner: Partner, reader: Person, role: Role, who: str, change: str, now: datetime) -> None:
    words = reader.language
    db.session.add(
        letter(
            "brought-in",
            reader.email,
            words,
            now=now,
            person_id=reader.id,
            by=person_name(actor.family_name, actor.given_name, words),
            who=who,
            place=partner.name.text(words),
            role=str(role),
            change=change,
        )
    )
