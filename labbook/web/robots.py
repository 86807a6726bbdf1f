"""What is said to programs that read the web by themselves (RFC 9309)."""

from __future__ import annotations

from flask import Blueprint, Response

bp = Blueprint("robots", __name__)

_SAID = """\
# Calendars are fetched by programs that ask here first; their addresses are secrets, and nothing of them is indexed.
# Everything else is for people who have signed in.
User-agent: *
Allow: /feeds/
Allow: /resources/*/free-busy.ifb
Disallow: /
"""


@bp.get("/robots.txt")
def robots() -> Response:
    """Calendars may be fetched, pages need not be."""
    response = Response(_SAID, mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
