"""Eligibility cards: one's own, and those of the people for whom one answers."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for

from ...catalogue import queries as catalogue
from ...core.language import has_control_characters, person_name
from ...core.permissions import Actor, Do, Matter, NotFoundError, may, require
from ...web import language, login_required, now, signed_in
from .. import drawing, pages, queries, standing
from . import Answer, bp

LONGEST_QUERY = 100


def chosen_site(actor: Actor) -> Any:
    """The site that the address names, else the reader's own. Raises NotFoundError."""
    asked = request.args.get("site", "")
    if asked:
        return catalogue.site_by_slug(actor, _known_text(asked))
    sites = catalogue.sites_for(actor)
    agreed = {site for _, site in actor.agreements}
    sites.sort(key=lambda one: (one.id not in agreed, one.id != actor.home_site_id, one.id))
    if not sites:
        raise NotFoundError
    return sites[0]


def _known_text(text: str) -> str:
    if has_control_characters(text):
        raise NotFoundError
    return text


@bp.get("/card")
@login_required
def card() -> Answer:
    """What I may use at a site, resource by resource, and what to do about the rest."""
    actor = signed_in()
    site = chosen_site(actor)
    return _shown(standing.Whose.own(actor), site, "", is_own=True)


@bp.get("/people/<key>/card")
@login_required
def card_of(key: str) -> Answer:
    """The same about somebody else: for the partner's coordinator and the site's staff."""
    actor = signed_in()
    site = chosen_site(actor)
    row = queries.person_for_card(actor, _known_text(key), site.id, now().astimezone(site.zoneinfo).date())
    partners = frozenset(partner for partner, _ in row.partners)
    matters = [Matter(site.id, partner, frozenset({row.person.id})) for partner in sorted(partners)]
    require(actor, Do.SEE_CARD, matters[0])
    name = person_name(row.person.family_name, row.person.given_name, language())
    is_own = row.person.id == actor.person_id
    # a coordinator does not learn when somebody last worked for another partner, nor who works for more than one
    whose = standing.Whose(row.person.id, partners, dates_use=is_own or site.id in actor.staffed_sites)
    may_grant = not is_own and may(actor, Do.SCHEDULE_TRAINING, Matter(site.id))
    grant_url = url_for(".staff", site=site.slug, person=row.person.key, _anchor="grant") if may_grant else ""
    return _shown(whose, site, name, is_own=is_own, grant_url=grant_url)


def _shown(whose: standing.Whose, site: Any, name: str, *, is_own: bool, grant_url: str = "") -> str:
    actor, words, at = signed_in(), language(), now()
    query = request.args.get("q", "")[:LONGEST_QUERY]
    rows = standing.resources_for(actor, whose, site, query, at) if whose.partner_ids else []
    cards = standing.cards(whose, site, [resource for resource, _ in rows], at)
    groups = [
        (
            same[0][1].name.text(words),
            [drawing.card_view(cards[one.id], one, site.slug, words, is_own=is_own) for one, _ in same],
        )
        for _, group in groupby(rows, key=lambda row: row[1].id)
        for same in [list(group)]
    ]
    views = [view for _, group in groups for view in group]
    page = pages.CardsPage(name, groups, pages.next_steps(views), _counted(views))
    sites = [(one.slug, one.name.text(words)) for one in catalogue.sites_for(actor)]
    return render_template(
        "trainings/card.html",
        page=page,
        grant_url=grant_url,
        query=query,
        site=site.slug,
        site_name=site.name.text(words),
        sites=sites,
        address=request.path,
    )


def _counted(views: list[pages.CardView]) -> list[tuple[pages.LightView, int]]:
    counted = Counter(view.light for view in views)
    order = ("green", "amber", "red")
    return sorted(counted.items(), key=lambda one: (order.index(one[0].tone), one[0].word))
