"""What staff have waived of bookings; read in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from ..core.waivers import Named
from ..db import db
from ..models import EventDetail, Person, Waiver


class WaiverRow(NamedTuple):
    """A rule that was waived: for which booking, by whom, when and why. The reason may be erased."""

    booking_id: int
    code: str
    limit_key: str
    at: datetime
    family_name: str
    given_name: str
    body: dict[str, str] | None

    @property
    def rule(self) -> Named:
        """Which rule."""
        return self.code, self.limit_key

    @property
    def reason(self) -> str:
        """Why; empty when it is erased."""
        return (self.body or {}).get("reason", "")


def waivers_of(booking_ids: Iterable[int]) -> list[WaiverRow]:
    """The waivers in force for these bookings, the oldest first."""
    rows = db.session.execute(
        select(
            Waiver.booking_id,
            Waiver.code,
            Waiver.limit_key,
            Waiver.at,
            Person.family_name,
            Person.given_name,
            EventDetail.body,
        )
        .join(Person, Person.id == Waiver.person_id)
        .outerjoin(EventDetail, EventDetail.event_id == Waiver.event_id)
        .where(Waiver.booking_id.in_(sorted(set(booking_ids))))
        .order_by(Waiver.id)
    )
    return [WaiverRow(*row) for row in rows]
