"""The day list, to be printed and hung up."""

from __future__ import annotations

from flask import render_template, request

from ...bookings import service as bookings
from ...bookings.schedule import schedule_of
from ...core.interval import local_day
from ...web import language, login_required, now, signed_in
from ...web.asked import date_asked
from ..drawing.listing import day_list as drawn
from . import Answer, bp


@bp.get("/sites/<site>/list")
@login_required
def day_list(site: str) -> Answer:
    """A site's day, a sheet for each area; how much of it the reader chooses, and it is never more than they see."""
    found = schedule_of(signed_in(), site)
    on = date_asked(found.site.zoneinfo)
    in_full = request.args.get("detail") == "full"
    if in_full:
        day = local_day(on, found.site.zoneinfo)
        bookings.note_schedule_look(signed_in(), found.site.id, day, now=now())
    area = request.args.get("area", "")
    listed = drawn(found, on, area, in_full=in_full, now=now(), language=language())
    chosen = area if area in {slug for slug, _ in listed.choices} else ""
    return render_template("signs/list.html", listed=listed, area=chosen, in_full=in_full)
