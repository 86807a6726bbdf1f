"""LabBook below a path of its host, as in https://example.com/labbook: that path is in `LABBOOK_BASE_URL`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, has_request_context, request

Start = Callable[..., Any]


def at(path: str) -> str:
    """One of our paths as a browser has to ask for it."""
    return request.script_root + path if has_request_context() else path


def outside(path: str) -> str:
    """The whole address of a path that a browser may ask for, as other programs have to ask for it."""
    return str(current_app.config["BASE_URL"]) + path.removeprefix(request.script_root)


def prefix_of(base_url: str) -> str:
    """The path in the address that people use; empty at the top of a host."""
    return urlsplit(base_url).path.rstrip("/")


class Prefix:
    """WSGI: takes the prefix off what is asked, if the proxy has not, and puts it back where an answer leads on."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], prefix: str) -> None:
        self._inner, self._prefix = inner, prefix

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Pass the request on."""
        path = environ.get("PATH_INFO", "")
        if self._is_below(path):
            path = path[len(self._prefix) :]
        asked = {**environ, "SCRIPT_NAME": self._prefix, "PATH_INFO": path or "/"}

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [(name, self._onward(name, value)) for name, value in headers], *rest)

        return self._inner(asked, start)

    def _is_below(self, path: str) -> bool:
        return path == self._prefix or path.startswith(f"{self._prefix}/")

    def _onward(self, name: str, value: str) -> str:
        if name != "Location" or not value.startswith("/") or self._is_below(value.partition("?")[0]):
            return value
        return self._prefix + value
