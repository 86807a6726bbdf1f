"""The door at which calendars knock."""

from __future__ import annotations

from flask import Response, current_app, request

from ...web import set_clock
from .. import queries
from ..service import answering
from ..service.holding import Base
from . import bp, file_name

_LONGEST_TOKEN = 100


@bp.get("/feeds/<token>/<name>.ics")
def calendar(token: str, name: str) -> Response:
    """The calendar: 200 or 304; 404 for an unknown token, 410 for one that is dead. No session, no cookie."""
    door = queries.door(token, set_clock()) if len(token) <= _LONGEST_TOKEN else None
    if door is None:
        return _gone("There is no such calendar.\n", 404)
    if answering.is_dead(door):
        return _gone("This calendar is no longer available.\n", 410)
    if answering.is_due(door):
        answering.note_fetch(door.feed_id, "", now=door.now)
    known = answering.known(door)
    if known is not None and request.if_none_match.contains_weak(known.etag):
        return _private(Response(status=304), known.etag)
    return _worked_out(door)


def _worked_out(door: queries.Door) -> Response:
    """The answer when something may have changed."""
    config = current_app.config
    answer = answering.worked_out(door, Base(config["BASE_URL"], config["SECRET_KEY"].encode()))
    if answer is None:
        return _gone("This calendar is no longer available.\n", 410)
    etag = answer.known.etag
    if request.if_none_match.contains_weak(etag):
        return _private(Response(status=304), etag)
    response = Response(answer.body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(answer.name)}.ics"'
    return _private(response, etag)


def _gone(said: str, code: int) -> Response:
    return _private(Response(said, code, mimetype="text/plain"))


def _private(response: Response, etag: str = "") -> Response:
    if etag:
        response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
