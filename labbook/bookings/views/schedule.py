"""A site's day and week, and the day of all sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from flask import Response, make_response, render_template, request, session
from markupsafe import Markup

from ...catalogue.queries import sites_for
from ...core.interval import Interval, local_day, local_days
from ...core.permissions import Do, Matter, NotFoundError, may
from ...people.accounts import zone_of
from ...web import language, login_required, now, signed_in, times
from ...web.asked import date_asked
from ...web.prefix import at
from .. import service
from ..board import Board
from ..drawing import Reader, day_board, week_board
from ..narrowing import Narrowing, narrowing
from ..schedule import Schedule, schedule_of
from . import Answer, bp

FOLDED = "folded"
"""The cookie in which a browser remembers the areas that somebody folded; written by static/refresh.js."""
PART = "board"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A board with its rows as they are sent, and by what a browser asks whether they have changed."""

    board: Board
    rows: Markup
    tag: str
    part_url: str


@bp.get("/sites/<site>/day")
@login_required
def day(site: str) -> Answer:
    """All resources of a site over one local day."""
    found = schedule_of(signed_in(), site)
    on = date_asked(found.site.zoneinfo)
    board = day_board(found, on, _asked(), reader())
    return _answer("bookings/day.html", found, board, local_day(on, found.site.zoneinfo))


@bp.get("/sites/<site>/week")
@login_required
def week(site: str) -> Answer:
    """The same over the seven days of a week."""
    found = schedule_of(signed_in(), site)
    on = date_asked(found.site.zoneinfo)
    monday = on - timedelta(days=on.weekday())
    shown = local_days(monday, monday + timedelta(days=6), found.site.zoneinfo)
    board = week_board(found, monday, _asked(), reader())
    return _answer("bookings/week.html", found, board, shown)


@bp.get("/day")
@login_required
def days() -> Answer:
    """One date at all sites that the reader may look at, side by side, each with its own clock."""
    actor, asked, looking = signed_in(), _asked().everywhere(), reader()
    schedules = [Schedule(actor, site) for site in sites_for(actor)]
    if not schedules:
        raise NotFoundError
    home = next((one for one in schedules if one.site.id == actor.home_site_id), schedules[0])
    on = date_asked(home.site.zoneinfo)
    boards = [day_board(one, on, asked, looking) for one in schedules]
    for one in schedules:
        service.note_schedule_look(actor, one.site.id, local_day(on, one.site.zoneinfo), now=now())
    query = asked.query(on)
    drawn = [_drawn(board, at(f"/sites/{board.site_slug}/day{query}")) for board in boards]
    around = {name: at(f"/day{asked.query(day)}") for name, day in _around(on).items()}
    heading = times.long_date(on, language())
    return render_template("bookings/days.html", drawn=drawn, on=on, heading=heading, around=around, asked=asked)


def _around(on: date) -> dict[str, date | None]:
    return {"previous": on - timedelta(days=1), "today": None, "following": on + timedelta(days=1)}


def _asked() -> Narrowing:
    return narrowing(request.args.getlist("kind"), request.args.get("q", ""), request.args.get("area", ""))


def reader() -> Reader:
    """Whoever asks for a board, and how they want it."""
    folded = request.cookies.get(FOLDED, "").split("_")
    return Reader(language(), now(), zone_of(signed_in().person_id), frozenset(folded))


def _answer(template: str, found: Schedule, board: Board, shown: Interval) -> Answer:
    """The page, or its rows alone for a browser that keeps it up to date; those only if they have changed."""
    drawn = _drawn(board, at(request.full_path.rstrip("?")))
    is_part = request.args.get("part") == PART
    if is_part and request.if_none_match.contains_weak(drawn.tag):
        return _tagged(make_response("", 304), drawn.tag)
    service.note_schedule_look(signed_in(), found.site.id, shown, now=now())
    if is_part:
        answer = _tagged(make_response(drawn.rows), drawn.tag)
        answer.headers["Board-Start"] = board.start_iso
        return answer
    _remember(found.site.slug)
    may_close = may(signed_in(), Do.CLOSE_PART, Matter(found.site.id))
    return render_template(template, board=board, drawn=drawn, may_close=may_close)


def _drawn(board: Board, url: str) -> Drawn:
    rows = render_template("bookings/_rows.html", board=board)
    tag = sha256(f"{board.start_iso}\n{rows}".encode()).hexdigest()[:20]
    return Drawn(board, Markup(rows), tag, url + ("&" if "?" in url else "?") + f"part={PART}")  # noqa: S704 - rendered


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    return response


def _remember(slug: str) -> None:
    """The site last looked at, so that other pages offer the way back; the cookie is only sent when it changes."""
    if session.get("site") != slug:
        session["site"] = slug
