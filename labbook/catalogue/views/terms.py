"""The standing terms of a resource, for the managers of its site to change."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...core.deciding import AtDeadline
from ...core.hours import Cover
from ...core.permissions import Do, Matter, require
from ...core.terms import Asks
from ...web import language, login_required, now, sentences, signed_in
from ...web.amounts import amount_of
from ...web.fields import choices
from .. import forms, pages, queries, service
from . import Answer, bp
from .resources import fit_for


@bp.get("/resources/<slug>/terms")
@login_required
def terms(slug: str) -> Answer:
    """What a resource demands of every booking, as a form."""
    resource, site = _to_change(slug)
    form = _form(resource)
    _fill(form, resource)
    return _page(form, resource, site)


@bp.post("/resources/<slug>/terms")
@login_required
def set_terms(slug: str) -> Answer:
    """Change it; what cannot be is said beside the field, and from a page that is out of date nothing is changed."""
    resource, site = _to_change(slug)
    form = _form(resource)
    if not form.validate():
        return _page(form, resource, site), 422
    try:
        service.set_terms(signed_in(), slug, _draft(form), version=form.version.data or 0, now=now())
    except service.UnfitError as error:
        form.tell({name: sentences.plain(one, language()) for name, one in error.reasons.items()})
        return _page(form, resource, site), 422
    except service.StaleError:
        resource, site = _to_change(slug)
        form.version.data = resource.version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _page(form, resource, site), 409
    flash(gettext("Saved. It counts for what is asked for or moved from now on."), "message")
    return redirect(url_for(".terms", slug=slug), 303)


def _to_change(slug: str) -> tuple[Any, Any]:
    actor = signed_in()
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    return resource, site


def _form(resource: Any) -> forms.TermsForm:
    form = forms.TermsForm()
    level = queries.areas_at(resource.site_id)[resource.area_id].biosafety
    areas = gettext("As its area: level %(level)s", level=level) if level else gettext("As its area: no matter which")
    form.biosafety.choices = choices([("", areas), *((one, one) for one in forms.LEVELS)])
    return form


def _fill(form: forms.TermsForm, resource: Any) -> None:
    """Put into the form what is stored."""
    for name, field in form.amounts.items():
        field.show(getattr(resource, service.AMOUNTS[name]))
    form.shares_buffers.data, form.holds_on_request.data = resource.shares_buffers, resource.holds_on_request
    form.cover.data, form.asks.data = str(resource.cover), str(resource.asks)
    form.decide_hours.data, form.at_deadline.data = resource.decide_hours, resource.at_deadline
    form.two_steps.data = resource.two_steps
    form.biosafety.data = str(resource.biosafety or "")
    form.tags_en.data, form.tags_ja.data = resource.tags.en, resource.tags.ja
    form.version.data = resource.version
    for row, mode in zip(form.modes, resource.kinds_of_work, strict=False):
        row.form.slug.data, row.form.en.data, row.form.ja.data = mode.slug, mode.name.en, mode.name.ja


def _draft(form: forms.TermsForm) -> service.TermsDraft:
    return service.TermsDraft(
        {name: amount_of(field) for name, field in form.amounts.items()},
        shares_buffers=form.shares_buffers.data,
        cover=Cover(form.cover.data),
        asks=Asks(form.asks.data),
        holds_on_request=form.holds_on_request.data,
        biosafety=int(form.biosafety.data) if form.biosafety.data else None,
        tags=form.tags,
        deciding=service.Deciding(form.decide_hours.data or 0, AtDeadline(form.at_deadline.data), form.two_steps.data),
        modes=[service.WantedMode(one.slug.data or "", one.name) for _, one in form.named_modes],
    )


def _page(form: forms.TermsForm, resource: Any, site: Any) -> str:
    words = language()
    area = queries.areas_at(site.id)[resource.area_id]
    return render_template(
        "catalogue/terms.html",
        form=form,
        slug=resource.slug,
        name=resource.name.text(words),
        site_name=site.name.text(words),
        by_day=resource.by_day,
        rules=pages.rules_of(resource.terms, fit_for(resource, area), resource.kinds_of_work, words),
    )
