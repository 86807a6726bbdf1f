"""Signing in and out, and the language."""

from __future__ import annotations

from typing import cast

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh
from flask_login import current_user, login_user, logout_user
from werkzeug.exceptions import BadRequest

from ...catalogue.queries import sites_for
from ...core.language import LANGUAGES
from ...web import SignedIn, actor_or_none, load, login_required, now, safe_next, signed_in
from .. import service
from ..forms.signing_in import SignInForm
from . import bp


@bp.before_app_request
def note_use() -> None:
    """Note every few minutes that a session is in use; never delays or fails the answer by more than one statement."""
    if request.endpoint in (None, "static", "feeds.calendar", "healthz") or actor_or_none() is None:
        return
    found = cast(SignedIn, current_user).session
    if service.is_due(found):
        service.seen(found.sign_in_id, now=now())


@bp.get("/")
@login_required
def home() -> ResponseReturnValue:
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


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    target = safe_next(request.args.get("next"))
    if actor_or_none() is not None:
        return redirect(target)
    form = SignInForm()
    form.next.data = target
    return render_template("people/sign_in.html", form=form)


@bp.post("/sign-in")
def send_sign_in() -> ResponseReturnValue:
    """Sign in with a fresh session, and go on to where one wanted to go."""
    form = SignInForm()
    token = None
    if form.validate():
        token = service.sign_in(form.email.data or "", form.password.data or "", now=now())
        if token is None:
            form.form_errors = [gettext("Address and password do not belong together. Check both and try again.")]
    if token is None:
        return render_template("people/sign_in.html", form=form), 422
    target = safe_next(form.next.data)
    session.clear()  # a session that began before signing in is not carried over
    signed = load(token)
    if signed is None:
        raise BadRequest
    login_user(signed)
    return redirect(target, 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    if actor_or_none() is not None:
        service.sign_out(cast(SignedIn, current_user).token, now=now())
    logout_user()
    session.clear()
    return redirect(url_for(".sign_in"), 303)


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Choose the language, for this person or, signed out, for this browser."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise BadRequest
    if (actor := actor_or_none()) is not None:
        service.choose_language(actor, chosen)
    session["language"] = chosen
    refresh()
    return redirect(safe_next(request.form.get("next")), 303)
