"""Making the texts of new feeds before anybody fetches them: the first answer is then as quick as the others."""

from __future__ import annotations

from datetime import datetime

from ...core.ical import makers
from .. import queries
from .answering import give_up_on, worked_out
from .holding import Base

MOST = 20  # feeds in one round


def prepare(base: Base, *, now: datetime) -> int:
    """Work out feeds of which nothing is known yet, or only what another renderer made; how many there were.

    Whoever may not follow theirs any more is judged when it is fetched.
    """
    found = queries.unprepared(makers(), MOST)
    for door in found:
        if worked_out(door._replace(now=now), base) is None:
            give_up_on(door.feed_id)
    return len(found)
