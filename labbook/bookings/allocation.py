"""Which unit, and the holds that keep it. The only place that writes holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from ..core.facts import Facts, Verdict, held
from ..core.interval import Interval
from ..core.rules import judge
from ..core.terms import Terms
from ..db import db
from ..models import Booking, Hold, Site, Unit
from .facts import Around


def choose(units: Sequence[Unit], around: Around) -> tuple[Unit, Facts, Verdict]:
    """The first unit on which the booking is possible, with its facts and verdict; else the first unit with its own."""
    first: tuple[Unit, Facts, Verdict] | None = None
    for unit in units:
        facts = around.on(unit.id)
        verdict = judge(facts)
        if not verdict.is_refused:
            return unit, facts, verdict
        first = first or (unit, facts, verdict)
    assert first is not None  # noqa: S101 - a resource has at least one unit
    return first


def keep(booking: Booking, terms: Terms, site: Site) -> bool:
    """Make the booking's holds what its state and time demand; the database refuses what overlaps.

    Returns whether that changed what is held.
    """
    before = [(one.unit_id, Interval(one.starts_at, one.ends_at)) for one in _holds(booking)]
    wanted = [(booking.unit_id, held(booking.time, terms, site.zoneinfo))] if booking.holds_time else []
    if before == wanted:
        return False
    let_go(booking)
    db.session.add_all(_hold(booking, time) for _, time in wanted)
    db.session.flush()
    return True


def keep_new(booking: Booking, terms: Terms, site: Site) -> None:
    """The holds of a booking that has none yet; written with the booking itself."""
    if booking.holds_time:
        db.session.add(_hold(booking, held(booking.time, terms, site.zoneinfo)))


def let_go(booking: Booking) -> None:
    """Remove the booking's holds."""
    db.session.execute(delete(Hold).where(Hold.claim_id == booking.claim_id))


def cut(booking: Booking, terms: Terms, site: Site, now: datetime) -> bool:
    """Shorten the booking's holds to what was used: until the minute that runs now, and the clean-down after it.

    Returns whether they became shorter; they never become longer.
    """
    used = max(_whole_minute(now), booking.starts_at + _MINUTE)
    until = terms.after.after(used, site.zoneinfo)
    held_longer = [one for one in _holds(booking) if one.ends_at > until]
    for hold in held_longer:
        hold.ends_at = until
    db.session.flush()
    return bool(held_longer)


def _holds(booking: Booking) -> list[Hold]:
    return list(db.session.scalars(select(Hold).where(Hold.claim_id == booking.claim_id)))


_MINUTE = timedelta(minutes=1)


def _whole_minute(now: datetime) -> datetime:
    """The first whole minute from now on."""
    begun = now.replace(second=0, microsecond=0)
    return begun if begun == now else begun + _MINUTE


def _hold(booking: Booking, time: Interval) -> Hold:
    return Hold(unit_id=booking.unit_id, claim=booking.claim, starts_at=time.start, ends_at=time.end)


def wall(instant: datetime, site: Site) -> str:
    """The instant as the site's clocks say it, as in 2026-11-23T09:00."""
    return instant.astimezone(site.zoneinfo).strftime("%Y-%m-%dT%H:%M")
