"""Which booking renews which, and whether the time after one is taken: reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from ..core.interval import Interval
from ..core.lifecycle import OVER, State
from ..db import db
from ..models import Booking, Event, Hold, Request

RENEWED, RENEWS = "booking-renewed", "booking-renews"
"""What the history of the earlier and of the later booking says; each event names the other one as its subject."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A booking that was asked for to follow another one."""

    earlier_id: int
    earlier_request: str
    earlier_time: Interval
    later_id: int
    later_request: str
    later_time: Interval
    state: State  # of the later one

    @property
    def stands(self) -> bool:
        """It was not declined, withdrawn, cancelled or left undecided."""
        return self.state not in OVER or self.state in (State.FINISHED, State.RELEASED)


def renewals_of(booking_ids: Collection[int]) -> list[Renewal]:
    """The renewals from or to these bookings, in the order of asking; one statement."""
    earlier, later = aliased(Booking), aliased(Booking)
    first, second = aliased(Request), aliased(Request)
    ids = sorted(booking_ids)
    rows: Iterable[Any] = db.session.execute(
        select(
            *(earlier.id, first.key, earlier.starts_at, earlier.ends_at),
            *(later.id, second.key, later.starts_at, later.ends_at, later.state),
        )
        .select_from(Event)
        .join(later, later.id == Event.booking_id)
        .join(second, second.id == later.request_id)
        .join(earlier, earlier.id == Event.subject_id)
        .join(first, first.id == earlier.request_id)
        .where(
            Event.code == RENEWS,
            or_(Event.booking_id.in_(ids), and_(Event.subject == "booking", Event.subject_id.in_(ids))),
        )
        .order_by(Event.id)
    )
    return [
        Renewal(one[0], one[1], Interval(one[2], one[3]), one[4], one[5], Interval(one[6], one[7]), one[8])
        for one in rows
    ]


def taken_from(wanted: Mapping[int, Interval], *, but_claims: Collection[int]) -> dict[int, datetime]:
    """When another claim's hold begins within a wanted time, the first of each unit that has one; one statement."""
    if not wanted:
        return {}
    within = [
        and_(Hold.unit_id == unit, Hold.ends_at > time.start, Hold.starts_at < time.end)
        for unit, time in sorted(wanted.items())
    ]
    rows = db.session.execute(
        select(Hold.unit_id, func.min(Hold.starts_at))
        .where(or_(*within), Hold.claim_id.not_in(sorted(but_claims)))
        .group_by(Hold.unit_id)
    )
    return {row[0]: row[1] for row in rows}
