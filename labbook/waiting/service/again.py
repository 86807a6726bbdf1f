"""Waiting for the time of a booking that was declined, with one click."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...bookings import queries as bookings
from ...bookings.service import place_of
from ...core.lifecycle import Action, NotPossibleError, State
from ...core.permissions import Actor, ForbiddenError
from ...models import Booking, Resource, Site
from ..queries import project_key
from .joining import Wanted, join

_A_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def wait_again(actor: Actor, booking_key: str, *, now: datetime) -> None:
    """Wait for the very time of a booking of one's own that was declined; to do so twice is to do it once.

    Raises NotFoundError, ForbiddenError when it is somebody else's, NotPossibleError when it was not declined, and as
    `join` does.
    """
    booking = bookings.booking_by_key(actor, booking_key)
    if booking.person_id != actor.person_id:
        raise ForbiddenError("whoever waits does so for themselves")
    if booking.state is not State.DECLINED:
        raise NotPossibleError(booking.state, Action.ASK)
    resource, site = place_of(booking)
    join(actor, _wanted(booking, resource, site), now=now)


def _wanted(booking: Booking, resource: Resource, site: Site) -> Wanted:
    found = booking.request
    return Wanted(
        f"resource:{resource.slug}",
        booking.time,
        _minutes(booking, resource, site),
        found.partner_id,
        found.title,
        found.purpose,
        project_key(found.project_id),
        booking.mode,
        booking.biosafety,
    )


def _minutes(booking: Booking, resource: Resource, site: Site) -> int:
    """How long it is, as the waiting list counts: what is booked by the day in days of the calendar."""
    if not resource.by_day:
        return booking.time.length // timedelta(minutes=1)
    first, last = (at.astimezone(site.zoneinfo).date() for at in (booking.starts_at, booking.ends_at - _MOMENT))
    return (last - first + _A_DAY) // timedelta(minutes=1)
