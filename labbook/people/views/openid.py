"""Signing in by the OpenID provider that settings name."""

from __future__ import annotations

from dataclasses import asdict

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from ...core.language import N_
from ...web import now, safe_next
from ...web.prefix import outside
from ..forms.signing_in import SignInForm
from ..service import openid
from ..service.openid import Refusal, RefusedError
from ..service.provider import Pending, Provider, ProviderAwayError
from ..service.throttle import TooManyTriesError
from . import bp
from .entering import go_on, origin, wait_headers, wait_said
from .signing_in import sign_in_page

_PENDING = "openid"
_AWAY = N_("The other sign-in cannot be reached at present. Use your password, or try again in a few minutes.")
_SAID: dict[Refusal, tuple[int, str]] = {
    Refusal.STATE: (400, N_("This sign-in was not begun here, or is over already. Begin it again.")),
    Refusal.DENIED: (403, N_("The other side did not sign you in. Try again, or use your password.")),
    Refusal.ANSWER: (403, N_("What the other side answered could not be trusted. Nobody was signed in.")),
    Refusal.UNVERIFIED: (
        403,
        N_("The other side does not say that your e-mail address is yours. Verify it there, then try again."),
    ),
    Refusal.UNKNOWN: (403, N_("There is no account here for your e-mail address. Ask for an invitation first.")),
    Refusal.INVITED: (
        403,
        N_("You are invited, but have not accepted yet. Open the link in your invitation first, then come back."),
    ),
    Refusal.CLOSED: (403, N_("This account is closed. Ask the lab's staff if that is a mistake.")),
    Refusal.OTHER: (
        403,
        N_("Another identity of the same provider belongs to this account. Use your password, or ask the lab's staff."),
    ),
}


@bp.get("/sign-in/openid")
def begin_openid() -> ResponseReturnValue:
    """To the provider; what proves the way back is kept in this browser's session."""
    provider = _provider()
    target = safe_next(request.args.get("next"))
    try:
        url, pending = provider.begin(now())
    except ProviderAwayError:
        return _refused(target, 503, gettext(_AWAY))
    session[_PENDING] = {**asdict(pending), "next": target}
    return redirect(url, 303)


@bp.get("/sign-in/openid/callback")
def finish_openid() -> ResponseReturnValue:
    """Back from the provider: let in whom it proves, once."""
    provider = _provider()
    kept = session.pop(_PENDING, None) or {}
    target = safe_next(kept.pop("next", None))
    pending = Pending(**kept) if kept else None
    said = {name: request.args.get(name, "") for name in ("state", "code")}
    try:
        entry = openid.sign_in(provider, said, pending, origin(), now=now())
    except RefusedError as error:
        code, sentence = _SAID[error.refusal]
        return _refused(target, code, gettext(sentence))
    except ProviderAwayError:
        return _refused(target, 503, gettext(_AWAY))
    except TooManyTriesError as error:
        return *_refused(target, 429, wait_said(error)), wait_headers(error)
    return go_on(entry, target)


def _provider() -> Provider:
    config = current_app.config
    if not config["OIDC_ISSUER"]:
        raise NotFound
    return Provider(
        config["OIDC_ISSUER"],
        config["OIDC_CLIENT_ID"],
        config["OIDC_CLIENT_SECRET"],
        outside(url_for("people.finish_openid")),
    )


def _refused(target: str, code: int, sentence: str) -> tuple[str, int]:
    form = SignInForm()
    form.next.data = target
    form.form_errors = [sentence]
    return sign_in_page(form), code
