"""What is free now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request, session, url_for
from flask_babel import gettext

from ...catalogue.queries import sites_for
from ...core.permissions import Actor
from ...home.favourites import favourite_ids
from ...web import language, login_required, now, sentences, signed_in, times
from ..near import Near
from ..near import near as found_near
from ..pages import NearGroup, NearLine, now_of
from . import Answer, bp

_KEPT = "near"  # in the session: the site and the area that somebody last stood in


@bp.get("/now", endpoint="now")
@login_required
def now_page() -> Answer:
    """What one may have now at a site, an area first: the ones last looked at, else one's own."""
    actor = signed_in()
    sites = sites_for(actor)
    if not sites:
        return render_template("pocket/now.html", sites=[], areas=[], groups=[], is_empty=True)
    kept = session.get(_KEPT) or ["", ""]
    site = _site(sites, actor, request.args.get("site") or kept[0])
    asked = request.args.get("area", kept[1] if kept[0] == site.slug else "")
    return _page(actor, sites, site, asked)


def _site(sites: Sequence[Any], actor: Actor, slug: str) -> Any:
    """The site of this name, else one's own, else the first."""
    own = next((one for one in sites if one.id == actor.home_site_id), sites[0])
    return next((one for one in sites if one.slug == slug), own)


def _page(actor: Actor, sites: Sequence[Any], site: Any, asked: str) -> Answer:
    words, at = language(), now()
    rows = found_near(actor, site, at)
    areas = {one.area.slug: one.area.name.text(words) for one in rows}
    area = asked if asked in areas else ""
    if session.get(_KEPT) != [site.slug, area]:
        session[_KEPT] = [site.slug, area]
    lines = {one.resource.id: _line(one, site, at, words) for one in rows}
    favourites = favourite_ids(actor.person_id)
    free = [one for one in rows if one.chance is not None or (one.why_not is None and one.presence.free)]
    groups = _groups(free, lines, favourites, area, words)
    others = [one for one in rows if one not in free and area in ("", one.area.slug)]
    return render_template(
        "pocket/now.html",
        sites=[(one.slug, one.name.text(words)) for one in sites],
        lab=(site.slug, site.name.text(words)),
        nav_site=site.slug,  # the one shown, not the one of the last board
        zone_label=times.zone_label(site.zoneinfo, at),
        at=times.clock(at.astimezone(site.zoneinfo)),
        areas=list(areas.items()),
        area=area,
        area_name=areas.get(area, ""),
        groups=groups,
        taken=[lines[one.resource.id] for one in others if one.why_not is None],
        barred=[lines[one.resource.id] for one in others if one.why_not is not None],
        is_empty=not rows,
    )


def _groups(
    rows: Sequence[Near], lines: dict[int, NearLine], favourites: frozenset[int], area: str, words: str
) -> list[NearGroup]:
    """Favourites first, then the chosen area; the others are there, closed."""
    starred = [lines[one.resource.id] for one in rows if one.resource.id in favourites]
    groups = [NearGroup(gettext("Favourites"), starred)] if starred else []
    by_area: dict[str, list[NearLine]] = {}
    for one in rows:
        if one.resource.id not in favourites:
            by_area.setdefault(one.area.slug, []).append(lines[one.resource.id])
    names = {one.area.slug: one.area.name.text(words) for one in rows}
    order = sorted(by_area, key=lambda slug: slug != area)
    return [*groups, *(NearGroup(names[slug], by_area[slug], area in ("", slug)) for slug in order)]


def _line(one: Near, site: Any, at: datetime, words: str) -> NearLine:
    resource = one.resource
    stands = now_of(one.presence, at, site.zoneinfo, words, is_short=True)
    return NearLine(
        resource.name.text(words),
        resource.model,
        resource.icon,
        url_for(".here", slug=resource.slug),
        stands,
        _tag(one, at, site, words),
    )


def _tag(one: Near, at: datetime, site: Any, words: str) -> str:
    """That it begins only soon, or that staff decide; or why it is not for this person now."""
    if one.why_not is not None:
        said = one.why_not.said
        return sentences.said(said.sentence, said.values, words)
    if one.chance is None:
        return ""
    if one.chance.start > at:
        return gettext("from %(time)s", time=times.clock(one.chance.start.astimezone(site.zoneinfo)))
    return gettext("Staff decide") if one.chance.ends[0].asks else ""
