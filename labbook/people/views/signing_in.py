"""Signing in and out, and the language."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh
from flask_login import current_user, logout_user
from werkzeug.exceptions import BadRequest

from ...core.language import LANGUAGES
from ...web import SignedIn, actor_or_none, linked_language, now, safe_next
from ...web.public import ALIKE
from .. import service
from ..forms.signing_in import CodeForm, SignInForm
from ..service.signing_in import Entry, NobodyWaitsError, WrongCodeError, complete
from ..service.throttle import TooManyTriesError
from . import bp
from .entering import WAITING, go_on, origin, vault, wait_headers, wait_said
from .refusals import note_addresses, say_stayed


@bp.before_app_request
def note_use() -> None:
    """Note every few minutes that a session is in use; never delays or fails the answer by more than one statement."""
    if request.endpoint is None or request.endpoint in ALIKE or "part" in request.args or actor_or_none() is None:
        return  # a page that keeps itself up to date does not show that anybody is there
    found = cast(SignedIn, current_user).session
    if service.is_due(found):
        service.seen(found.sign_in_id, now=now())


@bp.after_app_request
def note_language(response: Response) -> Response:
    """A link that says its language says it for the pages after it too, as long as nobody is signed in; people's own
    choice is theirs to change. Tablets on walls and calendars get no cookie.
    """
    linked, is_page = linked_language(), response.mimetype == "text/html" and request.blueprint != "signs"
    if linked and is_page and actor_or_none() is None and session.get("language") != linked:
        session["language"] = linked
    return response


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    target = safe_next(request.args.get("next"))
    if actor_or_none() is not None:
        return redirect(target)
    form = SignInForm()
    form.next.data = target
    return sign_in_page(form)


@bp.post("/sign-in")
def send_sign_in() -> ResponseReturnValue:
    """Sign in with a fresh session, and go on to where one wanted to go."""
    form = SignInForm()
    if not form.validate():
        note_addresses(form.email, is_kept=False)
        return sign_in_page(form), 422
    try:
        entry = service.sign_in(form.email.data or "", form.password.data or "", origin(), now=now())
    except TooManyTriesError as error:
        form.form_errors = [wait_said(error)]
        return sign_in_page(form), 429, wait_headers(error)
    if entry is None:
        form.form_errors = [gettext("Address and password do not belong together. Check both and try again.")]
        return sign_in_page(form), 422
    answer = go_on(entry, safe_next(form.next.data))
    say_stayed()
    return answer


def sign_in_page(form: SignInForm) -> str:
    """The sign-in page, with the other way in when there is one."""
    has_other = bool(current_app.config["OIDC_ISSUER"])
    return render_template(
        "people/sign_in.html",
        form=form,
        openid_name=current_app.config["OIDC_NAME"] if has_other else "",
        openid_next=safe_next(form.next.data),
    )


@bp.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """Ask for the second factor's code."""
    if WAITING not in session:
        return redirect(url_for(".sign_in", next=safe_next(request.args.get("next"))), 303)
    form = CodeForm()
    form.next.data = safe_next(request.args.get("next"))
    return render_template("people/code.html", form=form)


@bp.post("/sign-in/code")
def send_code() -> ResponseReturnValue:
    """Finish signing in with a code; the session gets a new token."""
    form = CodeForm()
    if WAITING not in session:
        return redirect(url_for(".sign_in"), 303)
    if not form.validate():
        return render_template("people/code.html", form=form), 422
    try:
        token = complete(session[WAITING], form.code.data or "", vault(), origin(), now=now())
    except NobodyWaitsError:
        session.clear()
        flash(gettext("That took too long. Sign in again, please."), "error")
        return redirect(url_for(".sign_in", next=safe_next(form.next.data)), 303)
    except WrongCodeError:
        form.code.errors = [gettext("This code is not good, or not any more. Take the one that is shown now.")]
        return render_template("people/code.html", form=form), 422
    except TooManyTriesError as error:
        form.code.errors = [wait_said(error)]
        return render_template("people/code.html", form=form), 429, wait_headers(error)
    answer = go_on(Entry(token, True), safe_next(form.next.data))
    say_stayed()
    return answer


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
    return redirect(_page_at(_in_no_language(safe_next(request.form.get("next")))), 303)


def _in_no_language(target: str) -> str:
    """The same page without the language that the address asked for: another one was chosen."""
    parts = urlsplit(target)
    kept = [part for part in parts.query.split("&") if not part.startswith("lang=")]
    return parts._replace(query="&".join(kept)).geturl()


def _page_at(target: str) -> str:
    """The page of this address or, where the address only takes a form, the nearest page above it."""
    methods, path = current_app.url_map.bind("").allowed_methods, urlsplit(target).path
    if not methods(path) or "GET" in methods(path):
        return target
    while "GET" not in methods(path):
        path = path.rpartition("/")[0] or "/"
    return path
