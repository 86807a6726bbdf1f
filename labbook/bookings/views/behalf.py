"""Whom somebody may book for besides themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...core.language import person_name
from ...core.permissions import Actor, Do, Matter, may
from ...people.bookers import Booked, bookers_at


@dataclass(frozen=True, slots=True)
class Behalf:
    """People of partners, as a form offers them."""

    people: list[Booked]

    @property
    def partner_ids(self) -> dict[str, int]:
        """The partners' ids by keys."""
        return {one.partner_key: one.partner_id for one in self.people}

    def choices(self, language: str) -> list[tuple[str, str]]:
        """The keys of partner and person, and both names."""
        return [
            (
                f"{one.partner_key}/{one.person.key}",
                f"{person_name(one.person.family_name, one.person.given_name, language)}"
                f" · {one.partner_name.text(language)}",
            )
            for one in self.people
        ]


def on_behalf(actor: Actor, site_id: int, now: datetime) -> Behalf:
    """Everybody at a site whom this person may book for; one statement, and none for most people."""
    led = {one for one in actor.partner_ids if may(actor, Do.BOOK_FOR_ANOTHER, Matter(site_id, one))}
    is_staff = may(actor, Do.BOOK_FOR_ANOTHER, Matter(site_id))
    if not led and not is_staff:
        return Behalf([])
    found = bookers_at(site_id, now, None if is_staff else led)
    return Behalf([one for one in found if one.person.id != actor.person_id])
