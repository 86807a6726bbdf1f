"""Which unit, and the holds that keep it. The only place that writes holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select, update

from ..core.allocating import best_fit
from ..core.buffers import held, held_beside
from ..core.facts import Facts, Verdict
from ..core.interval import Interval, merged, overlaid
from ..core.lifecycle import HOLDS_TIME, OVER, USED
from ..core.linked import Linked, hold_of_linked
from ..core.rules import judge
from ..core.terms import Terms
from ..db import OverlapError, db
from ..models import Booking, Hold, Offer, PendingChange, Resource, Series, Site, Unit, Wait
from .facts import Around, window_around
from .linked import linked_with
from .neighbours import Change, Near, Place, changes_beside, neighbours


def choose(units: Sequence[Unit], around: Around) -> tuple[Unit, Facts, Verdict]:
    """Of the units on which the booking is possible that on which it leaves the largest runs free for others.

    With it its facts and verdict. Else the first on which staff could allow it nevertheless, else the first of all.
    """
    refused: list[tuple[Unit, Facts, Verdict]] = []
    for unit in _by_fit(units, around):
        facts = around.on(unit.id)
        verdict = judge(facts)
        if not verdict.is_refused:
            return unit, facts, verdict
        refused.append((unit, facts, verdict))
    return next((one for one in refused if one[2].is_waivable), refused[0])


def _by_fit(units: Sequence[Unit], around: Around) -> list[Unit]:
    """The best fit first; those that are taken last, in their order."""
    if len(units) < 2:
        return list(units)
    hold = held(around.facts.wanted, around.facts.terms, around.facts.zone)
    fitting = best_fit(hold, ((one, merged(around.taken.all[one.id])) for one in units), around.window)
    return [*fitting, *(one for one in units if one not in fitting)]


# --- holds of bookings ------------------------------------------------------------------------------------------------


def keep(booking: Booking, terms: Terms, site: Site) -> bool:
    """Make the booking's holds what its state and time demand; the database refuses what overlaps.

    Where it may be moved is held as well. Where buffers are shared, its neighbours of the same person have theirs anew.
    Returns whether anything changed.
    """
    return _settle(_kept(booking, _places(booking)), terms, site)


def keep_new(booking: Booking, terms: Terms, site: Site, *, is_linked: bool) -> None:
    """The holds of a booking that has none yet; of what shares nothing with others they are written with the booking.

    `is_linked` where other resources are held with it: so many bookings at once cost hardly more than one.
    """
    if booking.holds_time and not (is_linked or terms.shares_buffers):
        time = held(booking.time, terms, site.zoneinfo)
        hold = Hold(unit_id=booking.unit_id, claim=booking.claim, starts_at=time.start, ends_at=time.end)
        db.session.add(hold)
    elif booking.holds_time:
        db.session.flush()
        _settle(_kept(booking, [(booking.unit_id, booking.time)]), terms, site, is_new=True)


def let_go(booking: Booking, terms: Terms, site: Site) -> None:
    """Remove the booking's holds; neighbours that shared buffers with it have theirs in full again."""
    _settle(_kept(booking, []), terms, site)


def let_go_all(bookings: Sequence[Booking], terms: Terms, site: Site) -> None:
    """The same for several bookings of one resource."""
    if terms.shares_buffers:
        for one in bookings:
            let_go(one, terms, site)
    else:
        db.session.execute(delete(Hold).where(Hold.claim_id.in_([one.claim_id for one in bookings])))


def cut(booking: Booking, terms: Terms, site: Site) -> bool:
    """Shorten the booking's holds to what was used of it, and the clean-down after that.

    Returns whether that changed what is held; the booking's own holds never become longer.
    """
    return _settle(_kept(booking, [(booking.unit_id, booking.used)]), terms, site, only_less=True)


def change_units(bookings: Mapping[Booking, int]) -> None:
    """Let bookings change to other units of their resources, all in one go: so two may take each other's place.

    What is linked with them stays. Those that hold nothing are just noted there.
    """
    anew: list[Hold] = []
    for booking, unit in bookings.items():
        for hold in db.session.scalars(select(Hold).where(Hold.claim_id == booking.claim_id)):
            if hold.unit_id == booking.unit_id:
                anew.append(Hold(unit_id=unit, claim_id=hold.claim_id, starts_at=hold.starts_at, ends_at=hold.ends_at))
                db.session.delete(hold)
        booking.unit_id = unit
    db.session.flush()
    db.session.add_all(anew)
    db.session.flush()


