"""Checking in."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from ...web import language, login_required, now, safe_next, sentences, signed_in
from .. import decision_forms, service
from . import Answer, bp
from .requests import page_of_booking


@bp.post("/bookings/<key>/check-in")
@login_required
def check_in(key: str) -> Answer:
    """Say that somebody has come: 303 to where the button was."""
    form = decision_forms.VersionForm()
    if not form.validate():
        return page_of_booking(key), 422
    try:
        request_key = service.check_in(signed_in(), key, version=form.version.data or 0, now=now())
    except service.NotNowError as error:
        flash(sentences.plain(error.sentence, language()), "error")
        return page_of_booking(key), 409
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return page_of_booking(key), 409
    flash(gettext("Checked in."), "message")
    if back := safe_next(request.form.get("back"), ""):
        return redirect(back, 303)
    if request.form.get("next") == "bookings":
        return redirect(url_for(".mine"), 303)
    return redirect(url_for(".request_page", key=request_key), 303)
