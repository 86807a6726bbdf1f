"""Headers of every answer, and the check of where an unsafe request comes from."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, NotFound

from ..core.language import has_control_characters

POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # the board's geometry: --l and --w on each bar
        "script-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask) -> None:
    """Put the headers on every answer of the application, errors included."""
    app.after_request(_add)
    app.before_request(_refuse_foreign)
    app.before_request(_refuse_controls)


_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


# Style sheets and modules are no documents: of these headers only one means anything there, and they come by the dozen.
_OF_PARTS = {"X-Content-Type-Options": "nosniff"}
_PARTS = frozenset({"text/css", "text/javascript"})


def _add(response: Response) -> Response:
    headers = response.headers
    present = {name.lower() for name, _ in headers}
    is_part = request.endpoint == "static" and response.mimetype in _PARTS
    wanted = _OF_PARTS if is_part else _ALWAYS
    headers.extend([(name, value) for name, value in wanted.items() if name.lower() not in present])
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.add("Strict-Transport-Security", "max-age=31536000")
    if "cache-control" not in present:
        headers.add("Cache-Control", "no-store")
        headers.add("Vary", "Cookie")
    return response


def _refuse_controls() -> None:
    """No address of ours holds characters that cannot be seen; databases refuse some of them."""
    if has_control_characters(request.path):
        raise NotFound


def _refuse_foreign() -> None:
    """An unsafe request that a browser says comes from another site is refused before anything is read."""
    if request.method in _SAFE or request.routing_exception is not None:  # such a request does nothing anyway
        return
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        if fetched_from not in ("same-origin", "none"):
            raise BadRequest
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and _host_of(origin) != request.host:
        raise BadRequest


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
