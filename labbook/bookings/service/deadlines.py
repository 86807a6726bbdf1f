"""What follows of cancelling and moving after a deadline: it is refused, the time counts, or something is charged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...core.consequences import Due, Follows, follows, follows_move
from ...core.interval import Interval
from ...core.lifecycle import State
from ...core.limits.deadline import Step
from ...core.permissions import Actor, Matter
from ...db import db
from ...models import Booking, Charge
from ...models.audit import happened
from ..binding import binding_of
from .errors import TooLateError, WorseError
from .matters import matter_of_booking

CODES = {Step.CANCEL: "late-cancel", Step.CHANGE: "late-change"}


def is_by_staff(actor: Actor, matter: Matter) -> bool:
    """Whether somebody acts for the site: its staff, but neither for themselves nor for a partner they work for."""
    own = actor.person_id in matter.person_ids or matter.partner_id in actor.partner_ids
    return matter.site_id in actor.staffed_sites and not own


def follows_of_cancelling(booking: Booking, now: datetime) -> Follows:
    """What follows of cancelling it now, for its person; only what is approved has deadlines."""
    return follows(_dues(booking, now), Step.CANCEL, booking.starts_at, now)


def follows_of_moving(booking: Booking, wanted: Interval, unit_id: int, now: datetime) -> Follows:
    """What follows of moving it there now, for its person."""
    same_unit = booking.unit_id == unit_id
    return follows_move(_dues(booking, now), booking.time, wanted, now, same_unit=same_unit)


def dues_of(bookings: Iterable[Booking], now: datetime) -> dict[str, tuple[Due, ...]]:
    """The deadlines that bind bookings, by their keys; only what is approved has some."""
    keys = [one.key for one in bookings if one.state is State.APPROVED]
    return {key: binding.dues for key, (_, binding) in binding_of(keys, now).items()} if keys else {}


def _dues(booking: Booking, now: datetime) -> tuple[Due, ...]:
    return dues_of([booking], now).get(booking.key, ())


def allow(actor: Actor, booking: Booking, told: Follows, seen: str) -> bool:
    """Let the step pass; returns whether its consequences are to be written down: for staff there are none.

    Raises TooLateError where it is refused, WorseError where more follows than was seen.
    """
    if is_by_staff(actor, matter_of_booking(booking)):
        return False
    if told.is_refused:
        raise TooLateError(told)
    if told.is_worse_than(seen):
        raise WorseError(told)
    return True


def write(actor: Actor, booking: Booking, told: Follows, now: datetime) -> None:
    """Write down what follows of a step that was taken: that the time counts, and what is charged."""
    if told.counts:
        booking.counts_anyway = True
    for money in told.charges:
        code = CODES[told.step]
        event = happened(
            "booking-charged",
            at=now,
            actor_id=actor.person_id,
            subject="booking",
            subject_id=booking.id,
            body={"code": code, "price": str(money)},
            site_id=booking.site_id,
            partner_id=booking.request.partner_id,
            request_id=booking.request_id,
            booking_id=booking.id,
            state=str(booking.state),
        )
        db.session.add(event)
        db.session.flush()
        db.session.add(
            Charge(
                booking_id=booking.id,
                site_id=booking.site_id,
                partner_id=booking.request.partner_id,
                code=code,
                amount=money.amount,
                currency=money.currency,
                event_id=event.id,
                made_at=now,
            )
        )
