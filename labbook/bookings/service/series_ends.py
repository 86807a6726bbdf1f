"""Cancelling and taking back dates of a series: some of them, one and the following, or all that are to come."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...core.consequences import Follows, follows
from ...core.lifecycle import Action, State
from ...core.limits.deadline import Step as Due
from ...core.permissions import Actor, Do, ForbiddenError, may
from ...db import transactional
from ...models import Booking
from ..history import WHOLE, Step, settle
from ..series import Day, is_ahead
from . import deadlines
from .ending import ended
from .errors import OtherwiseError
from .matters import matter_of_booking, matter_to_withdraw
from .series import Opened, locked_series, open_series


@dataclass(frozen=True, slots=True)
class Ending:
    """A booking that would end, by which step, and what follows."""

    booking: Booking
    action: Action
    told: Follows
    binds: bool  # what follows counts for whoever does it


@dataclass(frozen=True, slots=True)
class DayEnding:
    """A date with its bookings that would end."""

    day: Day
    endings: tuple[Ending, ...]

    @property
    def is_possible(self) -> bool:
        """No deadline has passed that refuses it."""
        return not any(one.told.is_refused and one.binds for one in self.endings)


def look_at_ends(actor: Actor, key: str, since: str, *, now: datetime) -> list[DayEnding]:
    """What of the dates from one on (empty: of all) can end, and what follows of that.

    Raises NotFoundError, NotPossibleError; ForbiddenError when none of it is this person's to end.
    """
    return _ends(actor, open_series(actor, key), since, now)


@transactional
def end_dates(
    actor: Actor, key: str, since: str, names: Collection[str], *, reason: str, version: int, seen: str, now: datetime
) -> int:
    """Cancel what is approved of these dates, and take back what waits. Returns how many dates that are.

    `since` and `seen` are what the page has shown. Raises NotFoundError, ForbiddenError, NotPossibleError, StaleError,
    OtherwiseError.
    """
    opened = locked_series(actor, key, version)
    found = _ends(actor, opened, since, now)
    wanted = [one for one in found if one.day.names[opened.number] in names]
    if seen_of(found) != seen or len(wanted) != len(set(names)) or not all(one.is_possible for one in wanted):
        raise OtherwiseError
    endings = [one for day in wanted for one in day.endings]
    opened.request.version += 1
    steps: list[Step] = []
    for one in endings:
        steps += _ended(actor, one, reason, now)
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)
    for one in endings:
        if one.binds:
            deadlines.write(actor, one.booking, one.told, now)
    return len(wanted)


def are_over(opened: Opened, names: Collection[str], now: datetime) -> bool:
    """Whether these dates have ended already."""
    days = [one for one in opened.repeated.days if one.names[opened.number] in names]
    return bool(days) and not any(one.is_ahead(now) for one in days)


def seen_of(found: Sequence[DayEnding]) -> str:
    """What a form sends back of what it has shown."""
    parts = [f"{one.booking.key} {one.action} {one.told.seen}" for day in found for one in day.endings]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _ends(actor: Actor, opened: Opened, since: str, now: datetime) -> list[DayEnding]:
    days = opened.repeated.days[opened.first_to_come(since, now) :]
    several = [(day, [one for one in day.made if is_ahead(one, now) and _may(actor, one)]) for day in days]
    if not any(bookings for _, bookings in several):
        raise ForbiddenError
    dues = deadlines.dues_of((one for _, bookings in several for one in bookings), now)
    return [
        DayEnding(
            day,
            tuple(
                Ending(
                    one,
                    _ACTIONS.get(one.state, Action.WITHDRAW),
                    follows(dues.get(one.key, ()), Due.CANCEL, one.starts_at, now),
                    not deadlines.is_by_staff(actor, matter_of_booking(one)),
                )
                for one in bookings
            ),
        )
        for day, bookings in several
        if bookings
    ]


_ACTIONS = {State.APPROVED: Action.CANCEL}


def _may(actor: Actor, booking: Booking) -> bool:
    if booking.state is State.APPROVED:
        return may(actor, Do.CANCEL_BOOKING, matter_of_booking(booking))
    return may(actor, Do.WITHDRAW_REQUEST, matter_to_withdraw(booking.request))


def _ended(actor: Actor, one: Ending, reason: str, now: datetime) -> list[Step]:
    by = "" if one.binds or one.told.is_free else "staff"
    counts = WHOLE if one.binds and one.told.counts else ""
    return ended(one.booking, one.action, actor, now, reason, by=by, counts=counts)
