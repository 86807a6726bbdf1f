"""Another time or unit for a booking."""

from __future__ import annotations

from datetime import datetime

from ...core.changing import kind_of
from ...core.facts import Verdict
from ...core.interval import Interval
from ...core.language import N_
from ...core.lifecycle import MOVES, OPEN, Action, State, after
from ...core.permissions import Actor, Do, may, require
from ...core.terms import Sentence
from ...db import OverlapError, db, transactional
from ...models import Booking, Unit
from .. import findings, queries
from ..allocation import choose, keep
from ..facts import Around
from ..history import Step, settle
from ..pending import change_of, end_changes
from . import deadlines
from .awaiting import asked_anew
from .changing import ask_change, stand_at
from .errors import NotNowError
from .matters import (
    locked_booking,
    matter_of_booking,
    matter_to_decide,
    own_facts,
    place_of,
    refusal,
    spelled,
    taken,
    units_for,
    who_decides,
)
from .signing import is_signed
from .waiving import Allowed, allowed_at, forget_waivers, what_is_left


def move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str = ""
) -> str:
    """Give a booking another time or unit; the old time is kept until the new one is had. Returns the request's key.

    Where staff decide on the new one, a change of what is approved is asked for, and until then it stands as it is. A
    waiver was for the old time: the new one is judged anew, and what is refused keeps the old one. What waits as an
    exception may stay one. To move it to where it stands is no step. `seen` is what the page said would follow. Raises
    as `request` does, and StaleError, NotPossibleError, NotNowError, TooLateError and WorseError.
    """
    try:
        return _move(actor, booking_key, wanted, unit=unit, version=version, now=now, seen=seen)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        raise taken(booking, wanted, now, unit_id=chosen_unit(booking, unit).id) from None


@transactional
def _move(
    actor: Actor, booking_key: str, wanted: Interval, *, unit: str, version: int, now: datetime, seen: str
) -> str:
    as_it_was = queries.booking_by_key(actor, booking_key)
    chosen = chosen_unit(as_it_was, unit)
    found, booking = locked_booking(actor, booking_key, version, Do.MOVE_BOOKING, Action.MOVE, [chosen])
    _require_possible(booking, chosen, wanted, now)
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
    if asks := left.needs_review and booking.state not in OPEN and not decides(actor, booking, now):
        steps = ask_change(actor, booking, chosen, wanted, verdict, now=now)
    else:
        by = "" if binds or told.is_free else "staff"
        steps = placed(actor, booking, chosen, wanted, verdict, now=now, by=by)
    if not steps:
        return found.key  # the same is asked for already
    found.version += 1
    hear = who_decides(booking, now) if asks else asked_anew([booking], now)
    settle(steps, actor_id=actor.person_id, deciders=hear, now=now)
    if binds and not asks:
        deadlines.write(actor, booking, told, now)
    return found.key


def placed(
    actor: Actor, booking: Booking, unit: Unit, wanted: Interval, verdict: Verdict, *, now: datetime, by: str = ""
) -> list[Step]:
    """Put a booking where it may stand, with nobody told yet and no counter raised: `history.settle` does both.

    History keeps `by` whom a deadline was passed over. Raises NotPossibleError.
    """
    kind = _kind(booking, unit, wanted)
    allowed = allowed_at(booking, unit.id, wanted)
    steps = end_changes([booking], actor_id=actor.person_id, now=now)
    before = spelled(booking)
    forget_waivers(booking, allowed.waived)
    stand_at(booking, unit, wanted, findings.stored(verdict))
    event = booking.take(kind, actor_id=actor.person_id, now=now, old=before, **spelled(booking), by=by)
    resource, site = place_of(booking)
    return [*steps, Step(booking, kind, event, keep(booking, resource.terms, site))]


def _kind(booking: Booking, unit: Unit, wanted: Interval) -> Action:
    """What kind of a move it is. Of a booking that runs, only the end can still change."""
    if booking.state is State.RUNNING and (wanted.start != booking.starts_at or wanted == booking.time):
        return Action.MOVE
    return kind_of(booking.time, wanted, same_unit=booking.unit_id == unit.id)


def _require_possible(booking: Booking, unit: Unit, wanted: Interval, now: datetime) -> None:
    """Raises NotPossibleError; NotNowError where a booking that runs would have ended already."""
    after(booking.state, _kind(booking, unit, wanted))
    if booking.state is State.RUNNING and wanted.end <= now:
        raise NotNowError(Sentence(N_("Choose an end that is still to come.")))


def is_sent_twice(actor: Actor, booking_key: str, wanted: Interval, *, unit: str) -> bool:
    """Whether it stands, or is asked for, where somebody wants it, and the last step was that person's very move."""
    booking = queries.booking_by_key(actor, booking_key)
    chosen, change = chosen_unit(booking, unit), change_of(booking)
    is_asked = change is not None and not change.is_proposal
    place, actions = change if change and is_asked else booking, frozenset({Action.ASK_CHANGE}) if is_asked else MOVES
    stands = (place.unit_id, place.time) == (chosen.id, wanted)
    return stands and queries.last_step(booking_key) in {(f"booking-{one}", actor.person_id) for one in actions}


def chosen_unit(booking: Booking, key: str) -> Unit:
    """The unit of its resource with this key, or the one that it has. Raises NotFoundError."""
    resource, _ = place_of(booking)
    return units_for(resource, key)[0] if key else db.session.get_one(Unit, booking.unit_id)


def decides(actor: Actor, booking: Booking, now: datetime) -> bool:
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
    chosen = chosen_unit(booking, unit)
    around = own_facts(booking, wanted, now, unit_id=chosen.id)[1]
    return around, chosen, allowed_at(booking, chosen.id, wanted)
