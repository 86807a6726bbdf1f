"""What the verbs have in common: the matter, its place, its facts, its locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ...catalogue.links import units_beside
from ...catalogue.queries import units_of
from ...core.facts import Facts, Verdict
from ...core.free import with_taken
from ...core.interval import Interval
from ...core.lifecycle import OPEN, OVER, Action, NotPossibleError, request_state
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks
from ...models import Booking, PendingChange, Request, Resource, Site, Unit
from ...people.queries import deciders
from ...rules.queries import keeps_apart
from .. import queries, steps
from ..facts import Around, Whose, facts_for
from ..pending import change_of
from .errors import RefusedError, StaleError


def matter_of(found: Request, now: datetime) -> Matter:
    """What a request is, as far as permission depends on it; on this day, since stand-ins decide on some days only."""
    whose = frozenset({found.person_id, found.asked_by_id, *(booking.person_id for booking in found.bookings)})
    turn = steps.turn_with([one for one in found.bookings if one.state in OPEN] or found.bookings, whose, now)
    return Matter(found.site_id, found.partner_id, whose, approver_ids=turn.people, cleared_by=turn.but)


def matter_to_withdraw(found: Request) -> Matter:
    """The same for taking it back: of those whose bookings wait, and of whoever asked on somebody's behalf."""
    on_behalf = {found.asked_by_id} - {found.person_id}
    waiting = [booking for booking in found.bookings if booking.state in OPEN] or found.bookings
    return Matter(found.site_id, found.partner_id, frozenset({*(one.person_id for one in waiting), *on_behalf}))


def matter_of_booking(booking: Booking) -> Matter:
    """What a booking is, as far as permission depends on it: whose it is now, and who asked for it on their behalf."""
    found = booking.request
    on_behalf = {found.asked_by_id} - {found.person_id}
    return Matter(found.site_id, found.partner_id, frozenset({booking.person_id, *on_behalf}))


def matter_to_decide(booking: Booking, now: datetime, *, resource_id: int | None = None) -> Matter:
    """The same for whoever decides on it, or on its change: with those who do for its resource, or another, today.

    Nobody does on what they asked for, or had cleared for safety. A change of what is decided takes one step.
    """
    whose = _whose_wish(booking)
    turn = steps.turn_with([booking], whose, now, resource_id=resource_id)
    return replace(matter_of_booking(booking), person_ids=whose, approver_ids=turn.people, cleared_by=turn.but)


def _whose_wish(booking: Booking) -> frozenset[int]:
    """Whose it is, for whom and by whom it was asked for, and by whom a change of it that waits."""
    found, change = booking.request, None if booking.state in OPEN else change_of(booking)
    return frozenset({booking.person_id, found.person_id, found.asked_by_id, *([change.asked_by_id] if change else [])})


def matter_of_change(booking: Booking, change: PendingChange) -> Matter:
    """A change that waits, for taking it back: that is for those whose booking it is, and for whoever asked for it."""
    matter = matter_of_booking(booking)
    return replace(matter, person_ids=matter.person_ids | {change.asked_by_id})


def place_of(booking: Booking) -> tuple[Resource, Site]:
    """The booking's resource and site."""
    return db.session.get_one(Resource, booking.resource_id), db.session.get_one(Site, booking.site_id)


def units_for(resource: Resource, key: str) -> list[Unit]:
    """The unit with this key, or all units when no key is given. Raises NotFoundError when there is none."""
    units = [one for one in units_of(resource.id) if not key or one.key == key]
    if not units:
        raise NotFoundError
    return units


def own_facts(booking: Booking, wanted: Interval, now: datetime, *, unit_id: int | None = None) -> tuple[Facts, Around]:
    """The facts of a booking that exists already: its own holds do not count against it."""
    around = own_around(booking, wanted, now, [unit_id or booking.unit_id])
    return around.on(unit_id or booking.unit_id), around


def own_around(
    booking: Booking, wanted: Interval, now: datetime, units: Iterable[int], *, taken_by: int | None = None
) -> Around:
    """The same on some units of its resource; as if somebody else had asked for it, where that person takes it over."""
    resource, site = place_of(booking)
    return facts_for(
        resource,
        site,
        wanted,
        whose=Whose(
            taken_by or booking.person_id,
            booking.partner_id,
            asks_anew=taken_by is not None,
            project_id=booking.project_id,
            mode=booking.mode,
            biosafety=booking.biosafety,
            asked_at=booking.created_at,
            but_bookings=frozenset({booking.id}),
            options=tuple(booking.options or ()),
        ),
        units=units,
        now=now,
        but_claims=[booking.claim_id],
    )


def refusal(verdict: Verdict, facts: Facts, around: Around) -> RefusedError:
    """The error that says so; the nearest free times are looked for when it is shown, not while locks are held."""
    return RefusedError(verdict, facts, around.window)


