"""The home page."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_babel import gettext

from ...catalogue.queries import sites_for
from ...web import login_required, signed_in
from . import Answer, bp


@bp.get("/")
@login_required
def home() -> Answer:
    """To the day at one's own site."""
    actor = signed_in()
    sites = sites_for(actor)
    if not sites:
        return render_template(
            "error.html",
            code="",
            heading=gettext("No access at present"),
            sentence=gettext("No agreement of your organisation is in force. Ask your coordinator or the lab's staff."),
        )
    own = next((site for site in sites if site.id == actor.home_site_id), sites[0])
    return redirect(url_for("bookings.day", site=own.slug))
