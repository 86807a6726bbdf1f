"""From a card to what a page shows of it, with the addresses of the next steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from ..core.eligibility import Card, Line, Next
from ..core.interval import Interval
from ..core.language import person_name
from ..core.permissions import Actor
from ..web import times
from . import pages, standing
from .queries import SessionRow


def line_view(line: Line, site_slug: str, language: str, *, is_own: bool) -> pages.LineView:
    """A line with the address of its next step."""
    training = url_for("trainings.training", slug=line.slug, site=site_slug) if line.slug else ""
    urls = {
        Next.ACCEPT: url_for("agreements.conditions", site=site_slug),
        Next.ASK: f"{training}#ask",
        Next.TAKE: f"{training}#sessions",
    }
    return pages.line_view(line, urls, language, is_own=is_own)


def card_view(card: Card, resource: Any, site_slug: str, language: str, *, is_own: bool = True) -> pages.CardView:
    """The card of one resource."""
    return pages.CardView(
        resource.name.text(language),
        url_for("catalogue.resource", slug=resource.slug),
        resource.icon,
        pages.light_of_card(card),
        [line_view(line, site_slug, language, is_own=is_own) for line in card.lines],
    )


def own_card(actor: Actor, resource: Any, site: Any, language: str, now: datetime) -> pages.CardView:
    """One's own card of one resource."""
    card = standing.cards(standing.Whose.own(actor), site, [resource], now)[resource.id]
    return card_view(card, resource, site.slug, language)


def session_view(row: SessionRow, language: str) -> pages.SessionView:
    """A session as those who may take part see it."""
    zone, session = row.site.zoneinfo, row.session
    left = ngettext("%(num)s place left", "%(num)s places left", row.left) if row.left else gettext("Full")
    return pages.SessionView(
        session.key,
        row.training.name.text(language),
        url_for("trainings.training", slug=row.training.slug, site=row.site.slug),
        times.when(Interval(session.starts_at, session.ends_at), zone, language, by_day=False),
        times.zone_label(zone, session.starts_at),
        person_name(row.family_name, row.given_name, language),
        left,
        not row.left,
        row.own is not None,
    )
