"""For whom a booking is, and what of the wish the rules look at besides its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom, and for which partner; `books` when that person holds a role with the partner.

    Who asks for something new must have accepted the site's conditions; a booking that exists is not held up by a new
    edition of them, least of all when staff move it. It was asked for at `asked_at`,
    and counts neither beside itself nor beside what is changed with it (`but_bookings`).
    """

    person_id: int
    partner_id: int
    books: bool = True
    asks_anew: bool = False
    project_id: int | None = None
    mode: str = ""
    biosafety: int = 0  # of the sample
    asked_at: datetime | None = None
    but_bookings: frozenset[int] = frozenset()
    options: tuple[int, ...] = ()  # the resources taken with it that it offers, by their ids
