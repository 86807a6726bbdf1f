"""What whoever was declined sees on their request's page: one click, and they wait for the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..catalogue import queries as catalogue
from ..core.lifecycle import State
from ..core.offering import is_past
from ..core.permissions import Actor, Do, Matter, may
from ..web import preview, times
from .queries.declined import waited_for

LONGEST = timedelta(days=62)  # that can be waited for
MOST = 10  # times on a page; of a long series the next ones


@dataclass(frozen=True, slots=True)
class LostTime:
    """A time that was declined and is still to come."""

    key: str  # of the booking
    when: str
    zone_label: str
    waits: bool  # its person waits for it already


def lost_times(actor: Actor, found: Any, words: str, now: datetime) -> list[LostTime]:
    """The reader's own times of a request that were declined, as far as they can be waited for; two statements."""
    if preview.worn() is not None or not may(actor, Do.REQUEST_BOOKING, Matter(found.site_id, found.partner_id)):
        return []
    lost = [
        one
        for one in found.bookings
        if one.state is State.DECLINED
        and one.person_id == actor.person_id
        and one.time.length <= LONGEST
        and not is_past(one.time, one.time.length, now)
    ][:MOST]
    if not lost:
        return []
    places, waited = catalogue.places([one.unit_id for one in lost]), waited_for(one.id for one in lost)
    return [
        LostTime(
            one.key,
            times.when(one.time, places[one.unit_id].zoneinfo, words, by_day=one.by_day),
            times.zone_label(places[one.unit_id].zoneinfo, one.starts_at),
            one.id in waited,
        )
        for one in lost
    ]
