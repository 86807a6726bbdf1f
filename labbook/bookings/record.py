"""Gathers what limits look at besides the standing rules: only what those that apply really ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ..catalogue.calendars import calendar_at
from ..core.actor import Role
from ..core.calendar import Calendar
from ..core.interval import Interval
from ..core.limits.apart import Apart
from ..core.limits.applied import Applied
from ..core.limits.experience import Experience
from ..core.limits.limit import Who
from ..core.record import Record
from ..core.usage import Ledger
from ..models import Resource, Site
from ..people import queries as people
from . import usage
from .whose import Whose


def record_for(
    applied: Iterable[Applied],
    resource: Resource,
    site: Site,
    window: Interval,
    *,
    whose: Whose,
    is_trainee: bool,
    now: datetime,
) -> Record:
    """What the applying limits look at, for bookings within `window`; at most one statement for each sort of thing."""
    limits = list(applied)
    experienced = any(isinstance(one.limit, Experience) for one in limits)
    return replace(
        record_at(limits, site, window, whose=whose, now=now),
        resource_id=resource.id,
        is_trainee=is_trainee,
        minutes_used=usage.minutes_used(whose.person_id, resource.id) if experienced else 0,
    )


def record_at(limits: list[Applied], site: Site, window: Interval, *, whose: Whose, now: datetime) -> Record:
    """What is the same for all resources of a site to which these limits apply."""
    calendar = calendar_at(site, window.start)
    apart = [one for one in limits if isinstance(one.limit, Apart)]
    key = people.partner_key(whose.partner_id) if apart else ""
    by_role = any(one.limit.who in (Who.SCIENTISTS, Who.COORDINATORS) for one in limits)
    return Record(
        calendar,
        0,
        whose.person_id,
        key,
        whose.project_id,
        whose.mode,
        whose.biosafety,
        whose.asked_at,
        _ledger(limits, site, window, calendar, whose, now),
        people.roles_with(whose.person_id, whose.partner_id, now) if by_role else frozenset[Role](),
        present=_present(apart, key, window),
    )


def _ledger(
    limits: list[Applied], site: Site, window: Interval, calendar: Calendar, whose: Whose, now: datetime
) -> Ledger:
    reaches = [reach for one in limits if (reach := one.limit.reach(window, calendar, now)) is not None]
    if not reaches:
        return Ledger()
    whole = Interval(min(one.start for one in reaches), max(one.end for one in reaches))
    return usage.ledger(whose.partner_id, site.id, whole, calendar, but=whose.but_bookings)


def _present(apart: list[Applied], key: str, window: Interval) -> dict[str, tuple[Interval, ...]]:
    others = [(one, one.limit.partners - {key}) for one in apart if isinstance(one.limit, Apart)]
    named = [(one, keys) for one, keys in others if key in one.limit.partners]  # type: ignore[attr-defined]
    return usage.present(named, window) if named else {}
