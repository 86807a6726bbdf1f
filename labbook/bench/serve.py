"""What gunicorn serves while measuring: the application with its statements counted on demand, and an empty one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, send_from_directory
from sqlalchemy import Engine, event

from .. import serve
from .built import built

ASK, TELL = "HTTP_X_COUNT_STATEMENTS", "X-Statements"


def application() -> Flask:
    """LabBook itself; a request with the header X-Count-Statements is told how many statements it took."""
    app = serve.application()
    app.wsgi_app = _Counted(app.wsgi_app)  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", _count)
    app.add_url_rule("/bench/built/<token>", view_func=built)
    return app


def empty(folder: str) -> Flask:
    """A Flask application with a view that answers nothing, what any page costs at least, and one that sends files."""
    app = Flask("empty", static_folder=None)
    app.add_url_rule("/", "empty", lambda: "")
    app.add_url_rule("/files/<name>", "file", lambda name: send_from_directory(folder, name))
    return app


_this = threading.local()


def _count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if getattr(_this, "counts", False) and not statement.startswith("BEGIN"):
        _this.statements += 1


class _Counted:
    """WSGI: counts the statements of this thread while it answers one request."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass the request on."""
        if ASK not in environ:
            return self.app(environ, start_response)
        _this.counts, _this.statements = True, 0

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (TELL, str(_this.statements))], *rest)

        try:
            return self.app(environ, start)
        finally:
            _this.counts = False
