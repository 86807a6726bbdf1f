"""The stars beside resources, on whatever page they stand."""

from __future__ import annotations

from flask import redirect, request, url_for

from ...web import login_required, safe_next, signed_in
from .. import service
from . import Answer, bp


@bp.post("/favourites/<slug>")
@login_required
def keep(slug: str) -> Answer:
    """Keep a resource among one's favourites; back to where the star stands."""
    service.keep_favourite(signed_in(), slug)
    return _back(slug)


@bp.post("/favourites/<slug>/remove")
@login_required
def drop(slug: str) -> Answer:
    """No longer keep it; back to where the star stands."""
    service.drop_favourite(signed_in(), slug)
    return _back(slug)


def _back(slug: str) -> Answer:
    target = safe_next(request.form.get("next"), url_for("catalogue.resource", slug=slug))
    return redirect(f"{target.partition('#')[0]}#{slug}", 303)
