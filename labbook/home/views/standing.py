"""What the reader may use and how much of it is left; what lets them book, and ends soon; and how a newcomer begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from ...bookings import standings
from ...catalogue import queries as catalogue
from ...core.eligibility import Card, Light, Line
from ...core.limits.standing import Standing
from ...core.permissions import Actor
from ...people import queries as people
from ...trainings import standing
from ...trainings.drawing import line_view
from ...web import meters
from .. import pages, reading

MOST_METERS = 5
# What has been there and ends, or is to be accepted; what was never held is on the card.
_ENDS = frozenset(
    {
        *("agreement-ends", "agreement-ended", "conditions-open"),
        *("training-lapses", "training-fades", "training-expired", "training-unused", "training-ended"),
        "training-revoked",
    }
)


@dataclass(frozen=True, slots=True)
class Cards:
    """The reader's cards at their sites, by site."""

    by_site: dict[int, dict[int, Card]] = field(default_factory=dict)

    def lines(self, site_id: int) -> list[Line]:
        """All lines at a site."""
        return [line for card in self.by_site.get(site_id, {}).values() for line in card.lines]

    @property
    def is_ready_for_some(self) -> bool:
        """Whether there is anything that the reader may use at once."""
        return any(card.works for cards in self.by_site.values() for card in cards.values())


def cards_of(actor: Actor, sites: Mapping[int, Any], at: datetime) -> Cards:
    """The cards of everything at the sites with which one of the reader's partners has an agreement."""
    own = {site for partner, site in actor.agreements if partner in actor.partner_ids and site in sites}
    if not own:
        return Cards()
    rows = catalogue.resources_for(actor)
    whose = standing.Whose.own(actor)
    ordered = sorted(own, key=lambda site: (site != actor.home_site_id, site))
    here = {site: [one for one, _, where in rows if where.id == site] for site in ordered}
    return Cards({site: standing.cards(whose, sites[site], here[site], at) for site in ordered})


def renewals(cards: Cards, sites: Mapping[int, Any], words: str) -> list[pages.RenewLine]:
    """What ends, each once, with the number of resources that it is for; what stands in the way already comes first."""
    found: dict[tuple[int, str, str], tuple[int, Line]] = {}
    counted: Counter[tuple[int, str, str]] = Counter()
    for site_id in cards.by_site:
        for line in cards.lines(site_id):
            if line.code in _ENDS:
                key = (0 if line.slug else site_id, line.slug, line.code)  # a training may be good at several sites
                found.setdefault(key, (site_id, line))
                counted[key] += 1
    order = sorted(found, key=lambda key: (found[key][1].light is not Light.RED, -counted[key]))
    return [
        pages.RenewLine(
            sites[site_id].name.text(words),
            line_view(line, sites[site_id].slug, words, is_own=True),
            ngettext("%(num)s resource", "%(num)s resources", counted[key]),
        )
        for key in order
        for site_id, line in [found[key]]
    ]


def meter_groups(actor: Actor, at: datetime, words: str) -> list[pages.MeterGroup]:
    """The allowances of which most is used, by partner and site."""
    held = standings.of_person(actor, at)
    every = [one for group in held for one in group.standings]
    shown = sorted(every, key=lambda one: -_share(one))[:MOST_METERS]
    names = standings.names_of(shown)
    partners = people.partners_by_id({one.partner_id for one in held})
    groups = []
    for group in held:
        lines = [
            meters.allowance_line(one, words, where=names[one.resource_id].text(words) if one.resource_id else "")
            for one in group.standings
            if any(one is other for other in shown)
        ]
        if lines:
            groups.append(
                pages.MeterGroup(partners[group.partner_id].name.text(words), group.site.name.text(words), lines)
            )
    return groups


def _share(one: Standing) -> float:
    return one.meter.used / max(one.meter.most, 1)


def first_steps(actor: Actor, cards: Cards, sites: Mapping[int, Any], *, has_favourites: bool) -> list[pages.FirstStep]:
    """How somebody begins who has never booked: what is done of it is ticked."""
    if not cards.by_site:
        return []
    home = actor.home_site_id if actor.home_site_id in cards.by_site else next(iter(cards.by_site))
    open_ = [site for site in cards.by_site if any(line.code == "conditions-open" for line in cards.lines(site))]
    slug = sites[open_[0] if open_ else home].slug
    return [
        pages.FirstStep(
            gettext("Read the conditions of use"),
            gettext("They take a few minutes, and count for the whole site."),
            url_for("agreements.conditions", site=slug),
            gettext("Read and accept"),
            not open_,
        ),
        pages.FirstStep(
            gettext("See what you may use already"),
            gettext("Your card says for each resource what it takes, and offers the training that is missing."),
            url_for("trainings.card", site=sites[home].slug),
            gettext("To my card"),
            cards.is_ready_for_some,
        ),
        pages.FirstStep(
            gettext("Star what you use often"),
            gettext("Favourites stand first on the board, and here with their next free time."),
            url_for("catalogue.resources"),
            gettext("To the resources"),
            has_favourites,
        ),
        pages.FirstStep(
            gettext("Book your first time"),
            gettext("Find a free time; the form says at once what the rules say to it."),
            url_for("bookings.find"),
            gettext("Find a time"),
            False,
        ),
        pages.FirstStep(
            gettext("Have your bookings in your own calendar"),
            gettext("A link for Outlook, Google or Apple; changes arrive by themselves."),
            url_for("feeds.feeds", about="mine", _anchor="new-feed"),
            gettext("Make a link"),
            reading.has_feed(actor.person_id),
        ),
    ]
