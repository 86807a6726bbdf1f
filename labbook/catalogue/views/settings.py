"""What a site's managers choose for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, signed_in, times
from ...web.fields import choices
from .. import forms, queries, service
from . import Answer, bp


@bp.get("/sites/<site>/settings")
@login_required
def site_settings(site: str) -> Answer:
    """What is chosen for the site."""
    form = _form()
    form.busy.data = form.first_weekday.data = form.free_busy.data = None  # only what is stored says what is chosen
    return _settings_page(site, form)


@bp.post("/sites/<site>/settings")
@login_required
def set_site(site: str) -> Answer:
    """Choose; from a page that is out of date nothing is changed."""
    actor, form = signed_in(), _form()
    require(actor, Do.SET_SITE, Matter(queries.site_by_slug(actor, site).id))
    if not form.validate():
        return _settings_page(site, form), 422
    chosen = _chosen(form.busy.data, form.first_weekday.data, form.free_busy.data)
    was = _chosen(form.was.data, form.was_weekday.data, form.was_free_busy.data)
    try:
        service.set_site(actor, site, chosen, was=was, now=now())
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return _settings_page(site, form), 409
    flash(gettext("Saved. It counts at once, in calendar feeds too."), "message")
    return redirect(url_for(".site_settings", site=site), 303)


def _chosen(busy: str | None, first_weekday: str | None, free_busy: str | None) -> service.Chosen:
    return service.Chosen(busy == forms.TOGETHER, int(first_weekday or 0), free_busy == forms.EVERYBODY)


def _form() -> forms.SiteForm:
    form, words = forms.SiteForm(), language()
    form.first_weekday.choices = choices((day, times.weekday_label(int(day), words)) for day in forms.WEEKDAYS)
    return form


def _settings_page(slug: str, form: forms.SiteForm) -> str:
    actor = signed_in()
    site = queries.site_by_slug(actor, slug)
    require(actor, Do.SET_SITE, Matter(site.id))
    form.was.data = forms.TOGETHER if site.merges_busy else forms.APART
    form.was_weekday.data = str(site.first_weekday)
    form.was_free_busy.data = forms.EVERYBODY if site.free_busy else forms.MEMBERS
    form.busy.data = form.busy.data or form.was.data
    form.free_busy.data = form.free_busy.data or form.was_free_busy.data
    if form.first_weekday.data not in forms.WEEKDAYS:
        form.first_weekday.data = form.was_weekday.data
    return render_template("catalogue/settings.html", form=form, site_slug=slug, site_name=site.name.text(language()))
