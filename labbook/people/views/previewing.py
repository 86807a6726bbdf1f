"""Looking as a partner's people do: begin, the judgement of every request meanwhile, end."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from ...core.permissions import Actor, ForbiddenError
from ...web import SignedIn, actor_or_none, errors, language, login_required, now, preview, signed_in
from ...web.fields import choices
from ...web.public import ALIKE
from ..forms.previewing import PreviewForm
from ..service import previewing
from . import Answer, bp

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WAYS_OUT = frozenset({"people.end_preview", "people.sign_out"})


@bp.before_app_request
def judge_preview() -> Response | None:
    """While it is a preview: may it still be, and is this something that one may look at so?"""
    if request.endpoint in ALIKE or (begun := preview.running()) is None:
        return None
    if actor_or_none() is None:
        preview.end()
        return None
    if (seen := _seen(begun)) is not None:
        preview.wear(seen)
    else:
        preview.end()
        flash(gettext("The preview has ended."), "message")
    if request.endpoint in _WAYS_OUT:
        return None
    if request.method not in _SAFE:  # also the last one, which comes from a page of the preview
        return _refused()
    if seen and request.endpoint is not None and request.endpoint not in preview.SHOWN:
        sentence = gettext("This page is somebody’s own and is not part of the preview. End the preview to open yours.")
        return errors.page(404, sentence)
    return None


def _seen(begun: preview.Running) -> preview.Seen | None:
    """As whom to look; None when the time is up, or whoever began it may not look so any more."""
    looker = actor_or_none()
    if looker is None or begun.is_over(now()):
        return None
    found = previewing.seen_as(looker, begun.partner_key, now())
    return preview.Seen(looker, found[0], found[1].text(language())) if found else None


def _refused() -> Response:
    return errors.page(403, gettext("In a preview you can look, but change nothing. End the preview first."))


@bp.app_context_processor
def _banner() -> dict[str, Any]:
    seen = preview.worn()
    return {"preview_partner": seen.partner if seen else ""}


@bp.get("/preview")
@login_required
def preview_page() -> Answer:
    """The partners as whose people one may look."""
    form = _form(signed_in())
    return render_template("people/preview.html", form=form)


@bp.post("/preview")
@login_required
def begin_preview() -> Answer:
    """Begin; it is written down before anything is shown."""
    form = _form(signed_in())
    if not form.validate():
        return render_template("people/preview.html", form=form), 422
    previewing.begin_preview(signed_in(), form.partner.data, lasts=preview.LASTS, now=now())
    preview.begin(form.partner.data, now())
    return redirect(url_for("home.home"), 303)


@bp.post("/preview/end")
@login_required
def end_preview() -> Answer:
    """End; twice is as good as once."""
    begun = preview.running()
    if begun is not None and preview.worn() is not None:
        previewing.end_preview(cast(SignedIn, current_user).session.actor, begun.partner_key, now=now())
    preview.end()
    return redirect(url_for(".preview_page"), 303)


def _form(actor: Actor) -> PreviewForm:
    if not actor.is_staff:
        raise ForbiddenError
    form = PreviewForm()
    found = previewing.previewable(actor, now())
    form.partner.choices = choices((one.key, one.name.text(language())) for one in found)
    return form
