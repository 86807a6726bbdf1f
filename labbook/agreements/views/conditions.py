"""A site's conditions of use: reading and accepting them, and publishing a new edition."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...catalogue.queries import site_by_slug
from ...core.language import Words
from ...core.permissions import Do, ForbiddenError, Matter, may, require
from ...web import language, login_required, now, safe_next, signed_in, times
from .. import forms, pages, queries, service
from . import Answer, bp


@bp.get("/conditions/<site>")
@login_required
def conditions(site: str) -> Answer:
    """The conditions that count today, to be read on any device and accepted."""
    return _reading(site, forms.AcceptForm())


@bp.post("/conditions/<site>")
@login_required
def accept(site: str) -> Answer:
    """Accept them, and go on to where one came from."""
    actor, form = signed_in(), forms.AcceptForm()
    found = site_by_slug(actor, site)
    require(actor, Do.ACCEPT_CONDITIONS, Matter(found.id))
    if not form.validate():
        return _reading(site, form), 422
    try:
        service.accept(actor, site, form.edition.data or "", now=now())
    except service.StaleError:
        flash(gettext("There is a newer edition by now. Please read this one."), "error")
        return _reading(site, forms.AcceptForm()), 409
    flash(gettext("Accepted. Your card says what you may use now."), "message")
    return redirect(safe_next(request.form.get("next"), url_for(".conditions", site=site)), 303)


def _reading(slug: str, form: forms.AcceptForm) -> str:
    actor, words = signed_in(), language()
    site = site_by_slug(actor, slug)
    current = queries.conditions_that_count(site.id, now().astimezone(site.zoneinfo).date())
    accepted = queries.accepted_at(current.id, actor.person_id) if current else None
    form.edition.data = current.key if current else ""
    return render_template(
        "agreements/conditions.html",
        form=form,
        site_name=site.name.text(words),
        site_slug=slug,
        edition=current.edition if current else "",
        text=current.text if current else Words(),
        counts_from=times.dated(current.published_on, words) if current else "",
        accepted=times.moment(accepted, site.zoneinfo, words) if accepted else "",
        may_accept=may(actor, Do.ACCEPT_CONDITIONS, Matter(site.id)),
        editions_url=url_for(".editions", site=slug) if _sees_editions(site.id) else "",
        next=safe_next(request.values.get("next"), ""),
    )


def _sees_editions(site_id: int) -> bool:
    actor = signed_in()
    return site_id in actor.staffed_sites or actor.looks_at_everything


# --- editions ---------------------------------------------------------------------------------------------------------


@bp.get("/sites/<site>/conditions")
@login_required
def editions(site: str) -> Answer:
    """Every edition of a site's conditions; its managers publish a new one here."""
    return _editions(site, forms.PublishForm())


@bp.post("/sites/<site>/conditions")
@login_required
def publish(site: str) -> Answer:
    """Publish a new edition; everybody is asked for it before the next booking."""
    actor, form = signed_in(), forms.PublishForm()
    found = site_by_slug(actor, site)
    require(actor, Do.PUBLISH_CONDITIONS, Matter(found.id))
    today = now().astimezone(found.zoneinfo).date()
    if not form.validate() or not form.is_from(today):
        return _editions(site, form), 422
    text = Words(form.text_en.data or "", form.text_ja.data or "")
    on: date = form.published_on.data or today
    try:
        service.publish(actor, site, form.edition.data or "", text, on, now=now())
    except service.EditionTakenError:
        form.is_taken()
        return _editions(site, form), 422
    flash(gettext("Published. Everybody is asked to accept it before their next booking."), "message")
    return redirect(url_for(".editions", site=site), 303)


def _editions(slug: str, form: forms.PublishForm) -> str:
    actor, words = signed_in(), language()
    site = site_by_slug(actor, slug)
    if not _sees_editions(site.id):
        raise ForbiddenError
    today = now().astimezone(site.zoneinfo).date()
    rows: list[Any] = queries.editions_of(site.id)
    counts = queries.acceptance_counts(one.id for one in rows)
    current = next((one.id for one in rows if one.published_on <= today), None)
    if request.method == "GET":
        form.published_on.data = today
    return render_template(
        "agreements/editions.html",
        form=form,
        site_name=site.name.text(words),
        site_slug=slug,
        editions=[
            pages.EditionLine(
                one.edition,
                times.dated(one.published_on, words),
                one.text,
                one.id == current,
                one.published_on > today,
                ngettext("accepted by %(num)s person", "accepted by %(num)s people", counts.get(one.id, 0)),
            )
            for one in rows
        ],
        may_publish=may(actor, Do.PUBLISH_CONDITIONS, Matter(site.id)),
    )
