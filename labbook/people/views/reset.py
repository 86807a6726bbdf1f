"""A forgotten password. No answer tells whether an address is known here."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import logout_user

from ...core.tokens import token_hash
from ...web import language, now
from ...web.sentences import plain
from .. import accounts
from ..forms.account import ForgotForm, NewPasswordForm
from ..service import resets
from ..service.passwords import UnfitPasswordError
from ..service.refusing import Refused
from ..service.throttle import TooManyTriesError
from . import bp
from .entering import origin, wait_headers, wait_said
from .refusals import note_addresses, note_refused


@bp.get("/forgot")
def forgot() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("people/forgot.html", form=ForgotForm())


@bp.post("/forgot")
def send_forgot() -> ResponseReturnValue:
    """Have a link sent, or not; the answer is the same."""
    form = ForgotForm()
    if not form.validate():
        note_addresses(form.email, is_kept=False)
        return render_template("people/forgot.html", form=form), 422
    try:
        resets.ask(form.email.data or "", origin(), language=language(), now=now())
    except TooManyTriesError as error:
        form.email.errors = [wait_said(error)]
        return render_template("people/forgot.html", form=form), 429, wait_headers(error)
    return render_template("people/forgot_sent.html")


@bp.get("/reset/<token>")
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password; looking uses nothing up."""
    try:
        resets.holder(token, now=now())
    except resets.DeadLinkError:
        return _dead(token)
    return _page(NewPasswordForm(), token, 200)


@bp.post("/reset/<token>")
def send_reset(token: str) -> ResponseReturnValue:
    """Set the new password, once; every session of the account ends."""
    form = NewPasswordForm()
    shortest = current_app.config["PASSWORD_LENGTH"]
    try:
        if not form.validate():
            resets.holder(token, now=now())
            return _page(form, token, 422)
        resets.reset(token, form.new.data or "", origin(), shortest=shortest, now=now())
    except resets.DeadLinkError:
        return _dead(token)
    except UnfitPasswordError as error:
        form.new.errors = [plain(error.sentence, language())]
        return _page(form, token, 422)
    except TooManyTriesError as error:
        form.new.errors = [wait_said(error)]
        answer = _page(form, token, 429)
        answer.headers.update(wait_headers(error))
        return answer
    logout_user()
    session.clear()
    flash(gettext("Your new password is set. Sign in with it."), "done")
    return redirect(url_for(".sign_in"), 303)


def _page(form: NewPasswordForm, token: str, code: int) -> Response:
    shortest = current_app.config["PASSWORD_LENGTH"]
    return _private(render_template("people/reset.html", form=form, token=token, shortest=shortest), code)


def _dead(token: str) -> Response:
    person_id, fault = accounts.fault_of_reset(token_hash(token), now())
    note_refused(Refused.RESET, {"reason": fault}, subject_id=person_id)
    return _private(render_template("people/reset_dead.html"), 404)


def _private(body: str, code: int) -> Response:
    answer = make_response(body, code)
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is a secret
    return answer