def used_up_to(booking: Booking, now: datetime) -> datetime:
    """Until when a booking that is given back now counts as used: through the minute that runs."""
    begun = now.replace(second=0, microsecond=0)
    until = begun if begun == now else begun + _MINUTE
    return min(max(until, booking.starts_at + _MINUTE), booking.ends_at)


_MINUTE = timedelta(minutes=1)


# --- holds of offers --------------------------------------------------------------------------------------------------


def keep_offer(offer: Offer, terms: Terms, site: Site) -> bool:
    """Hold what is offered, as a booking of whoever waits would; the database refuses what overlaps."""
    return _settle(_offered(offer, [(offer.unit_id, Interval(offer.starts_at, offer.ends_at))]), terms, site)


def let_go_offer(offer: Offer, terms: Terms, site: Site) -> bool:
    """Remove the holds of an offer, as before it becomes a booking; returns whether there were any."""
    return _settle(_offered(offer, []), terms, site)


# --- what is to be held -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kept:
    """What holds are made for: the claim of a booking or an offer, and whose; units and times without buffers."""

    claim_id: int
    person_id: int
    resource_id: int
    options: Sequence[int]
    places: Sequence[Place]


def _kept(booking: Booking, places: Sequence[Place]) -> _Kept:
    return _Kept(booking.claim_id, booking.person_id, booking.resource_id, booking.options or (), places)


def _offered(offer: Offer, places: Sequence[Place]) -> _Kept:
    person_id = db.session.get_one(Wait, offer.wait_id).person_id
    return _Kept(offer.claim_id, person_id, offer.resource_id, (), places)


def _places(booking: Booking) -> list[Place]:
    """Its unit and time where its state holds them, and those it may be moved to, or that staff propose for it."""
    if booking.state in USED:
        return [(booking.unit_id, booking.used)]
    if booking.state in OVER:
        return []
    pending = db.session.scalar(_HELD_CHANGE, {"booking_id": booking.id})
    own = [(booking.unit_id, booking.time)] if booking.state in HOLDS_TIME else []
    return [*own, *([(pending.unit_id, pending.time)] if pending else [])]


# What staff propose is held; a change that they are to decide on, unless nothing is held of what is asked for.
_HELD_CHANGE = (
    select(PendingChange)
    .join(Booking, Booking.id == PendingChange.booking_id)
    .join(Resource, Resource.id == Booking.resource_id)
    .where(
        PendingChange.booking_id == bindparam("booking_id"),
        or_(Resource.holds_on_request, PendingChange.until.is_not(None)),
    )
    .execution_options(populate_existing=True)
)


def _to_hold(kept: _Kept, had: Sequence[Place], near: Near, terms: Terms, site: Site) -> list[Place]:
    """Everything that a booking or an offer is to hold, by unit and time; the same unit may stand in it twice.

    That is each unit and time that it is for, widened by buffers, and what is linked with it then. Raises OverlapError
    where that is not to be had; what holds its time already stays as it is.
    """
    linked = _linked(kept, terms, site)
    wanted: list[Place] = []
    for unit, time in kept.places:
        own = held_beside(time, [one.time for _, one in near.get(unit, ())], terms, site.zoneinfo)
        wanted.append((unit, own))
        for one in linked:
            hold = one.hold(time, terms, site.zoneinfo)
            stays = [number for number, time_ in had if time_.covers(hold)]
            chosen = one.chosen(time, terms, site.zoneinfo, stays=stays)
            if chosen is None and (unit, own) not in had:
                raise OverlapError
            some = one.free(time, terms, site.zoneinfo) if chosen is None else chosen
            wanted += [(number, hold) for number in some]
    return wanted


def lacks_links(booking: Booking, terms: Terms, site: Site) -> bool:
    """Whether something that is linked with a booking is not held for it, as after a link was made."""
    held_units = {unit for unit, _ in _had(booking.claim_id)}
    return any(
        len(held_units & {unit.unit_id for unit in one.units}) < (len(one.units) if one.pieces is None else one.pieces)
        for one in _linked(_kept(booking, _places(booking)), terms, site)
    )


