"""What a resource contains, requires and offers, for the managers of its site to change."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext

from ...bookings import service
from ...core.links import LinkKind
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, now, sentences, signed_in
from ...web.fields import choices
from .. import linked_pages, queries
from ..link_forms import LinkForm, UnlinkForm
from ..links import linked_to, resources_to_link
from . import Answer, bp


@bp.get("/resources/<slug>/links")
@login_required
def links(slug: str) -> Answer:
    """The links of a resource, and a form for one more."""
    resource, site = _to_change(slug)
    return _page(_form(resource), resource, site)


@bp.post("/resources/<slug>/links")
@login_required
def link(slug: str) -> Answer:
    """Tie one more resource to it; what cannot be is said beside the field."""
    resource, site = _to_change(slug)
    form = _form(resource)
    if not form.validate():
        return _page(form, resource, site), 422
    draft = service.LinkDraft(form.other.data, LinkKind(form.kind.data), form.pieces.data or 1)
    try:
        held = service.link(signed_in(), slug, draft, version=form.version.data or 0, now=now())
    except service.UnfitLinkError as error:
        form.tell({name: sentences.plain(one, language()) for name, one in error.reasons.items()})
        return _page(form, resource, site), 422
    except service.StaleError:
        return _stale(form, slug)
    flash(gettext("They are linked."), "message")
    _tell(held)
    return redirect(url_for(".links", slug=slug), 303)


@bp.post("/resources/<slug>/links/remove")
@login_required
def unlink(slug: str) -> Answer:
    """Take a link away."""
    resource, site = _to_change(slug)
    form = UnlinkForm()
    if not form.validate():
        return _page(_form(resource), resource, site), 422
    try:
        held = service.unlink(signed_in(), slug, form.other.data or "", version=form.version.data or 0, now=now())
    except service.StaleError:
        return _stale(_form(resource), slug)
    flash(gettext("The link is removed."), "message")
    _tell(held)
    return redirect(url_for(".links", slug=slug), 303)


def _to_change(slug: str) -> tuple[Any, Any]:
    actor = signed_in()
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    return resource, site


def _form(resource: Any) -> LinkForm:
    form = LinkForm()
    others = resources_to_link(signed_in(), resource)
    form.other.choices = choices([(one.slug, one.name.text(language())) for one in others])
    if form.version.data is None:
        form.version.data = resource.version
    return form


def _stale(form: LinkForm, slug: str) -> Answer:
    resource, site = _to_change(slug)
    form.version.data = resource.version
    flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
    return _page(form, resource, site), 409


def _tell(held: service.HeldAnew) -> None:
    """What became of bookings that are still to come."""
    if held.changed:
        flash(ngettext("%(num)s booking holds it too.", "%(num)s bookings hold it too.", held.changed), "message")
    if held.lacking:
        said = ngettext(
            "%(num)s booking stands without it: it is taken then.",
            "%(num)s bookings stand without it: it is taken then.",
            held.lacking,
        )
        flash(said, "warning")


def _page(form: LinkForm, resource: Any, site: Any) -> str:
    words = language()
    lines = linked_pages.lines(linked_to(signed_in(), resource), words)
    return render_template(
        "catalogue/links.html",
        form=form,
        slug=resource.slug,
        name=resource.name.text(words),
        site_name=site.name.text(words),
        version=resource.version,
        own=[one for one in lines if one.is_own],
        others=[one for one in lines if not one.is_own],
    )
