"""Declining the rivals of a request in the step that approves it: those for whom no place is left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from ...catalogue.queries import units_of
from ...core.lifecycle import OPEN, Action, State
from ...core.permissions import Actor, Do, may
from ...core.reasons import reason_from
from ...core.rivals import GIVEN_TO_ANOTHER
from ...db import db
from ...models import Booking, Request, Unit
from .. import queries
from ..allocation import choose
from ..pending import change_of
from ..series import of_one_date
from .ending import end
from .matters import matter_of, own_around
from .signing import is_signed

MOST_RIVALS = 50  # that are declined with one approval
_LOST = {"taken", "linked"}  # codes of what an approval can take away from others


class Rivals(NamedTuple):
    """Wishes of others that are to be declined with an approval: the keys of their bookings, and what they read."""

    keys: Collection[str] = ()
    reason: str = ""


NO_RIVALS = Rivals()


def requests_of(actor: Actor, rivals: Rivals) -> list[Request]:
    """The requests that are to be locked with what is approved."""
    return list({one.request_id: one.request for one in _wished(actor, rivals.keys)}.values())


def _wished(actor: Actor, keys: Collection[str]) -> list[Booking]:
    """Those of the bookings with these keys that are wished for now, through the viewer's scope; one statement."""
    if not keys:
        return []
    found = (
        select(Booking)
        .join(Request, Request.id == Booking.request_id)
        .options(contains_eager(Booking.request))
        .where(Booking.key.in_(sorted(keys)[:MOST_RIVALS]), Booking.state == State.WISHED, queries.sees_booking(actor))
        .order_by(Booking.id)
    )
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def decline_rivals(approved: Request, rivals: Rivals, *, actor: Actor, now: datetime) -> None:
    """Decline those of the named wishes that the approval, which is written already, leaves no place for.

    They are locked like what is approved. Left alone is what is still possible, what this person may not decide on,
    what would have to be signed, and those to whom another time is proposed. What was asked for together with a wish,
    for the same date, is declined with it.
    """
    said = rivals.reason or reason_from(GIVEN_TO_ANOTHER, "")
    for booking in _wished(actor, rivals.keys):
        rival = booking.request
        is_open = booking.state is State.WISHED and rival.id != approved.id  # else declined with another one just now
        if is_open and _may_decline(actor, booking, now) and _is_lost(booking, now):
            waits = [one for one in rival.bookings if one.state in OPEN]
            date = next(date for date in of_one_date(waits, rival.id) if booking in date)
            end(rival, date, Action.DECLINE, actor, now, said, for_id=approved.id)


def _may_decline(actor: Actor, booking: Booking, now: datetime) -> bool:
    rival = booking.request
    decides = may(actor, Do.DECIDE_REQUEST, matter_of(rival, now)) and not is_signed(rival, now)
    return decides and change_of(booking) is None


def _is_lost(booking: Booking, now: datetime) -> bool:
    """Whether it is possible on no unit any more, because something else is there."""
    own = [db.session.get_one(Unit, booking.unit_id)]
    units = own if booking.unit_is_fixed else units_of(booking.resource_id) or own
    verdict = choose(units, own_around(booking, booking.time, now, [one.id for one in units]))[2]
    return bool(_LOST & {one.code for one in verdict.refusals})
