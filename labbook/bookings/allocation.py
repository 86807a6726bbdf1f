"""Which unit, and the holds that keep it. The only place that writes holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select

from ..core.buffers import Neighbour, held, held_beside, shared_anew
from ..core.facts import Facts, Verdict
from ..core.interval import Interval
from ..core.rules import judge
from ..core.terms import Terms
from ..db import db
from ..models import Booking, Hold, Site, Unit
from .facts import Around


def choose(units: Sequence[Unit], around: Around) -> tuple[Unit, Facts, Verdict]:
    """The first unit on which the booking is possible, with its facts and verdict.

    Else the first on which staff could allow it nevertheless, else the first of all.
    """
    refused: list[tuple[Unit, Facts, Verdict]] = []
    for unit in units:
        facts = around.on(unit.id)
        verdict = judge(facts)
        if not verdict.is_refused:
            return unit, facts, verdict
        refused.append((unit, facts, verdict))
    return next((one for one in refused if one[2].is_waivable), refused[0])


def keep(booking: Booking, terms: Terms, site: Site) -> bool:
    """Make the booking's holds what its state and time demand; the database refuses what overlaps.

    Where buffers are shared, its neighbours of the same person have theirs anew. Returns whether anything changed.
    """
    return _hold_for(booking.time if booking.holds_time else None, booking, terms, site)


def keep_new(booking: Booking, terms: Terms, site: Site) -> None:
    """The holds of a booking that has none yet; written with the booking itself."""
    if booking.holds_time and terms.shares_buffers:
        db.session.flush()
        _hold_for(booking.time, booking, terms, site)
    elif booking.holds_time:
        db.session.add(_hold(booking, held(booking.time, terms, site.zoneinfo)))


def let_go(booking: Booking, terms: Terms, site: Site) -> None:
    """Remove the booking's holds; neighbours that shared buffers with it have theirs in full again."""
    _hold_for(None, booking, terms, site)


def cut(booking: Booking, terms: Terms, site: Site) -> bool:
    """Shorten the booking's holds to what was used of it, and the clean-down after that.

    Returns whether that changed what is held; the booking's own holds never become longer.
    """
    return _hold_for(booking.used, booking, terms, site, only_less=True)


def used_up_to(booking: Booking, now: datetime) -> datetime:
    """Until when a booking that is given back now counts as used: through the minute that runs."""
    begun = now.replace(second=0, microsecond=0)
    until = begun if begun == now else begun + _MINUTE
    return min(max(until, booking.starts_at + _MINUTE), booking.ends_at)


_MINUTE = timedelta(minutes=1)
_Near = list[tuple[Hold, Neighbour]]


def _hold_for(time: Interval | None, booking: Booking, terms: Terms, site: Site, *, only_less: bool = False) -> bool:
    """Let the booking hold its unit for `time` and the buffers around it, or nothing; returns whether that is new."""
    zone, before = site.zoneinfo, {one.unit_id: _time(one) for one in _holds(booking)}
    places = [*before.items(), *([(booking.unit_id, held(time, terms, zone))] if time else [])]
    near = _neighbours(booking, places) if terms.shares_buffers else {}
    wanted = {}
    if time is not None:
        own = [one.time for _, one in near.get(booking.unit_id, [])]
        wanted = {booking.unit_id: held_beside(time, own, terms, zone)}
    if only_less:
        wanted = {unit: (wanted[unit].clipped(had) if unit in wanted else None) or had for unit, had in before.items()}
    changes: list[tuple[Hold, Interval]] = []
    for unit, several in near.items():
        freed = [before[unit]] if unit in before else []
        anew = shared_anew([one for _, one in several], freed, time if unit in wanted else None, terms, zone)
        changes += [(hold, to) for (hold, one), to in zip(several, anew, strict=True) if to != one.hold]
    if before == wanted and not changes:
        return False
    _write(booking, wanted, changes)
    return True


def _write(booking: Booking, wanted: dict[int, Interval], changes: list[tuple[Hold, Interval]]) -> None:
    """Neighbours give way before the booking's hold comes, and have back what it left after that: no two overlap."""
    db.session.execute(delete(Hold).where(Hold.claim_id == booking.claim_id))
    for hold, to in changes:
        hold.starts_at, hold.ends_at = max(hold.starts_at, to.start), min(hold.ends_at, to.end)
    db.session.flush()
    db.session.add_all(_hold(booking, time) for time in wanted.values())
    db.session.flush()
    for hold, to in changes:
        hold.starts_at, hold.ends_at = to.start, to.end
    db.session.flush()


def _neighbours(booking: Booking, places: Sequence[tuple[int, Interval]]) -> dict[int, _Near]:
    """The person's other bookings whose holds overlap or touch these places, by unit and in order; one statement."""
    near: dict[int, _Near] = {unit: [] for unit, _ in places}
    rows = db.session.execute(
        select(Hold, Booking)
        .join(Booking, Booking.claim_id == Hold.claim_id)
        .where(
            Booking.person_id == booking.person_id,
            Hold.claim_id != booking.claim_id,
            or_(
                *(
                    and_(Hold.unit_id == unit, Hold.ends_at >= place.start, Hold.starts_at <= place.end)
                    for unit, place in places
                )
            ),
        )
        .order_by(Booking.starts_at)
    )
    for hold, one in rows:
        near[hold.unit_id].append((hold, Neighbour(one.used, _time(hold))))
    return near


def _holds(booking: Booking) -> list[Hold]:
    return list(db.session.scalars(select(Hold).where(Hold.claim_id == booking.claim_id)))


def _time(hold: Hold) -> Interval:
    return Interval(hold.starts_at, hold.ends_at)


def _hold(booking: Booking, time: Interval) -> Hold:
    return Hold(unit_id=booking.unit_id, claim=booking.claim, starts_at=time.start, ends_at=time.end)


def wall(instant: datetime, site: Site) -> str:
    """The instant as the site's clocks say it, as in 2026-11-23T09:00."""
    return instant.astimezone(site.zoneinfo).strftime("%Y-%m-%dT%H:%M")
