"""The units of a resource, for the managers of its site to change."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, sentences, signed_in
from .. import queries, service
from ..unit_forms import UnitsForm
from ..units import all_units_of
from . import Answer, bp


@bp.get("/resources/<slug>/units")
@login_required
def units(slug: str) -> Answer:
    """The units of a resource, those that are out of use included."""
    resource, site = _to_change(slug)
    form = UnitsForm()
    form.version.data = resource.version
    for unit in all_units_of(resource.id):
        form.units.append_entry({"key": unit.key, "name": unit.name, "is_active": unit.is_active})
    return _page(form, resource, site)


@bp.post("/resources/<slug>/units")
@login_required
def set_units(slug: str) -> Answer:
    """Change them; what cannot be is said beside the unit."""
    resource, site = _to_change(slug)
    form = UnitsForm()
    if not form.validate():
        return _page(form, resource, site), 422
    rows = [service.UnitDraft(one.form.key.data, one.form.name.data, one.form.is_active.data) for one in form.units]
    added = [service.UnitDraft("", name) for name in form.new_names]
    try:
        service.set_units(signed_in(), slug, [*rows, *added], version=form.version.data or 0, now=now())
    except service.UnfitError as error:
        form.tell({name: sentences.plain(one, language()) for name, one in error.reasons.items()})
        return _page(form, resource, site), 422
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        resource, site = _to_change(slug)
        return _page(form, resource, site), 409
    flash(gettext("The units are saved."), "message")
    return redirect(url_for(".units", slug=slug), 303)


def _to_change(slug: str) -> tuple[Any, Any]:
    actor = signed_in()
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    return resource, site


def _page(form: UnitsForm, resource: Any, site: Any) -> str:
    words = language()
    return render_template(
        "catalogue/units.html",
        form=form,
        slug=resource.slug,
        name=resource.name.text(words),
        site_name=site.name.text(words),
        version=resource.version,
    )
