"""The list of resources, and the page of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import gettext

from ...bookings.board import bars
from ...bookings.drawing import bar_words, drawn_from, kind_choices
from ...bookings.narrowing import known_kinds
from ...bookings.schedule import UnitLane, lanes_of_resource
from ...bookings.service import note_schedule_look
from ...bookings.window import Window
from ...core.facts import Shut
from ...core.hours import days_of
from ...core.interval import Interval, local_day, local_days
from ...core.permissions import Do, Matter, may
from ...core.searching import tags_in
from ...home.favourites import favourite_ids
from ...trainings.drawing import own_card
from ...trainings.queries import demands_of
from ...web import language, login_required, now, signed_in, times
from .. import pages, queries
from ..linked_pages import lines as link_lines
from ..links import linked_to
from . import Answer, bp

NEXT_DAYS, NEXT_WEEKS = 7, 4
LONGEST_QUERY = 100


@bp.get("/resources")
@login_required
def resources() -> Answer:
    """Everything that the signed-in person may see, by area; the search minds neither width nor kana."""
    asked = known_kinds(request.args.getlist("kind"))
    query = request.args.get("q", "")[:LONGEST_QUERY]
    found = queries.resources_for(signed_in(), search=query, kinds=asked)
    words, kept = language(), favourite_ids(signed_in().person_id)
    groups = [_group(list(rows), words, kept) for _, rows in groupby(found, key=lambda row: row[1].id)]
    return render_template("catalogue/resources.html", groups=groups, query=query, kinds=kind_choices(asked))


def _group(
    rows: Sequence[tuple[Any, Any, Any]], words: str, kept: frozenset[int]
) -> tuple[str, str, str, list[pages.ResourceCard]]:
    """An area with its site, as feeds call it, and its resources."""
    _, area, site = rows[0]
    cards = [_card(one, words, is_kept=one.id in kept) for one, _, _ in rows]
    return area.name.text(words), site.name.text(words), f"area:{site.slug}/{area.slug}", cards


def _card(resource: Any, words: str, *, is_kept: bool) -> pages.ResourceCard:
    return pages.ResourceCard(
        resource.name.text(words),
        resource.model,
        url_for(".resource", slug=resource.slug),
        str(resource.kind),
        gettext(pages.KIND_LABELS[resource.kind]),
        resource.icon,
        times.amount_label(resource.slot),
        pages.approval_label(resource.asks),
        resource.slug,
        is_kept,
    )


@bp.get("/resources/<slug>")
@login_required
def resource(slug: str) -> Answer:
    """A resource: facts, rules in plain words, its next days."""
    actor, words, at = signed_in(), language(), now()
    found, site = queries.resource_by_slug(actor, slug)
    area = queries.areas_at(site.id)[found.area_id]
    zone, today = site.zoneinfo, at.astimezone(site.zoneinfo).date()
    may_book, may_close = (may(actor, do, Matter(site.id)) for do in (Do.REQUEST_BOOKING, Do.CLOSE_PART))
    may_open = may_book or may(actor, Do.BOOK_FOR_ANOTHER, Matter(site.id))
    closures = queries.closures_of(found, local_days(today, today + timedelta(days=NEXT_DAYS), zone))
    note_schedule_look(actor, site.id, local_days(today, today + timedelta(weeks=NEXT_WEEKS), zone), now=now())
    units = queries.units_of(found.id)
    rules = pages.rules_of(found.terms, fit_for(found, area), found.kinds_of_work, words)
    page = pages.ResourcePage(
        name=found.name.text(words),
        model=found.model,
        kind_label=gettext(pages.KIND_LABELS[found.kind]),
        icon=found.icon,
        tags=tags_in(found.tags.text(words)),
        area=area.name.text(words),
        site_name=site.name.text(words),
        site_slug=site.slug,
        zone=site.zone,
        zone_label=times.zone_label(zone, at),
        step=900,
        is_by_calendar=found.slot.is_by_calendar,
        description=found.description,
        facts=pages.facts_of(found.terms, found.extra),
        rules=[*rules, *([found.note.text(words)] if found.note else [])],
        units=[unit.name for unit in units],
        days=_days(found, site, words),
        book_url=url_for("bookings.book", slug=slug),
        card=own_card(actor, found, site, words, at) if may_book else None,
        demands=[] if may_book else [one.name.text(words) for one in demands_of([found.id]).get(found.id, ())],
        may_book=may_open,
        why_not="" if may_open else gettext("Only people of a partner with an agreement at this site can book."),
        closures=[_closure(one, {unit.id: unit.name for unit in units}, zone, words) for one in closures],
        fault_url=url_for("bookings.new_fault", site=site.slug, place=f"resource:{slug}") if may_close else "",
        close_url=url_for("bookings.new_closing", site=site.slug, place=f"resource:{slug}") if may_close else "",
        import_url=url_for("bookings.import_closures", site=site.slug, place=f"resource:{slug}") if may_close else "",
        terms_url=url_for(".terms", slug=slug) if may(actor, Do.SET_RESOURCE, Matter(site.id)) else "",
        links=link_lines(linked_to(actor, found), words),
        links_url=url_for(".links", slug=slug) if may(actor, Do.SET_RESOURCE, Matter(site.id)) else "",
    )
    is_kept = found.id in favourite_ids(actor.person_id)
    return render_template("catalogue/resource.html", resource=page, is_kept=is_kept)


def fit_for(resource: Any, area: Any) -> int:
    """The highest biosafety level of samples: the resource's own, else its area's; 0 where it does not matter."""
    return int(area.biosafety if resource.biosafety is None else resource.biosafety)


def _closure(shut: Shut, units: dict[int, str], zone: ZoneInfo, words: str) -> str:
    """What is closed of it; of a resource of several units, which."""
    reason, when = shut.reason.text(words), times.when(shut.time, zone, words, by_day=False)
    if shut.unit_id is None or len(units) == 1:
        return gettext("Closed: %(reason)s, %(when)s.", reason=reason, when=when)
    unit = units.get(shut.unit_id, "")
    return gettext("Unit %(unit)s is closed: %(reason)s, %(when)s.", unit=unit, reason=reason, when=when)


def _days(found: Any, site: Any, words: str) -> list[pages.DayLane]:
    """A single instrument day by day; a pool unit by unit today; what is booked by the day over four weeks."""
    zone, at = site.zoneinfo, now()
    today = at.astimezone(zone).date()
    if found.by_day:
        whole = local_days(today, today + timedelta(weeks=NEXT_WEEKS, days=-1), zone)
        lanes = lanes_of_resource(signed_in(), found, site, whole)
        return [_lane(lane, whole, site, words, lane.what.unit if len(lanes) > 1 else "") for lane in lanes]
    whole = local_days(today, today + timedelta(days=NEXT_DAYS - 1), zone)
    lanes = lanes_of_resource(signed_in(), found, site, whole)
    if len(lanes) > 1:
        return [_lane(lane, local_day(today, zone), site, words, lane.what.unit) for lane in lanes]
    return [
        _lane(lane, local_day(on, zone), site, words, times.short_date(on, words), f"?on={on.isoformat()}")
        for lane in lanes
        for on in days_of(whole, zone)
    ]


def _lane(lane: UnitLane, time: Interval, site: Any, words: str, label: str, query: str = "") -> pages.DayLane:
    window = Window(time, site.zoneinfo, now())
    is_day = window.seconds < 30 * 3600
    return pages.DayLane(
        label or times.short_date(time.start.astimezone(site.zoneinfo).date(), words),
        url_for("bookings.day", site=site.slug) + query,
        window.hours() if is_day else window.weeks(words),
        bars(drawn_from(lane), window, bar_words(words)),
        window.now_left,
        time.start.isoformat(),
        int(window.seconds),
    )