def _linked(kept: _Kept, terms: Terms, site: Site) -> tuple[Linked, ...]:
    """What is linked, as it stands around all times of a claim."""
    if not kept.places:
        return ()
    around = Interval(min(time.start for _, time in kept.places), max(time.end for _, time in kept.places))
    window = window_around(around, terms, site.zoneinfo)
    window = Interval(window.start, max(window.end, around.end + (around.start - window.start)))
    resource = db.session.get_one(Resource, kept.resource_id)
    return linked_with(resource, window, options=kept.options, but_claims=[kept.claim_id])


def _used(kept: _Kept, had: Sequence[Place], near: Near, terms: Terms, site: Site) -> list[Place]:
    """Of what is held the part that was used, with the clean-down after it; nothing is chosen anew."""
    [(own, used)] = kept.places
    others = select(Unit.id, Resource).join(Resource, Resource.id == Unit.resource_id)
    others = others.where(Resource.id != kept.resource_id)
    wanted = [(own, held_beside(used, [one.time for _, one in near.get(own, ())], terms, site.zoneinfo))]
    if numbers := {unit for unit, _ in had} - {own}:
        for unit, resource in db.session.execute(others.where(Unit.id.in_(numbers))):
            wanted.append((unit, hold_of_linked(used, terms, resource.terms, site.zoneinfo)))
    return _no_more(had, wanted)


def _settle(kept: _Kept, terms: Terms, site: Site, *, only_less: bool = False, is_new: bool = False) -> bool:
    """Make the holds of a claim what they are to be; returns whether others see another time as held.

    When one of two holds goes that lies within the other, nobody else is to know.
    """
    zone, had = site.zoneinfo, [] if is_new else _had(kept.claim_id)
    full = [(unit, held(time, terms, zone)) for unit, time in kept.places]
    near = neighbours(kept.person_id, kept.claim_id, [*had, *full]) if terms.shares_buffers else {}
    wanted = (_used if only_less else _to_hold)(kept, had, near, terms, site)
    changes = changes_beside(near, had, kept.places, terms, zone)
    if sorted(had) == sorted(wanted) and not changes:
        return False
    _write(kept.claim_id, wanted, changes)
    return bool(changes) or _seen(had) != _seen(wanted)


def _seen(places: Sequence[Place]) -> dict[int, list[Interval]]:
    """What others see as held, by unit."""
    units = {unit for unit, _ in places}
    return {unit: overlaid(time for one, time in places if one == unit) for unit in units}


def _had(claim_id: int) -> list[Place]:
    rows = db.session.scalars(select(Hold).where(Hold.claim_id == claim_id))
    return [(one.unit_id, Interval(one.starts_at, one.ends_at)) for one in rows]


def _no_more(had: Sequence[Place], wanted: Sequence[Place]) -> list[Place]:
    """Of what was held the part that is wanted still."""
    return [(unit, part) for unit, time in had for one, want in wanted if one == unit and (part := want.clipped(time))]


def _write(claim_id: int, wanted: Sequence[Place], changes: Sequence[Change]) -> None:
    """Neighbours give way before the claim's holds come, and have back what it left after that: no two overlap."""
    db.session.execute(delete(Hold).where(Hold.claim_id == claim_id))
    for hold, to in changes:
        hold.starts_at, hold.ends_at = max(hold.starts_at, to.start), min(hold.ends_at, to.end)
    db.session.flush()
    db.session.add_all(
        Hold(unit_id=unit, claim_id=claim_id, starts_at=time.start, ends_at=time.end) for unit, time in wanted
    )
    db.session.flush()
    for hold, to in changes:
        hold.starts_at, hold.ends_at = to.start, to.end
    db.session.flush()
    if changes:
        _tell_anew({hold.claim_id for hold, _ in changes})


def _tell_anew(claims: Collection[int]) -> None:
    """Calendars of staff tell of each booking what it holds around: they keep these no longer as they were."""
    held = Booking.claim_id.in_(claims)
    db.session.execute(update(Booking).where(held).values(version=Booking.version + 1))
    repeating = select(Booking.series_id).where(held)
    db.session.execute(update(Series).where(Series.id.in_(repeating)).values(revision=Series.revision + 1))


def wall(instant: datetime, site: Site) -> str:
    """The instant as the site's clocks say it, as in 2026-11-23T09:00."""
    return instant.astimezone(site.zoneinfo).strftime("%Y-%m-%dT%H:%M")
