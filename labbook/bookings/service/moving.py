"""Another time or unit for a booking."""

from __future__ import annotations

from datetime import datetime

from ...core.facts import Verdict
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.lifecycle import OPEN, Action, State, after
from ...core.permissions import Actor, Do, may, require
from ...db import OverlapError, db, transactional
from ...models import Booking, Unit
from .. import findings, queries
from ..allocation import choose, keep, wall
from ..facts import Around
from ..history import Step, settle
from . import deadlines
from .matters import (
    locked_booking,
    matter_of_booking,
    matter_to_decide,
    own_facts,
    place_of,
    refusal,
    spelled,
    units_for,
    who_decides,
)
from .signing import is_signed
from .waiving import Allowed, allowed_at, forget_waivers, what_is_left


def move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str = ""
) -> str:
    """Give a booking another time or unit; the old time is kept until the new one is had. Returns the request's key.

    A waiver was for the old time: the new one is judged anew, and what is refused keeps the old one. What waits as an
    exception may stay one. To move it to where it stands is no step. `seen` is what the page said would follow. Raises
    as `request` does, and StaleError, NotPossibleError, TooLateError and WorseError.
    """
    try:
        return _move(actor, booking_key, wanted, unit=unit, version=version, now=now, seen=seen)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        facts, around = own_facts(booking, wanted, now)
        raise refusal(with_taken(Verdict(()), facts), facts, around) from None


@transactional
def _move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str
) -> str:
    as_it_was = queries.booking_by_key(actor, booking_key)
    resource, site = place_of(as_it_was)
    chosen = units_for(resource, unit)[0] if unit else db.session.get_one(Unit, as_it_was.unit_id)
    found, booking = locked_booking(actor, booking_key, version, Do.MOVE_BOOKING, Action.MOVE, [chosen])
    after(booking.state, Action.MOVE)
    if (booking.unit_id, booking.time) == (chosen.id, wanted):
        return found.key  # it stands there already: nothing happened, and no feed has changed
    facts, around = own_facts(booking, wanted, now, unit_id=chosen.id)
    _, facts, verdict = choose([chosen], around)
    allowed = allowed_at(booking, chosen.id, wanted)
    left = what_is_left(verdict, allowed)
    if left.is_refused:
        raise refusal(left, facts, around)
    told = deadlines.follows_of_moving(booking, wanted, chosen.id, now)
    binds = deadlines.allow(actor, booking, told, seen)
    forget_waivers(booking, allowed.waived)
    before = spelled(booking)
    asks_again = left.needs_review and booking.state is State.APPROVED and not _decides(actor, booking, now)
    booking.unit_id = chosen.id
    booking.starts_at, booking.ends_at = wanted.start, wanted.end
    booking.wall_start, booking.wall_end = wall(wanted.start, site), wall(wanted.end, site)
    booking.findings = findings.stored(verdict)
    booking.checked_in_at = None  # it was for the old time
    found.version += 1
    action, by = Action.ASK_AGAIN if asks_again else Action.MOVE, "" if binds or told.is_free else "staff"
    event = booking.take(action, actor_id=actor.person_id, now=now, old=before, **spelled(booking), by=by)
    changes_holds = keep(booking, resource.terms, site)
    hear = who_decides(booking, now) if booking.state in OPEN else []
    settle([Step(booking, action, event, changes_holds)], actor_id=actor.person_id, deciders=hear, now=now)
    if binds:
        deadlines.write(actor, booking, told, now)
    return found.key


def _decides(actor: Actor, booking: Booking, now: datetime) -> bool:
    """Whether moving it is a decision already: by one who decides on it, and where no decision has to be signed."""
    return may(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now)) and not is_signed(booking.request, now)


def look_at_move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, now: datetime
) -> tuple[Around, Unit, Allowed]:
    """The facts of a move without locks, for findings as one types, and what does not stand in the way.

    Raises NotFoundError, ForbiddenError.
    """
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.MOVE_BOOKING, matter_of_booking(booking))
    resource, _ = place_of(booking)
    chosen = units_for(resource, unit)[0] if unit else db.session.get_one(Unit, booking.unit_id)
    around = own_facts(booking, wanted, now, unit_id=chosen.id)[1]
    return around, chosen, allowed_at(booking, chosen.id, wanted)
