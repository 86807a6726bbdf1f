"""What is kept for whoever is signed in, and what they wait for."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template

from ...catalogue import queries as catalogue
from ...core.interval import Interval
from ...web import language, login_required, now, signed_in, times
from .. import pages, queries
from ..queries import OfferRow, WaitRow
from . import Answer, bp

LOOK_BACK = timedelta(days=30)


@bp.get("/waiting")
@login_required
def waiting() -> Answer:
    """What is kept for whoever is signed in, what they wait for, and how their waiting ended lately."""
    return page()


def page() -> str:
    actor, at, words = signed_in(), now(), language()
    offers = queries.open_offers_of(actor.person_id, at)
    kept_for = {row.wait.id for row in offers}
    lines = [
        _wait_line(row, row.wait.id in kept_for, words) for row in queries.waits_of(actor.person_id, at - LOOK_BACK)
    ]
    return render_template(
        "waiting/waiting.html",
        offers=[_offer_line(row, words) for row in offers],
        waits=[one for one in lines if not one.outcome],
        over=[one for one in lines if one.outcome],
    )


def _offer_line(row: OfferRow, words: str) -> pages.OfferLine:
    offer = row.offer
    return pages.offer_line(
        offer.key,
        row.wait.title,
        catalogue.place_of(row.resource, row.site, row.unit),
        Interval(offer.starts_at, offer.ends_at),
        offer.until,
        words,
        by_day=row.resource.by_day,
    )


def _wait_line(row: WaitRow, has_offer: bool, words: str) -> pages.WaitLine:
    wait, zone = row.wait, row.site.zoneinfo
    stretch = Interval(wait.starts_at, wait.ends_at)
    outcome, label = pages.outcome_of(wait.outcome) if wait.ended_at else ("", "")
    return pages.WaitLine(
        wait.key,
        wait.title,
        row.name.text(words),
        "" if row.is_group else row.slug,
        row.site.name.text(words),
        times.when(stretch, zone, words, by_day=row.by_day),
        times.zone_label(zone, wait.starts_at),
        pages.length_label(stretch, wait.minutes, by_day=row.by_day),
        times.moment(wait.created_at, zone, words),
        wait.takes_it,
        has_offer,
        outcome,
        label,
        row.request_key or "",
    )
