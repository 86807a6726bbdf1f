"""Handing a booking over to a colleague who may book it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from ...core.buffers import held
from ...core.changing import for_a_colleague
from ...core.facts import Finding, Verdict
from ...core.language import person_name
from ...core.letters import thread_of
from ...core.lifecycle import Action, after
from ...core.permissions import Actor, Do, ForbiddenError, require
from ...core.rules import judge
from ...core.terms import Terms
from ...db import OverlapError, db, transactional
from ...models import Booking, Notice, Person, Site
from ...models.letter import letter
from ...people.bookers import Booker, booker, bookers
from .. import findings, queries
from ..allocation import keep, let_go
from ..history import Step, settle
from ..neighbours import held_around
from ..pending import end_changes
from .awaiting import asked_anew
from .matters import locked_booking, matter_of_booking, own_around, own_facts, place_of, taken


class NotForThemError(Exception):
    """The rules would not let this person have the booking; carries why, which is about that person."""

    def __init__(self, to: Booker, findings: tuple[Finding, ...]) -> None:
        super().__init__("not for them")
        self.to, self.findings = to, findings


def colleagues(actor: Actor, booking_key: str, *, now: datetime) -> list[Booker]:
    """To whom it could be handed over: whoever books for its partner and has not decided on it.

    Raises NotFoundError, ForbiddenError.
    """
    booking = queries.booking_by_key(actor, booking_key)
    require(actor, Do.HAND_OVER, matter_of_booking(booking))
    never = {booking.person_id, *queries.who_decided(booking.id)}
    return [one for one in bookers(booking.partner_id, now) if one.id not in never]


def hand_over(actor: Actor, booking_key: str, to: str, *, reason: str, version: int, now: datetime) -> str:
    """Give a booking to a colleague, by their key; what is past stays whose it was. Returns the request's key.

    Both are written to. Whoever has it already is no step. Raises NotFoundError, ForbiddenError, StaleError,
    NotPossibleError, NotForThemError, and RefusedError where buffers that were shared are not free for two people.
    """
    try:
        return _hand_over(actor, booking_key, to, reason, version=version, now=now)
    except OverlapError:
        booking = queries.booking_by_key(actor, booking_key)
        raise taken(booking, booking.time, now) from None


@transactional
def _hand_over(actor: Actor, booking_key: str, to_key: str, reason: str, *, version: int, now: datetime) -> str:
    to = booker(queries.booking_by_key(actor, booking_key).partner_id, to_key, now)
    found, booking = locked_booking(actor, booking_key, version, Do.HAND_OVER, Action.HAND_OVER, people=[to.id])
    after(booking.state, Action.HAND_OVER)
    if booking.person_id == to.id:
        return found.key
    if to.id in queries.who_decided(booking.id):
        raise ForbiddenError("nobody takes over what they have approved themselves")
    verdict = _judged(booking, to, now)
    former_id = booking.person_id
    steps = end_changes([booking], actor_id=actor.person_id, now=now)
    resource, site = place_of(booking)
    changes = _pass_on(booking, to.id, resource.terms, site)
    booking.findings = findings.stored(verdict)
    found.version += 1
    event = booking.take(
        Action.HAND_OVER, actor_id=actor.person_id, now=now, from_id=former_id, to_id=to.id, reason=reason
    )
    step = Step(booking, Action.HAND_OVER, event, changes, former_id)
    asked_anew([booking], now)  # as of whoever has it now: what was cleared for somebody else is not cleared for them
    settle([*steps, step], actor_id=actor.person_id, deciders=(), now=now)
    _write(booking, former_id, site, event.id, now)
    return found.key


def _pass_on(booking: Booking, person_id: int, terms: Terms, site: Site) -> bool:
    """Make it somebody else's: buffers are shared with their bookings, and no more with those of whose it was.

    Returns whether anything else is held than before.
    """
    if not terms.shares_buffers:
        booking.person_id = person_id
        return keep(booking, terms, site)
    place = booking.unit_id, held(booking.time, terms, site.zoneinfo)
    before = held_around(booking.claim_id, place)
    let_go(booking, terms, site)
    booking.person_id = person_id
    keep(booking, terms, site)
    return held_around(booking.claim_id, place) != before


def is_handed_over(actor: Actor, booking_key: str, to: str) -> bool:
    """Whether it is that person's, and the last step was this person's handing it over."""
    booking = queries.booking_by_key(actor, booking_key)
    is_theirs = db.session.get_one(Person, booking.person_id).key == to
    return is_theirs and queries.last_step(booking_key) == (f"booking-{Action.HAND_OVER}", actor.person_id)


def _judged(booking: Booking, to: Booker, now: datetime) -> Verdict:
    """What the rules say to it as that person's. Raises NotForThemError."""
    as_theirs = own_around(booking, booking.time, now, [booking.unit_id], taken_by=to.id)
    verdict = judge(as_theirs.on(booking.unit_id))
    as_it_is = judge(own_facts(booking, booking.time, now)[0])
    against = for_a_colleague(verdict, as_it_is)
    if against:
        raise NotForThemError(to, against)
    return verdict


def _write(booking: Booking, former_id: int, site: Site, event_id: int, now: datetime) -> None:
    """A letter to both at once; what the booking is for is read after signing in."""
    pair = (db.session.get_one(Person, former_id), db.session.get_one(Person, booking.person_id))
    for one, other in (pair, pair[::-1]):
        if one.is_active:
            said = {
                "site": site.name.text(one.language),
                "path": f"/requests/{booking.request.key}",
                "gave": one.id == former_id,
                "other": person_name(other.family_name, other.given_name, one.language),
            }
            about = {"person_id": one.id, "thread": thread_of(booking.request_id, one.id), "site_id": site.id}
            db.session.add(letter("handed-over", one.email, one.language, now=now, **about, **said))
    db.session.execute(update(Notice).where(Notice.event_id == event_id).values(sent_at=now))
