"""What every page needs: who is signed in, what time it is, which language, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import flask_login
from flask import Flask, Request, Response, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from ..core.language import LANGUAGES, has_control_characters, person_name
from ..core.permissions import Actor
from ..core.tokens import token_hash
from ..people.queries import Session, session_by_token
from . import preview


class Sessions(SecureCookieSessionInterface):
    """Cookie sessions; calendars, which send no cookie and come most often, do not wait for a serializer."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request."""
        has_one = self.get_cookie_name(app) in request.cookies
        return super().open_session(app, request) if has_one else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write it down when it has changed. That answers depend on it, `headers` says of all to which that applies."""
        if session.modified:
            super().save_session(app, session, response)


babel = Babel()
csrf = CSRFProtect()
login = LoginManager()
login.session_protection = None  # type: ignore[assignment]  # the session is a row in the database; see people.service


class SignedIn(UserMixin):
    """The person of this request, for Flask-Login."""

    def __init__(self, token: str, found: Session) -> None:
        self.token, self.session = token, found

    @property
    def actor(self) -> Actor:
        """Whose rights count for this request: the person's own, or in a preview those of a partner's scientist."""
        seen = preview.worn()
        return seen.actor if seen else self.session.actor

    def get_id(self) -> str:
        """What the cookie carries: the session's token, never the person's id."""
        return self.token


def load(token: str) -> SignedIn | None:
    """The live session behind a cookie, or None when it has ended, idled too long or grown too old."""
    found = session_by_token(token_hash(token), set_clock())
    if found is None:
        return None
    idle = timedelta(hours=current_app.config["SESSION_IDLE_HOURS"])
    oldest = timedelta(days=current_app.config["SESSION_DAYS"])
    if found.now - found.seen_at > idle or found.now - found.started_at > oldest:
        return None
    g.now = found.now
    return SignedIn(token, found)


login.user_loader(load)


def _to_sign_in() -> Response:
    """To the sign-in page, and back to this page afterwards; a step that was not taken is not taken later."""
    target = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"
    return cast(Response, redirect(url_for("people.sign_in", next=target), 303))


login.unauthorized_handler(_to_sign_in)


View = TypeVar("View", bound=Callable[..., Any])


def login_required(view: View) -> View:
    """Send whoever is not signed in to the sign-in page, and back afterwards."""
    return cast(View, flask_login.login_required(view))


def signed_in() -> Actor:
    """Whoever sends this request. For views behind `login_required`."""
    return cast(SignedIn, current_user).actor


def actor_or_none() -> Actor | None:
    """Whoever sends this request, or None when nobody is signed in."""
    if "plain_error" in g:
        return None
    user = cast(Any, current_user)
    return cast(Actor, user.actor) if user.is_authenticated else None


def now() -> datetime:
    """The present, read once per request: with the session from the database server on PostgreSQL."""
    if "now" not in g:
        g.now = set_clock() or datetime.now(UTC)
    return cast(datetime, g.now)


def set_clock() -> datetime | None:
    """The time that tests and the demo have set, if any."""
    clock = current_app.config["CLOCK"]
    return cast(datetime, clock()) if clock else None


def linked_language() -> str | None:
    """The language that the address asks for (`?lang=ja`): of this one page, whoever reads it."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def language() -> str:
    """The reader's language: the one in the address, else the person's, else the one chosen on this browser, else what
    the browser prefers. Never one that goes by the place.
    """
    if (linked := linked_language()) is not None:
        return linked
    if (actor := actor_or_none()) is not None:
        return actor.language
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return cast(str, chosen)
    wanted = (tag.partition("-")[0].lower() for tag, _ in request.accept_languages)
    return next((tag for tag in wanted if tag in LANGUAGES), "en")


def name_of(actor: Actor) -> str:
    """The signed-in person's name as this reader expects it."""
    return person_name(actor.family_name, actor.given_name, language())


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """A path of ours to go on to, or `otherwise`: never another host, whatever spelling it comes in."""
    if not target or has_control_characters(target) or "\\" in target:
        return otherwise
    if not target.startswith("/") or target.startswith("//"):
        return otherwise
    try:
        parts = urlsplit(target)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else target
