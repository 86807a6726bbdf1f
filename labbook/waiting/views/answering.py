"""Taking what is kept for one, or not; waiting no longer."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext

from ...bookings.service import RefusedError, TooManyOpenError
from ...web import language, login_required, now, sentences, signed_in
from .. import service
from . import Answer, bp
from .lists import page


@bp.post("/offers/<key>/accept")
@login_required
def accept(key: str) -> Answer:
    """Book what is kept: 303 to the request, or the list with why it cannot be had any more."""
    try:
        request_key = service.accept(signed_in(), key, now=now())
    except service.GoneError:
        flash(_gone(), "error")
        return page(), 409
    except TooManyOpenError:
        flash(
            gettext("Too many of your requests wait already. Withdraw one, or wait until staff have decided."), "error"
        )
        return page(), 409
    except RefusedError as refused:
        for one in refused.verdict.refusals:
            flash(sentences.said(one.said.sentence, one.said.values, language()), "error")
        return page(), 409
    return redirect(url_for("bookings.request_page", key=request_key), 303)


@bp.post("/offers/<key>/refuse")
@login_required
def refuse(key: str) -> Answer:
    """No thanks: it goes to whoever comes next."""
    try:
        service.refuse(signed_in(), key, now=now())
    except service.GoneError:
        flash(_gone(), "error")
        return page(), 409
    flash(gettext("It is not kept for you any more."), "message")
    return redirect(url_for(".waiting"), 303)


def _gone() -> str:
    return gettext("This is not kept for you any more.")


@bp.post("/waiting/<key>/leave")
@login_required
def leave(key: str) -> Answer:
    """Wait no longer."""
    service.leave(signed_in(), key, now=now())
    flash(gettext("You do not wait for it any more."), "message")
    return redirect(url_for(".waiting"), 303)
