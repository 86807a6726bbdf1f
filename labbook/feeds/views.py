"""The page of one's feeds, and the door at which calendars knock."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..catalogue.queries import resources_for, sites_for
from ..core.feeds import Detail, Scope
from ..core.permissions import Do, Matter, may
from ..web import language, login_required, now, set_clock, signed_in, times
from ..web.fields import choices
from . import forms, queries, service

bp = Blueprint("feeds", __name__)

_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed in the list."""

    key: str
    name: str
    scope_label: str
    detail_label: str
    created: str
    last_fetched: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """A feed just made: its link is shown this once."""

    name: str
    url: str
    webcal_url: str


# --- the page ---------------------------------------------------------------------------------------------------------


@bp.get("/feeds")
@login_required
def feeds() -> ResponseReturnValue:
    """One's feeds, and a form for a new one."""
    form = _form()
    form.language.data = language()
    return _page(form)


@bp.post("/feeds")
@login_required
def create() -> ResponseReturnValue:
    """Make a feed and show its link once; the answer itself carries it, no redirect and no cookie does."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    wanted = service.Wanted(
        form.name.data or "",
        Scope(form.scope.data),
        Detail(form.detail.data),
        form.language.data,
        form.resource.data or "",
        form.site.data or "",
    )
    try:
        token = service.create(signed_in(), wanted, now=now())
    except service.TooManyFeedsError:
        form.name.errors = [gettext("You have as many feeds as one may have. Revoke one first.")]
        return _page(form), 409
    path = url_for(".calendar", token=token, name=file_name(wanted.name))
    url = current_app.config["BASE_URL"] + path
    fresh = _form()
    fresh.language.data = language()
    return _page(fresh, MadeFeed(wanted.name, url, "webcal://" + url.partition("://")[2])), 201


@bp.post("/feeds/<key>/revoke")
@login_required
def revoke(key: str) -> ResponseReturnValue:
    """End a feed; its link answers 410 from now on."""
    service.revoke(signed_in(), key, now=now())
    return redirect(url_for(".feeds"), 303)


def _form() -> forms.FeedForm:
    actor, words = signed_in(), language()
    form = forms.FeedForm()
    sites = [site for site in sites_for(actor) if may(actor, Do.FOLLOW_SITE, Matter(site.id))]
    form.scope.choices = choices(
        [
            ("mine", gettext("My bookings")),
            ("resource", gettext("One resource")),
            *([("site", gettext("A whole site"))] if sites else []),
        ]
    )
    form.detail.choices = choices([("full", gettext("Everything I may see")), ("busy", gettext("Busy times only"))])
    form.resource.choices = choices(
        (one.slug, f"{one.name.text(words)} · {site.name.text(words)}") for one, _, site in resources_for(actor)
    )
    form.site.choices = choices((site.slug, site.name.text(words)) for site in sites)
    _ignore_unused(form)
    return form


def _ignore_unused(form: forms.FeedForm) -> None:
    """The choice of a resource or a site counts only in its own scope."""
    for field, scope in ((form.resource, "resource"), (form.site, "site")):
        if form.scope.data != scope:
            field.validate_choice = False


def _page(form: forms.FeedForm, made: MadeFeed | None = None) -> Response:
    words, at = language(), now()
    lines = [
        FeedLine(
            feed.key,
            feed.name,
            resource.name.text(words) if resource else site.name.text(words) if site else gettext("My bookings"),
            gettext("Busy times only") if feed.detail is Detail.BUSY else gettext("Everything I may see"),
            times.ago(feed.created_at, at, words),
            times.ago(feed.fetched_at, at, words) if feed.fetched_at else "",
            feed.revoked_at is not None,
        )
        for feed, resource, site in queries.feeds_of(signed_in().person_id)
    ]
    response = make_response(render_template("feeds/feeds.html", feeds=lines, form=form, made=made))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def file_name(name: str) -> str:
    """A short ASCII name for the last part of the link, from which some clients name the calendar."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return (re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:22].strip("-")) or "labbook"


# --- the door ---------------------------------------------------------------------------------------------------------


@bp.get("/feeds/<token>/<name>.ics")
def calendar(token: str, name: str) -> Response:
    """The calendar: 200 or 304; 404 for an unknown token, 410 for one that is dead. No session, no cookie."""
    door = queries.door(token, set_clock()) if len(token) <= _LONGEST_TOKEN else None
    if door is None:
        return _gone("There is no such calendar.\n", 404)
    if service.is_dead(door):
        return _gone("This calendar is no longer available.\n", 410)
    if service.is_due(door):
        service.note_fetch(door.feed_id, now=door.now)
    etag = service.known_etag(door)
    if etag is not None and request.if_none_match.contains_weak(etag):
        return _private(Response(status=304), etag)
    return _worked_out(door)


def _worked_out(door: queries.Door) -> Response:
    """The answer when something may have changed: the owner's rights are judged, and the result is remembered."""
    owner = service.owner_of(door)
    if owner is None:
        return _gone("This calendar is no longer available.\n", 410)
    base_url, secret = current_app.config["BASE_URL"], current_app.config["SECRET_KEY"].encode()
    etag = service.etag_of(door, owner, base_url)
    if service.known_etag(door) != etag:
        service.remember(door, owner, etag, valid_until=service.valid_until(door))
    if request.if_none_match.contains_weak(etag):
        return _private(Response(status=304), etag)
    body = service.calendar_of(door, owner, base_url=base_url, secret=secret)
    response = Response(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(door.name)}.ics"'
    return _private(response, etag)


def _gone(said: str, code: int) -> Response:
    return _private(Response(said, code, mimetype="text/plain"))


def _private(response: Response, etag: str = "") -> Response:
    if etag:
        response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