def taken(booking: Booking, wanted: Interval, now: datetime, *, unit_id: int | None = None) -> RefusedError:
    """The error for a booking whose time somebody else was quicker to take, whatever the rules say of it now."""
    facts, around = own_facts(booking, wanted, now, unit_id=unit_id)
    return refusal(with_taken(Verdict(()), facts), facts, around)


def spelled(booking: Booking) -> dict[str, str]:
    """The booking's time and unit as history keeps them."""
    unit = db.session.get_one(Unit, booking.unit_id).name
    return {"starts": booking.starts_at.isoformat(), "ends": booking.ends_at.isoformat(), "unit": unit}


def worked(booking: Booking) -> dict[str, str]:
    """The kind of work and the level of the sample as history keeps them; neither where it was not asked for."""
    level = f"BSL-{booking.biosafety}" if booking.biosafety else ""
    return {"mode": booking.mode, "biosafety": level}


def site_lock(site_id: int, partner_id: int) -> dict[str, list[tuple[Lock, int]]]:
    """How asks share a site: in parallel, but one after the other for a partner that is kept apart from others there.

    Which of its rivals' holds stand in its way is known only once they cannot ask at the same time.
    """
    lock = [(Lock.SITE, site_id)]
    return {"wanted": lock, "shared": []} if keeps_apart(site_id, partner_id) else {"wanted": [], "shared": lock}


def unit_locks(resource_ids: Iterable[int], site_id: int) -> list[tuple[Lock, int]]:
    """The locks of all units that bookings of these resources might hold besides their own."""
    return [(Lock.UNIT, one) for one in units_beside(resource_ids, site_id)]


def locked(actor: Actor, found: Request, units: Iterable[int] = (), *, besides: Sequence[Request] = ()) -> Request:
    """Take the request's locks, those of more units and requests among them, then read it again."""
    lock_all([found, *besides], units)
    return queries.request_by_key(actor, found.key)


def lock_all(several: Sequence[Request], units: Iterable[int] = ()) -> None:
    """Take the locks of requests, and of more units."""
    sites = [site_lock(one.site_id, one.partner_id) for one in several]
    bookings = [booking for one in several for booking in one.bookings]
    wanted = [one for site in sites for one in site["wanted"]]
    take_locks(
        [
            *wanted,
            *((Lock.AGREEMENT, one.partner_id) for one in several),
            *((Lock.PERSON, one) for one in {*(found.person_id for found in several), *_people(bookings)}),
            *((Lock.UNIT, booking.unit_id) for booking in bookings),
            *((Lock.UNIT, one) for one in units),
            *(
                lock
                for found in several
                for lock in unit_locks({booking.resource_id for booking in found.bookings}, found.site_id)
            ),
        ],
        shared={one for site in sites for one in site["shared"]} - set(wanted),
    )


def _people(bookings: Iterable[Booking]) -> set[int]:
    return {booking.person_id for booking in bookings}


def locked_booking(
    actor: Actor,
    booking_key: str,
    version: int,
    do: Do,
    action: Action,
    units: Iterable[Unit] = (),
    *,
    people: Iterable[int] = (),
) -> tuple[Request, Booking]:
    """Take a booking's locks, those of more units and people among them, then read it again with its request.

    Raises NotFoundError, ForbiddenError, NotPossibleError when nothing can become of it, StaleError for an old page.
    """
    booking = queries.booking_by_key(actor, booking_key)
    site = site_lock(booking.site_id, booking.partner_id)
    take_locks(
        [
            *site["wanted"],
            (Lock.AGREEMENT, booking.partner_id),
            *((Lock.PERSON, one) for one in {booking.person_id, *people}),
            (Lock.UNIT, booking.unit_id),
            *((Lock.UNIT, unit.id) for unit in units),
            *unit_locks({booking.resource_id}, booking.site_id),
        ],
        shared=site["shared"],
    )
    booking = queries.booking_by_key(actor, booking_key)
    found = booking.request
    require(actor, do, matter_of_booking(booking))
    if booking.state in OVER:
        raise NotPossibleError(booking.state, action)
    if booking.version != version:
        raise StaleError
    return found, booking


def still_open(found: Request, version: int, action: Action) -> list[Booking]:
    """What of a request waits. Raises NotPossibleError when nothing does, StaleError for an old page."""
    open_ = [one for one in found.bookings if one.state in OPEN]
    if not open_:
        raise NotPossibleError(request_state(one.state for one in found.bookings), action)
    if found.version != version:
        raise StaleError
    return open_


def who_decides(booking: Booking, now: datetime) -> list[int]:
    """Who decides on a booking: the people named for its resource but for those who ask, else the site's staff."""
    whose = _whose_wish(booking)
    turn = steps.turn_with([booking], whose, now)
    return [one for one in deciders(booking.site_id, turn.people - whose - turn.but, now) if one not in turn.but]
