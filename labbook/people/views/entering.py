"""What every way in has in common: where somebody comes from, going on, and having to wait."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, redirect, request, session, url_for
from flask_babel import ngettext
from flask_login import login_user
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from ...core.browsers import browser_name
from ...core.permissions import Actor
from ...web import load
from ..service.factors import Vault
from ..service.origin import Origin
from ..service.signing_in import Entry
from ..service.throttle import TooManyTriesError

WAITING = "waiting_for_code"  # in the browser's session: the token of one that lacks its second factor


def origin() -> Origin:
    """Where this request comes from. A forwarded address counts only behind the proxies that settings trust."""
    return Origin((request.remote_addr or "")[:45], browser_name(request.user_agent.string))


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
    return redirect(target, 303)


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
