"""Polls of calendars that have not changed: answered before anything else of the application is woken.

Clients ask many times a day for what changes a few times a week. All that such an answer needs is one row; whatever is
not such an answer goes the usual way, which would say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from .. import queries
from ..service import answering
from .validators import is_latest, validators

_DOOR = re.compile(r"/feeds/([\w-]{1,100})/[\w.-]+\.ics", re.ASCII)  # with a name as we give them
_METHODS = frozenset({"GET", "HEAD"})


class Polls:
    """WSGI: says 304 to whoever has the latest calendar, and passes every other request on."""

    def __init__(self, app: Flask) -> None:
        self._config, self._inner = app.config, app.wsgi_app
        with app.app_context():
            self._reading = queries.reading()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, or pass on."""
        headers = self._unchanged(environ)
        if headers is None:
            return self._inner(environ, start_response)
        start_response("304 NOT MODIFIED", headers)
        return ()

    def _unchanged(self, environ: dict[str, Any]) -> list[tuple[str, str]] | None:
        """The headers of the answer when nothing has changed, and nothing is to be done about it."""
        has_any = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ
        if not has_any or environ["REQUEST_METHOD"] not in _METHODS:
            return None
        address = _DOOR.fullmatch(environ["PATH_INFO"])
        if address is None:
            return None
        clock = self._config["CLOCK"]
        door = queries.polled(address.group(1), clock() if clock else None, self._reading)
        if door is None or answering.is_dead(door) or answering.is_due(door):
            return None
        known = answering.known(door)
        if known is None or not is_latest(environ, known, door.now):
            return None
        return validators(environ, known)
