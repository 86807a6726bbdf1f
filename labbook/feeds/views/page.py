"""The page of one's feeds."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...catalogue.queries import resources_for, sites_for
from ...core.feeds import Detail, Scope
from ...core.permissions import Do, Matter, may
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import forms, queries
from ..service import making
from . import bp, file_name


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
    wanted = making.Wanted(
        form.name.data or "",
        Scope(form.scope.data),
        Detail(form.detail.data),
        form.language.data,
        form.resource.data or "",
        form.site.data or "",
    )
    try:
        token = making.create(signed_in(), wanted, now=now())
    except making.TooManyFeedsError:
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
    making.revoke(signed_in(), key, now=now())
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
        for feed, _, resource, _, _, site in queries.feeds_of(signed_in().person_id)
    ]
    response = make_response(render_template("feeds/feeds.html", feeds=lines, form=form, made=made))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
