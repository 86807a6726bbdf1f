"""A site's residencies over some months."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from flask import render_template, request, session

from ...core.residency import Months
from ...web import language, login_required, now, signed_in
from ...web.fields import EARLIEST, LATEST
from .. import service
from ..residencies import LENGTHS, USUAL, month_board
from ..schedule import schedule_of
from . import Answer, bp

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@bp.get("/sites/<site>/residencies")
@login_required
def residencies(site: str) -> Answer:
    """What is booked by half days, days, weeks or months, over some months."""
    found = schedule_of(signed_in(), site)
    if session.get("site") != found.site.slug:
        session["site"] = found.site.slug
    zone, kinds = found.site.zoneinfo, request.args.getlist("kind")
    months = months_asked(zone)
    service.note_schedule_look(signed_in(), found.site.id, months.window(zone), now=now())
    board = month_board(found, months, kinds, now=now(), language=language())
    return render_template("bookings/residencies.html", board=board)


def months_asked(zone: ZoneInfo) -> Months:
    """?from= and ?months=, or three from this month on; what is no month, or not of our time, is this one."""
    length = request.args.get("months", "")
    count = int(length) if length in {str(one) for one in LENGTHS} else USUAL
    return Months(_first_asked() or now().astimezone(zone).date().replace(day=1), count)


def _first_asked() -> date | None:
    asked = _MONTH.fullmatch(request.args.get("from", ""))
    if asked is None or not 1 <= int(asked[2]) <= 12 or not int(asked[1]):
        return None
    first = date(int(asked[1]), int(asked[2]), 1)
    return first if EARLIEST < first < LATEST.replace(month=1, day=1) else None
