"""The reasons that a site gives often when it declines."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...catalogue.queries import site_by_slug
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, signed_in
from .. import reason_forms as forms
from ..queries.reasons import reason_by_key, reasons_at
from ..service import reasons as service
from . import Answer, bp


@bp.get("/sites/<site>/reasons")
@login_required
def reasons(site: str) -> Answer:
    """The list, and a form for one more."""
    return _list(_site(site), forms.ReasonForm())


@bp.post("/sites/<site>/reasons")
@login_required
def add_reason(site: str) -> Answer:
    """Add one."""
    found, form = _site(site), forms.ReasonForm()
    if not form.validate():
        return _list(found, form), 422
    try:
        service.add_reason(signed_in(), site, form.words, now=now())
    except service.TooManyReasonsError:
        flash(gettext("The list is as long as it may be. Take off it what is no longer used."), "error")
        return _list(_site(site), form), 409
    flash(gettext("It is on the list from now on."), "message")
    return redirect(url_for(".reasons", site=site), 303)


@bp.get("/sites/<site>/reasons/<key>")
@login_required
def reason(site: str, key: str) -> Answer:
    """One reason, to be worded anew."""
    found = _site(site)
    seen, form = reason_by_key(found.id, key), forms.ChangeReasonForm()
    form.words_en.data, form.words_ja.data, form.version.data = seen.words.en, seen.words.ja, seen.version
    return _one(found, key, form)


@bp.post("/sites/<site>/reasons/<key>")
@login_required
def set_reason(site: str, key: str) -> Answer:
    """Word it anew; from a page that is out of date nothing is changed."""
    found, form = _site(site), forms.ChangeReasonForm()
    reason_by_key(found.id, key)
    if not form.validate():
        return _one(found, key, form), 422
    try:
        service.set_reason(signed_in(), site, key, form.words, version=form.version.data or 0, now=now())
    except service.ChangedMeanwhileError:
        found = _site(site)
        form.version.data = reason_by_key(found.id, key).version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _one(found, key, form), 409
    flash(gettext("Saved. What was declined before keeps its words."), "message")
    return redirect(url_for(".reasons", site=site), 303)


@bp.post("/sites/<site>/reasons/<key>/remove")
@login_required
def remove_reason(site: str, key: str) -> Answer:
    """Take it off the list."""
    found, form = _site(site), forms.ReasonVersionForm()
    reason_by_key(found.id, key)
    if not form.validate():
        return _list(found, forms.ReasonForm()), 422
    try:
        service.remove_reason(signed_in(), site, key, version=form.version.data or 0, now=now())
    except service.ChangedMeanwhileError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return _list(_site(site), forms.ReasonForm()), 409
    flash(gettext("It is off the list. What was declined with it keeps its words."), "message")
    return redirect(url_for(".reasons", site=site), 303)


@bp.post("/sites/<site>/reasons/<key>/first")
@login_required
def put_reason_first(site: str, key: str) -> Answer:
    """Put it at the top of the list."""
    service.put_first(signed_in(), site, key, now=now())
    return redirect(url_for(".reasons", site=site), 303)


def _site(slug: str) -> Any:
    actor = signed_in()
    site = site_by_slug(actor, slug)
    require(actor, Do.KEEP_REASONS, Matter(site.id))
    return site


def _list(site: Any, form: forms.ReasonForm) -> str:
    return render_template(
        "desk/reasons.html",
        form=form,
        reasons=[(one.key, one.version, one.words) for one in reasons_at(site.id)],
        site_slug=site.slug,
        site_name=site.name.text(language()),
    )


def _one(site: Any, key: str, form: forms.ChangeReasonForm) -> str:
    return render_template(
        "desk/reason.html", form=form, key=key, site_slug=site.slug, site_name=site.name.text(language())
    )
