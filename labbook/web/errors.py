"""Exceptions become pages: one table."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException

from ..core.language import N_
from ..core.lifecycle import NotPossibleError
from ..core.permissions import ForbiddenError, NotFoundError
from ..db import BusyError, OverlapError, UnknownOutcomeError, db

RETRY_AFTER = "5"

SAID: dict[int, tuple[str, str]] = {
    400: (N_("That was not understood"), N_("Go back, reload the page and try again.")),
    401: (N_("Please sign in"), N_("This page is for people with an account.")),
    403: (N_("That is not for you to do"), N_("You see this, but the step belongs to somebody else.")),
    404: (N_("Nothing here"), N_("There is no such page, or it is not for you. Check the link.")),
    405: (N_("Not this way"), N_("This page cannot be used like that. Go back and use its buttons.")),
    409: (N_("It has changed meanwhile"), N_("Somebody was faster. Look at how it stands now, then decide again.")),
    413: (N_("Too much at once"), N_("What you sent is too large. Shorten it and send it again.")),
    422: (N_("Something does not fit"), N_("Go back and look at the marked fields.")),
    429: (N_("Too many tries"), N_("Wait a moment, then try again.")),
    500: (N_("Something went wrong"), N_("It is our fault, and it is noted. Try again, or ask the lab's staff.")),
    503: (N_("Busy right now"), N_("Nothing was changed. Try again in a few seconds.")),
}
UNKNOWN = N_("The connection broke while saving. Look at your bookings before you try again: it may have been saved.")
NO_TOKEN = N_("This page was open for too long, or cookies are off. Reload it and send it again.")


def install(app: Flask) -> None:
    """Give every exception its page."""
    app.register_error_handler(HTTPException, lambda error: page(error.code or 500, headers=error))
    app.register_error_handler(CSRFError, lambda error: page(400, NO_TOKEN))
    app.register_error_handler(NotFoundError, lambda error: page(404))
    app.register_error_handler(ForbiddenError, lambda error: page(403))
    app.register_error_handler(NotPossibleError, lambda error: page(409))
    app.register_error_handler(OverlapError, lambda error: page(503))
    app.register_error_handler(BusyError, lambda error: page(503))
    app.register_error_handler(NoConnectionError, lambda error: page(503))  # more ask than there are connections
    app.register_error_handler(UnknownOutcomeError, lambda error: page(503, UNKNOWN))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(RecursionError, lambda error: page(400))
    app.register_error_handler(OverflowError, lambda error: page(422))


def page(code: int, sentence: str = "", *, headers: HTTPException | None = None) -> Response:
    """An error page in the reader's language. A 4xx of which we have no words is a 400."""
    if 300 <= code < 400 and headers is not None:
        return headers.get_response()  # type: ignore[return-value]
    if _is_of_calendar():
        return _to_calendar(code, headers)
    if code >= 500:
        g.plain_error = True  # the page's head would ask the database, which may be what failed
    known = code if code in SAID else (500 if code >= 500 else 400)
    heading, usual = SAID[known]
    body = render_template("error.html", code=code, heading=gettext(heading), sentence=gettext(sentence or usual))
    response = make_response(body, code)
    if code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if headers is not None and getattr(headers, "valid_methods", None):
        response.headers["Allow"] = ", ".join(headers.valid_methods)  # type: ignore[attr-defined]
    return response


def _is_of_calendar() -> bool:
    """Whether a calendar program asks; half of its link, or another verb, leads to none of our pages."""
    is_below = "/feeds/" in request.path.lower()  # wherever LabBook was, when the link was made
    return is_below and (request.url_rule is None or request.url_rule.endpoint == "feeds.calendar")


def _to_calendar(code: int, error: HTTPException | None) -> Response:
    """A calendar program reads no page, and the page would repeat the secret in its address and set a cookie."""
    response = Response(f"{code}\n", code, mimetype="text/plain")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    if code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if error is not None and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def _database(error: DBAPIError) -> Response:
    """A read that failed because the database is away or locked: nothing was changed; anything else is our fault."""
    db.session.rollback()
    if isinstance(error, DataError):  # a value that no column of that type can hold
        return page(400)
    if error.connection_invalidated or "OperationalError" in type(error).__name__:
        return page(503)
    raise error
