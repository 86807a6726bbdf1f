"""Approving with changes: on another unit, or for less time than was asked for, in one step."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...bookings import findings, queries
from ...bookings.allocation import keep
from ...bookings.history import Step, settle
from ...bookings.pending import end_changes
from ...bookings.series import of_one_date
from ...bookings.service.changing import stand_at
from ...bookings.service.clearing import require_cleared
from ...bookings.service.matters import matter_of, place_of, spelled, taken
from ...bookings.service.signing import Signature, sign
from ...bookings.service.waiving import in_the_way, waive_what_is_in_the_way
from ...core.lifecycle import OPEN, Action
from ...core.permissions import Actor
from ...db import OverlapError, transactional
from .errors import OutsideError
from .places import Otherwise, chosen_unit
from .proposals import proposed, to_decide


def approve_changed(
    actor: Actor,
    request_key: str,
    otherwise: Otherwise,
    *,
    version: int,
    now: datetime,
    signature: Signature | None = None,
    waiver: str = "",
) -> None:
    """Approve a booking on another unit or within the time that was asked for, with all that is decided together.

    Raises as `bookings.service.approve` does, BegunError, and OutsideError for what has to be proposed.
    """
    try:
        _approve(actor, request_key, otherwise, signature, waiver, version=version, now=now)
    except OverlapError:
        booking = queries.booking_by_key(actor, otherwise.booking_key)
        unit = chosen_unit(booking, otherwise.unit)
        raise taken(booking, otherwise.time, now, unit_id=unit.id) from None


@transactional
def _approve(
    actor: Actor,
    request_key: str,
    otherwise: Otherwise,
    signature: Signature | None,
    waiver: str,
    *,
    version: int,
    now: datetime,
) -> None:
    found, booking, unit = to_decide(actor, request_key, otherwise, version, Action.APPROVE, now)
    if not booking.time.covers(otherwise.time):
        raise OutsideError
    change = proposed(booking, unit, otherwise.time, actor, longest=timedelta(), now=now)
    open_ = [one for one in found.bookings if one.state in OPEN]
    date = next(several for several in of_one_date(open_, found.id) if booking in several)
    require_cleared(date, now)
    sign(found, date, Action.APPROVE, signature, actor=actor, now=now, change=change)
    found.version += 1
    matter, steps = matter_of(found, now), end_changes(date, actor_id=actor.person_id, now=now)
    for one in date:  # one after the other: each counts for the next
        there = change if one is booking else None
        said = findings.stored(in_the_way(one, now, there).verdict) if there else one.findings
        waive_what_is_in_the_way(one, matter, waiver, actor=actor, now=now, change=there)
        before = spelled(one)
        if there is not None:
            stand_at(one, unit, there.time, said)
        moved = {"old": before, **spelled(one)} if spelled(one) != before else {}
        event = one.take(Action.APPROVE, actor_id=actor.person_id, now=now, **moved)
        resource, site = place_of(one)
        steps.append(Step(one, Action.APPROVE, event, keep(one, resource.terms, site)))
    settle(steps, actor_id=actor.person_id, deciders=(), now=now)


def is_approved_so(actor: Actor, otherwise: Otherwise) -> bool:
    """Whether it is approved just there, and the last step was this person's doing so."""
    booking = queries.booking_by_key(actor, otherwise.booking_key)
    same = (booking.unit_id, booking.time) == (chosen_unit(booking, otherwise.unit).id, otherwise.time)
    return same and queries.last_step(booking.key) == (f"booking-{Action.APPROVE}", actor.person_id)
