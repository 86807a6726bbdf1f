"""The door at which calendars knock."""

from __future__ import annotations

import time

from flask import Response, current_app, request

from ...core.clients import client_of
from ...core.throttle import MINUTE, Throttle
from ...web import packing, set_clock
from .. import kept, queries
from ..service import answering
from ..service.holding import Base
from . import bp, file_name
from .validators import QUICKLY, is_latest, last_modified, validators

_LONGEST_TOKEN = 100
# What no honest client does, even where hundreds of them share an address or a screen in each room shares a link.
WRONG_LINKS = Throttle(300)  # of one address
WHOLE_ANSWERS = Throttle(600)  # of one feed


@bp.get("/feeds/<token>/<name>.ics", merge_slashes=False)
def calendar(token: str, name: str) -> Response:
    """The calendar: 200 or 304; 404 for an unknown token, 410 for one that is dead. No session, no cookie."""
    door = queries.door(token, set_clock()) if len(token) <= _LONGEST_TOKEN else None
    if door is None:
        return _unknown(token)
    if answering.is_dead(door):
        return _gone()
    if answering.is_due(door):
        answering.note_fetch(door.feed_id, client_of(request.user_agent.string), now=door.now)
    known = answering.known(door)
    if known is not None and is_latest(request.environ, known, door.now):
        return _unchanged(known)
    if WHOLE_ANSWERS.is_over(str(door.feed_id), time.monotonic()):
        return _too_often()
    return _worked_out(door)


def _unknown(token: str) -> Response:
    if kept.is_former(token):
        return _gone()
    # Looked up all the same: those who guess share their address with those who are welcome.
    is_over = WRONG_LINKS.is_over(request.remote_addr or "", time.monotonic())
    return _too_often() if is_over else _said("There is no such calendar.\n", 404)


def _worked_out(door: queries.Door) -> Response:
    """The answer when something may have changed."""
    config = current_app.config
    answer = answering.worked_out(door, Base(config["BASE_URL"], config["SECRET_KEY"].encode()))
    if answer is None:
        return _gone()
    if is_latest(request.environ, answer.known, door.now):
        return _unchanged(answer.known)
    response = Response(answer.body, mimetype="text/calendar")
    if packing.is_wanted(request.environ):
        response.set_data(packing.packed(answer.body, effort=QUICKLY))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(answer.name)}.ics"'
    response.headers.extend(validators(request.environ, answer.known))
    response.headers["Last-Modified"] = last_modified(answer.known, door.now)
    return _private(response)


def _unchanged(known: answering.Known) -> Response:
    return _private(Response(status=304, headers=validators(request.environ, known)))


def _gone() -> Response:
    return _said("This calendar is no longer available.\n", 410)


def _too_often() -> Response:
    response = _said("Too often; try again in a minute.\n", 429)
    response.headers["Retry-After"] = str(MINUTE)
    return response


def _said(words: str, code: int) -> Response:
    return _private(Response(words, code, mimetype="text/plain"))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
