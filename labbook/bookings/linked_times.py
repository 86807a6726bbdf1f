"""The time that a link names for a form, and what a form proposes where it names none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..core.interval import Interval, local_day
from ..core.residency import fitted
from ..core.terms import Terms
from ..web.fields import EARLIEST, LATEST


def proposed(args: Mapping[str, str], terms: Terms, zone: ZoneInfo, now: datetime) -> Interval:
    """The time that a link names, cut to a usual length unless it says `exact`; else the next full hour.

    What is booked by half days, days, weeks or months is proposed for all the days that the link names, as far as the
    terms allow.
    """
    start = _linked(args, "from", zone)
    if start is None:
        start = (now + timedelta(hours=1)).astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    if terms.by_day:
        start = local_day(start.astimezone(zone).date(), zone).start
    start = max(start, _slot_of(now, terms, zone))
    end, usual = _linked(args, "to", zone), usual_end(terms, start, zone)
    if terms.slot.is_by_calendar and end is not None and end > start:
        return fitted(Interval(start, end), terms, zone)
    is_exact = args.get("exact") == "1"
    if end is None or end <= start or (not is_exact and end > usual):
        end = usual
    return Interval(start, end)


def usual_end(terms: Terms, start: datetime, zone: ZoneInfo) -> datetime:
    """The end that a form proposes: the shortest booking, but an hour where that is shorter and allowed."""
    end = terms.shortest.after(start, zone)
    hour = start + timedelta(hours=1)
    is_longer = end < hour <= terms.longest.after(start, zone)
    return hour if is_longer and not terms.shortest.is_by_calendar else end


def _slot_of(now: datetime, terms: Terms, zone: ZoneInfo) -> datetime:
    """The start of the slot that is running now; nothing earlier can be booked."""
    if terms.slot.is_by_calendar:
        return local_day(now.astimezone(zone).date(), zone).start
    step = max(terms.slot.count, 1)
    local = now.astimezone(zone)
    return now - timedelta(
        minutes=(local.hour * 60 + local.minute) % step, seconds=local.second, microseconds=local.microsecond
    )


def _linked(args: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """An instant that a link gives as site wall time; None when it gives none, or none that makes sense."""
    try:
        local = datetime.fromisoformat(args.get(name, ""))
    except ValueError:
        return None
    if local.tzinfo is not None or not EARLIEST < local.date() < LATEST:
        return None
    return local.replace(tzinfo=zone, fold=int(args.get(f"{name}_fold") == "1")).astimezone(UTC)


def linked_time(args: Mapping[str, str], zone: ZoneInfo) -> Interval | None:
    """The time that a link names exactly; None when it names none."""
    start, end = _linked(args, "from", zone), _linked(args, "to", zone)
    return Interval(start, end) if start is not None and end is not None and start < end else None


def linked_end(args: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """The end that a link names; None when it names none."""
    return _linked(args, "to", zone)
