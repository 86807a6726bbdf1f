"""When the reader's favourites are free next: by the rules themselves, for as long as a booking is at the shortest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from ...bookings.many import facts_of_many, units_among
from ...bookings.verdicts import time_link
from ...bookings.whose import Whose
from ...core.finding_times import Choice, Found, Need, first_times
from ...core.interval import Interval, local_days
from ...core.permissions import Actor, Do, Matter, may
from ...core.room import Frame
from ...web import sentences, times
from .. import pages, reading

MOST = 8
AHEAD = 14  # days that are looked through
_MARGIN = timedelta(days=2)
_JUDGED = 300  # times that are judged of one favourite at most
Stands = tuple[Any, Any]


def free_lines(actor: Actor, at: datetime, words: str) -> tuple[list[pages.FreeLine], int]:
    """The first favourites with their next free time, and how many more there are."""
    every = reading.favourites_of(actor)
    rows = every[:MOST]
    units = units_among([one.id for one, _ in rows])
    found: dict[int, Found] = {}
    by_partner: dict[int, list[Stands]] = {}
    for one, site in rows:
        if (partner := _partner(actor, site.id)) is not None and one.id in units:
            by_partner.setdefault(partner, []).append((one, site))
    for partner, stands in sorted(by_partner.items()):
        found |= _found(actor, partner, stands, units, at)
    return [_line(one, site, found.get(one.id), actor.home_site_id, at, words) for one, site in rows], len(every) - len(
        rows
    )


def _partner(actor: Actor, site_id: int) -> int | None:
    """For which partner the reader would book there."""
    ours = sorted(partner for partner, site in actor.agreements if site == site_id and partner in actor.partner_ids)
    return next((one for one in ours if may(actor, Do.REQUEST_BOOKING, Matter(site_id, one))), None)


def _found(
    actor: Actor, partner_id: int, stands: Sequence[Stands], units: Mapping[int, Sequence[int]], at: datetime
) -> dict[int, Found]:
    """For each of these the first time that no rule refuses; all facts are read at once."""
    zones = [site.zoneinfo for _, site in stands]
    first = min(at.astimezone(zone).date() for zone in zones)
    last = first + timedelta(days=AHEAD)
    ends = [local_days(first, last, zone).end for zone in zones]
    latest = [one.shortest.after(end, site.zoneinfo) for (one, site), end in zip(stands, ends, strict=True)]
    known = Interval(at - _MARGIN, max(latest) + _MARGIN)
    whose = Whose(actor.person_id, partner_id, asks_anew=True)
    facts = facts_of_many(stands, whose=whose, units=units, window=known, now=at)
    found = {}
    for one, site in stands:
        ways = tuple((unit, facts[one.id].on(unit)) for unit in units[one.id])
        need = Need((Choice(one.id, site.id, 0, ways),), one.shortest)
        found[one.id] = first_times([need], Frame(first, last, known), count=1, most=_JUDGED)
    return found


def _line(
    resource: Any, site: Any, found: Found | None, home_id: int | None, at: datetime, words: str
) -> pages.FreeLine:
    zone = site.zoneinfo
    url = url_for("catalogue.resource", slug=resource.slug)
    away = "" if site.id == home_id else site.name.text(words)
    named = resource.slug, resource.name.text(words), url, resource.icon, away
    if found is None or not found.offers:
        return pages.FreeLine(*named, "", "", False, False, "", _why(found, words))
    pick = found.offers[0][0]
    if pick.time.start <= at and not pick.facts.terms.by_day:  # for how long, is chosen there
        return pages.FreeLine(*named, "", "", True, pick.asks, url_for("pocket.here", slug=resource.slug), "")
    return pages.FreeLine(
        *named,
        _when(pick.time, zone, at, words, by_day=pick.facts.terms.by_day),
        times.zone_label(zone, pick.time.start),
        pick.time.start <= at,
        pick.asks,
        time_link(pick.time, pick.facts, url_for("bookings.book", slug=resource.slug), ""),
        "",
    )


def _when(time: Interval, zone: ZoneInfo, at: datetime, words: str, *, by_day: bool) -> str:
    """The clock alone where all of it is today."""
    start, end = time.start.astimezone(zone), time.end.astimezone(zone)
    today = at.astimezone(zone).date()
    if by_day or not start.date() == end.date() == today:
        return times.when(time, zone, words, by_day=by_day)
    return f"{gettext('Today')} {times.stretch(times.clock(start), times.clock(end), words)}"


def _why(found: Found | None, words: str) -> str:
    """Why no time is offered: what stood in the way most often, if that is known."""
    if found is None:
        return ""
    reasons = [one.finding.said for need in found.obstacles for one in need]
    if reasons:
        return sentences.said(reasons[0].sentence, reasons[0].values, words)
    return gettext("Nothing is free within two weeks.")
