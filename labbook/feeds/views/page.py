"""The page of one's feeds, and the page that shows a link, once."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from ...core.feeds import ALARM_MINUTES, HISTORY_DAYS, Detail
from ...core.language import N_
from ...web import language, login_required, now, signed_in
from ...web.fields import choices, grouped
from .. import drawing, forms, kept
from ..offers import Offer, followed, offers
from ..service import making
from . import bp

_UNFIT = {
    "buffers": N_("Set-up and clean-up are for staff of the place. Choose where you work, or leave them out."),
    "alarm_minutes": N_("Alarms ring for your own bookings only. Choose “My bookings”, or no alarm."),
}


@bp.get("/feeds")
@login_required
def feeds() -> ResponseReturnValue:
    """One's feeds, and a form for a new one; links elsewhere choose in the address what it is about."""
    found = offers(signed_in())
    form = _form(found)
    form.show(request.args.get("about", ""), language())
    return _page(form, found)


@bp.post("/feeds")
@login_required
def create() -> ResponseReturnValue:
    """Make a feed and show its link once; the answer itself carries it, no redirect and no cookie does."""
    actor = signed_in()
    found = offers(actor)
    form = _form(found)
    if not form.validate():
        return _page(form, found), 422
    offer = next(one for one in found if one.code == form.about.data)
    wanted = making.Wanted(
        form.name.data or _name_of(offer, form.language.data),
        offer.scope,
        Detail(form.detail.data),
        form.language.data,
        offer.slug,
        form.takes,
    )
    try:
        token = making.create(actor, wanted, now=now())
    except making.UnfitError as error:
        form[error.part].errors = [gettext(_UNFIT[error.part])]
        return _page(form, found), 422
    except making.TooManyFeedsError:
        form.name.errors = [gettext("You have as many feeds as one may have. Revoke one first.")]
        return _page(form, found), 409
    return _shown_once(wanted.name, token, drawing.latin_name(offer)), 201


@bp.post("/feeds/<key>/rotate")
@login_required
def rotate(key: str) -> ResponseReturnValue:
    """Give a feed a new link and show it once; the old one answers 410 from now on."""
    actor = signed_in()
    try:
        name, token = making.rotate(actor, key, now=now())
    except making.RevokedError:
        flash(gettext("This feed was revoked. Make a new one instead."), "error")
        return redirect(url_for(".feeds"), 303)
    theirs = followed(kept.feeds_of(actor.person_id), offers(actor))
    offer = next((one.offer for one in theirs if one.feed.key == key), None)
    return _shown_once(name, token, drawing.latin_name(offer) if offer else "")


@bp.post("/feeds/<key>/revoke")
@login_required
def revoke(key: str) -> ResponseReturnValue:
    """End a feed; its link answers 410 from now on."""
    making.revoke(signed_in(), key, now=now())
    flash(gettext("The feed is revoked. Its link does not work any more."), "message")
    return redirect(url_for(".feeds"), 303)


def _form(found: list[Offer]) -> forms.FeedForm:
    form, words = forms.FeedForm(), language()
    form.about.choices = grouped((*drawing.choice_of(one, words), one.code) for one in found)
    form.history_days.choices = choices((str(days), drawing.history_label(days)) for days in HISTORY_DAYS)
    alarms = ((str(minutes), drawing.alarm_label(minutes)) for minutes in ALARM_MINUTES)
    form.alarm_minutes.choices = choices([(forms.NO_ALARM, gettext("No alarm")), *alarms])
    return form


def _name_of(offer: Offer, words: str) -> str:
    """A name in the feed's own language, where none was typed."""
    with force_locale(words):
        return drawing.title_of(offer, words)[: forms.NAME_LENGTH].strip()


def _page(form: forms.FeedForm, found: list[Offer]) -> str:
    theirs = followed(kept.feeds_of(signed_in().person_id), found)
    lines = [drawing.line_of(one, now(), language()) for one in theirs]
    return render_template("feeds/feeds.html", feeds=lines, form=form)


def _shown_once(name: str, token: str, otherwise: str) -> Response:
    """The page with a new link. The address of the page itself is no secret, but nobody else learns it either."""
    path = f"/feeds/{token}/{drawing.file_name(name, otherwise)}.ics"  # as door.calendar answers, whatever the prefix
    link = drawing.Link(name, current_app.config["BASE_URL"] + path)
    response = make_response(render_template("feeds/made.html", link=link))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
