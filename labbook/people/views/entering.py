"""What every way in has in common: where somebody comes from, going on, and having to wait."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, redirect, request, session, url_for
from flask_babel import ngettext
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from ...core.addresses import plain_address
from ...core.browsers import browser_name
from ...core.permissions import Actor
from ...web import load
from ..service.factors import Vault
from ..service.origin import MARKED, Origin
from ..service.signing_in import Entry
from ..service.throttle import KNOWN_FOR, TooManyTriesError, account_hash

MARK = "known-browser"
WAITING = "waiting_for_code"  # in the browser's session: the token of one that lacks its second factor


def origin() -> Origin:
    """Where this request comes from. A forwarded address counts only behind the proxies that settings trust."""
    account, mark = _marked()
    return Origin((request.remote_addr or "")[:45], browser_name(request.user_agent.string), account, mark)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=MARK)


def _marked() -> tuple[str, str]:
    """For which account this browser was let in last, and its mark; both empty for one that never was."""
    try:
        account, mark = _signer().loads(request.cookies.get(MARK, ""))
    except (BadSignature, ValueError, TypeError):
        return "", ""
    return str(account), str(mark)


def _leave_mark(response: Response, email: str) -> None:
    """Mark the browser, so that nobody who shares its address can keep its owner waiting at the door."""
    named = account_hash(plain_address(email))
    if _marked()[0] == named:
        return
    response.set_cookie(
        MARK,
        str(_signer().dumps([named, MARKED + secrets.token_urlsafe(16)])),
        max_age=KNOWN_FOR,
        path=url_for("people.sign_in"),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def vault() -> Vault:
    """What keeps the secrets of second factors."""
    return Vault(current_app.config["SECRET_KEY"])


def go_on(entry: Entry, target: str) -> Response:
    """Into LabBook, or to the question for the code first."""
    session.clear()  # a session that began before signing in is not carried over
    if not entry.is_complete:
        session[WAITING] = entry.token
        return redirect(url_for("people.code", next=target), 303)
    signed = load(entry.token)
    if signed is None:
        raise BadRequest
    login_user(signed)
    response = redirect(target, 303)
    _leave_mark(response, signed.session.actor.email)
    return response


def wait_said(error: TooManyTriesError) -> str:
    """For how long no further try is looked at."""
    return ngettext(
        "There were too many tries. Wait %(num)s minute, then try again.",
        "There were too many tries. Wait %(num)s minutes, then try again.",
        error.minutes,
    )


def wait_headers(error: TooManyTriesError) -> dict[str, str]:
    """The same for programs, in seconds (RFC 9110, 10.2.3)."""
    return {"Retry-After": str(int(error.wait / timedelta(seconds=1)) + 1)}


def needs_factor(actor: Actor, has_factor: bool) -> bool:
    """Whether this person's role demands a second factor that they do not have."""
    demanding = current_app.config["SECOND_FACTOR_FOR"]
    held = {role for _, role in actor.partners | actor.sites} | actor.lab
    return not has_factor and bool(demanding & held)
