"""Bookings of one person that share the time kept free between them, as holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from ..core.buffers import Neighbour, shared_anew
from ..core.interval import Interval, merged
from ..core.terms import Terms
from ..db import db
from ..models import Booking, Hold

Place = tuple[int, Interval]  # a unit, and for how long
Near = Mapping[int, Sequence[tuple[Hold, Neighbour]]]  # by unit, in order
Change = tuple[Hold, Interval]


def neighbours(person_id: int, claim_id: int, places: Iterable[Place]) -> Near:
    """The person's other bookings whose own holds overlap or touch these places, by unit; one statement.

    What a booking holds besides, of a linked resource or where it may be moved to, is shared with nobody.
    """
    wanted = list(places)
    near: dict[int, list[tuple[Hold, Neighbour]]] = {unit: [] for unit, _ in wanted}
    if not wanted:
        return near
    touches = [
        and_(Hold.unit_id == unit, Hold.ends_at >= place.start, Hold.starts_at <= place.end) for unit, place in wanted
    ]
    rows = db.session.execute(
        select(Hold, Booking)
        .join(Booking, and_(Booking.claim_id == Hold.claim_id, Booking.unit_id == Hold.unit_id))
        .where(Booking.person_id == person_id, Hold.claim_id != claim_id, or_(*touches))
        .order_by(Booking.starts_at, Hold.id)
    )
    seen: set[int] = set()
    for hold, one in rows:
        time = Interval(hold.starts_at, hold.ends_at)
        if one.id not in seen and time.covers(one.used):
            seen.add(one.id)
            near[hold.unit_id].append((hold, Neighbour(one.used, time)))
    return near


def changes_beside(
    near: Near, had: Sequence[Place], places: Sequence[Place], terms: Terms, zone: ZoneInfo
) -> list[Change]:
    """What neighbours hold otherwise once a booking that had these holds stands at these places."""
    changes: list[Change] = []
    for unit, several in near.items():
        freed = [time for one, time in had if one == unit]
        among = merged(time for one, time in places if one == unit)
        anew = shared_anew([one for _, one in several], freed, among, terms, zone)
        changes += [(hold, to) for (hold, one), to in zip(several, anew, strict=True) if to != one.hold]
    return changes
