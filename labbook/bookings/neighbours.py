"""Bookings of one person that share the time kept free between them, as holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select, union_all

from ..core.buffers import Neighbour, shared_anew
from ..core.interval import Interval, merged
from ..core.lifecycle import State
from ..core.terms import Terms
from ..db import db
from ..models import Booking, Hold, Offer, PendingChange, Wait

Place = tuple[int, Interval]  # a unit, and for how long
Near = Mapping[int, Sequence[tuple[Hold, Neighbour]]]  # by unit, in order
Change = tuple[Hold, Interval]


def neighbours(person_id: int, claim_id: int, places: Iterable[Place]) -> Near:
    """What else the person has on these units, with own holds that overlap or touch these places; one statement.

    That is where their other bookings are, where those may be moved to, and what is offered to them. What is held
    besides, of a linked resource, is shared with nobody.
    """
    wanted = list(places)
    near: dict[int, list[tuple[Hold, Neighbour]]] = {unit: [] for unit, _ in wanted}
    if not wanted:
        return near
    touches = [
        and_(Hold.unit_id == unit, Hold.ends_at >= place.start, Hold.starts_at <= place.end) for unit, place in wanted
    ]
    stands = _STANDS.c
    rows = db.session.execute(
        select(Hold, stands.starts_at, stands.ends_at)
        .join(_STANDS, and_(stands.claim_id == Hold.claim_id, stands.unit_id == Hold.unit_id))
        .where(Hold.claim_id != claim_id, or_(*touches))
        .order_by(stands.starts_at, Hold.id),
        {"person_id": person_id},
    )
    seen: set[tuple[int, Interval]] = set()
    for hold, start, end in rows:
        held, stands_at = Interval(hold.starts_at, hold.ends_at), Interval(start, end)
        about = (hold.claim_id, stands_at)
        if about not in seen and held.covers(stands_at) and all(hold is not one for one, _ in near[hold.unit_id]):
            seen.add(about)
            near[hold.unit_id].append((hold, Neighbour(stands_at, held)))
    return near


def holds_just(booking: Booking, places: Iterable[Place]) -> bool:
    """Whether a booking holds these units and times, with its buffers, and nothing else; never if these are none."""
    holds = db.session.scalars(select(Hold).where(Hold.claim_id == booking.claim_id))
    own = sorted((one.unit_id, Interval(one.starts_at, one.ends_at)) for one in holds)
    return bool(own) and own == sorted(places)


def held_around(claim_id: int, place: Place) -> frozenset[tuple[int, Place]]:
    """What a claim holds, and what is held where it is to be or next to that, by claims: with whom it might share."""
    unit, time = place
    near = and_(Hold.unit_id == unit, Hold.ends_at >= time.start, Hold.starts_at <= time.end)
    rows = db.session.scalars(select(Hold).where(or_(Hold.claim_id == claim_id, near)))
    return frozenset((one.claim_id, (one.unit_id, Interval(one.starts_at, one.ends_at))) for one in rows)


_WHOSE: BindParameter[int] = bindparam("person_id")
_STANDS = union_all(
    select(
        Booking.claim_id,
        Booking.unit_id,
        Booking.starts_at,
        func.coalesce(Booking.used_until, Booking.ends_at).label("ends_at"),
    ).where(Booking.person_id == _WHOSE, Booking.state != State.WISHED),  # which stands nowhere yet
    select(Booking.claim_id, PendingChange.unit_id, PendingChange.starts_at, PendingChange.ends_at)
    .join(Booking, Booking.id == PendingChange.booking_id)
    .where(Booking.person_id == _WHOSE),
    select(Offer.claim_id, Offer.unit_id, Offer.starts_at, Offer.ends_at)
    .join(Wait, Wait.id == Offer.wait_id)
    .where(Wait.person_id == _WHOSE, Offer.answered_at.is_(None)),
).subquery("stands")


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
