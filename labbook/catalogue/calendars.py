"""The calendar of a site, as far as limits count by it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..core.calendar import Calendar
from ..core.hours import public_holidays
from ..models import Site


@lru_cache(maxsize=64)
def calendar_of(zone: str, first_weekday: int, country: str, subdivision: str, year: int) -> Calendar:
    """A site's calendar around a year; its holidays are the public ones of its country."""
    years = range(year - 1, year + 3)
    return Calendar(ZoneInfo(zone), first_weekday, frozenset(public_holidays(country, subdivision, years, "en")))


def calendar_at(site: Site, at: datetime) -> Calendar:
    """The same for a site; what was worked out before is forgotten, so that it does not pile up."""
    local = at.astimezone(site.zoneinfo)
    known = calendar_of(site.zone, site.first_weekday, site.country, site.subdivision, local.year)
    return Calendar(known.zone, known.first_weekday, known.holidays)
