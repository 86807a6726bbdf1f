"""A site's day and week."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request, session

from ...core.interval import local_day, local_days
from ...core.permissions import Do, Matter, may
from ...web import language, login_required, now, signed_in
from ...web.fields import EARLIEST, LATEST
from .. import service
from ..drawing import day_board, week_board
from ..schedule import schedule_of
from . import Answer, bp


@bp.get("/sites/<site>/day")
@login_required
def day(site: str) -> Answer:
    """All resources of a site over one local day."""
    found = schedule_of(signed_in(), site)
    _remember(found.site.slug)
    on, kinds = date_asked(found.site.zoneinfo), request.args.getlist("kind")
    service.note_schedule_look(signed_in(), found.site.id, local_day(on, found.site.zoneinfo), now=now())
    board = day_board(found, on, kinds, now=now(), language=language())
    return render_template("bookings/day.html", board=board, may_close=_may_close(found.site.id))


@bp.get("/sites/<site>/week")
@login_required
def week(site: str) -> Answer:
    """The same over the seven days of a week."""
    found = schedule_of(signed_in(), site)
    _remember(found.site.slug)
    on, kinds = date_asked(found.site.zoneinfo), request.args.getlist("kind")
    monday = on - timedelta(days=on.weekday())
    shown = local_days(monday, monday + timedelta(days=6), found.site.zoneinfo)
    service.note_schedule_look(signed_in(), found.site.id, shown, now=now())
    board = week_board(found, monday, kinds, now=now(), language=language())
    return render_template("bookings/week.html", board=board, may_close=_may_close(found.site.id))


def _may_close(site_id: int) -> bool:
    return may(signed_in(), Do.CLOSE_PART, Matter(site_id))


def _remember(slug: str) -> None:
    """The site last looked at, so that other pages offer the way back; the cookie is only sent when it changes."""
    if session.get("site") != slug:
        session["site"] = slug


def date_asked(zone: ZoneInfo) -> date:
    """?on=, or today at the site; what is no date, or not of our time, is today."""
    today = now().astimezone(zone).date()
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
    return on if EARLIEST < on < LATEST else today
