"""When a resource is taken, by an address of its own."""

from __future__ import annotations

import hashlib
import time

from flask import Response, current_app, request
from werkzeug.exceptions import TooManyRequests

from ...core.throttle import Throttle
from ...web import actor_or_none, now
from ..service.free_busy import free_busy as free_busy_of
from . import bp

ASKED = Throttle(300)  # by one address: a program that asks about every resource of a lab stays far below


@bp.get("/resources/<slug>/free-busy.ifb")
def free_busy(slug: str) -> Response:
    """The times, as VFREEBUSY; 404 alike for what is not there, what is hidden, and what is for members alone."""
    viewer = actor_or_none()
    if viewer is None and ASKED.is_over(request.remote_addr or "", time.monotonic()):
        raise TooManyRequests
    found = free_busy_of(viewer, slug, base_url=current_app.config["BASE_URL"], now=now())
    response = Response(found.body, mimetype="text/calendar")
    response.set_etag(hashlib.blake2b(found.body, digest_size=20).hexdigest())
    response.headers["Content-Disposition"] = f'inline; filename="{found.slug}.ifb"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.make_conditional(request)
    return response
