"""The home page: what is next for the reader, what waits, what changed, what is free, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext

from ...catalogue.queries import sites_for
from ...core.permissions import Actor
from ...web import language, login_required, now, signed_in, times
from .. import pages, reading
from . import Answer, bp
from .ahead import next_days
from .changed import changes
from .free import free_lines
from .standing import cards_of, first_steps, meter_groups, renewals
from .waits import waits_of


@bp.get("/")
@login_required
def home() -> Answer:
    """What concerns the signed-in person now; who sees no site reads why."""
    actor = signed_in()
    sites = {site.id: site for site in sites_for(actor)}
    if not sites:
        return render_template(
            "error.html",
            code="",
            heading=gettext("No access at present"),
            sentence=gettext("No agreement of your organisation is in force. Ask your coordinator or the lab's staff."),
        )
    return render_template("home/home.html", page=_page(actor, sites, now(), language()))


def _page(actor: Actor, sites: Mapping[int, Any], at: datetime, words: str) -> pages.HomePage:
    books = any(partner in actor.partner_ids for partner, _ in actor.agreements)
    favourites, more_favourites = free_lines(actor, at, words)
    days = next_days(actor, at, words)
    shown = sum(len(day.lines) for day in days)
    cards = cards_of(actor, sites, at)
    is_new = books and not reading.has_ever_asked(actor.person_id)
    return pages.HomePage(
        _clocks(actor, sites, at, words),
        books,
        days,
        max(reading.ahead_count(actor, at) - shown, 0),
        waits_of(actor, sites, at, words),
        changes(actor, at),
        favourites,
        more_favourites,
        meter_groups(actor, at, words),
        renewals(cards, sites, words),
        first_steps(actor, cards, sites, has_favourites=bool(favourites)) if is_new else [],
    )


def _clocks(actor: Actor, sites: Mapping[int, Any], at: datetime, words: str) -> list[pages.SiteClock]:
    """What day and time it is at each site, the reader's own first."""
    several = sorted(sites.values(), key=lambda one: (one.id != actor.home_site_id, one.id))
    return [
        pages.SiteClock(
            one.name.text(words),
            one.slug,
            times.long_date(at.astimezone(one.zoneinfo).date(), words),
            times.clock(at.astimezone(one.zoneinfo)),
            times.zone_label(one.zoneinfo, at),
        )
        for one in several
    ]
