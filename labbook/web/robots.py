"""What is said to programs that read the web by themselves (RFC 9309)."""

from __future__ import annotations

from flask import Blueprint, Response

from .prefix import at

bp = Blueprint("robots", __name__)

_SAID = """\
# Calendars are fetched by programs that ask here first; their addresses are secrets, and nothing of them is indexed.
# Everything else is for people who have signed in.
User-agent: *
Allow: {feeds}
Allow: {free_busy}
Disallow: /
"""


@bp.get("/robots.txt")
def robots() -> Response:
    """Calendars may be fetched, pages need not be; below a path, this is what the host's own has to say."""
    said = _SAID.format(feeds=at("/feeds/"), free_busy=at("/resources/*/free-busy.ifb"))
    response = Response(said, mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
