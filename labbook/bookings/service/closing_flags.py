"""Suspending what lies under a closure; its people are told by the closing, once each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ...core.flags import Choice, Lost
from ...db import db
from ...models import Booking, Flag
from ...models.audit import happened


def flag_closed(
    bookings: Sequence[Booking], closing: str, *, actor_id: int, now: datetime
) -> tuple[list[tuple[Flag, Booking]], set[int]]:
    """Flag these bookings for what was closed in one go, named by `closing`; returns all, and which are flagged anew.

    What staff have kept under another closure is to be decided again. What waits for a decision already, waits on.
    """
    known = _known([one.id for one in bookings])
    flagged, anew = [], set()
    for booking in bookings:
        flag = known.get(booking.id)
        if flag is not None and (flag.settled_at is None or (flag.choice, flag.closing) == (Choice.KEPT, closing)):
            flagged.append((flag, booking))
            continue
        if flag is None:
            flag = Flag(booking_id=booking.id, site_id=booking.site_id, code=str(Lost.CLOSED))
            db.session.add(flag)
        flag.raised_at, flag.settled_at, flag.choice, flag.closing = now, None, None, closing
        db.session.add(
            happened(
                "booking-closed-over",
                at=now,
                actor_id=actor_id,
                subject="booking",
                subject_id=booking.id,
                body={"code": str(Lost.CLOSED), "closing": closing},
                site_id=booking.site_id,
                partner_id=booking.partner_id,
                request_id=booking.request_id,
                booking_id=booking.id,
                state=str(booking.state),
            )
        )
        flagged.append((flag, booking))
        anew.add(booking.id)
    db.session.flush()
    return flagged, anew


def _known(booking_ids: Sequence[int]) -> dict[int, Flag]:
    flags = db.session.scalars(select(Flag).where(Flag.booking_id.in_(booking_ids), Flag.code == Lost.CLOSED))
    return {one.booking_id: one for one in flags}
