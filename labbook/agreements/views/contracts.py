"""The list of agreements, and the page of each."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue.queries import site_by_slug, sites_for
from ...core.language import Words, person_name
from ...core.permissions import Actor, Do, ForbiddenError, Matter, NotFoundError, Role, may, require
from ...web import language, login_required, now, signed_in
from ...web.fields import choices
from .. import forms, pages, queries, service
from ..queries import AgreementRow
from . import Answer, bp
from .charging import charges
from .entitlements import entitlements


@bp.get("/agreements")
@login_required
def agreements() -> Answer:
    """The agreements of the sites where one works, of the partner that one coordinates, or all by duty."""
    actor, words = signed_in(), language()
    if not (actor.is_staff or actor.looks_at_everything or queries.led_partners(actor)):
        raise ForbiddenError
    rows = queries.agreements_for(actor)
    lines = [_line(row, words) for row in rows]
    groups = [
        (gettext("In force"), [one for one in lines if one.standing.code in ("current", "soon")]),
        (gettext("Still to begin"), [one for one in lines if one.standing.code == "ahead"]),
        (gettext("Over"), [one for one in lines if one.standing.code == "over"]),
    ]
    here = {site.id: site for site in sites_for(actor)}
    return render_template(
        "agreements/agreements.html",
        groups=[group for group in groups if group[1]],
        managed=[(here[one].slug, here[one].name.text(words)) for one in managed_sites(actor) if one in here],
        conditions=[
            (url_for(".editions", site=site.slug), site.name.text(words))
            for site in here.values()
            if site.id in actor.staffed_sites or actor.looks_at_everything
        ],
    )


def managed_sites(actor: Actor) -> list[int]:
    """The sites at which the person is manager."""
    return sorted(site for site, role in actor.sites if role is Role.MANAGER)


def _line(row: AgreementRow, words: str) -> pages.AgreementLine:
    agreement = row.agreement
    return pages.AgreementLine(
        url_for(".agreement", key=agreement.key),
        row.partner.name.text(words),
        gettext(pages.KIND_LABELS[str(row.partner.kind)]),
        row.site.name.text(words),
        pages.days_label(agreement.starts_on, agreement.ends_on, words),
        _standing(row, words),
        pages.people_label(row.people, agreement.places),
    )


def _is_left_to_others(actor: Actor, row: AgreementRow) -> bool:
    """Whether it is a matter for the site's other managers, since the reader works for the partner."""
    found = row.agreement
    could = found.ended_at is None and may(actor, Do.CHANGE_AGREEMENT, Matter(found.site_id))
    return could and not may(actor, Do.CHANGE_AGREEMENT, Matter(found.site_id, found.partner_id))


def _standing(row: AgreementRow, words: str) -> pages.Standing:
    agreement, zone = row.agreement, row.site.zoneinfo
    ended_on = agreement.ended_at.astimezone(zone).date() if agreement.ended_at else None
    return pages.standing(agreement.starts_on, agreement.ends_on, ended_on, _today(row), words)


def _today(row: AgreementRow) -> date:
    return now().astimezone(row.site.zoneinfo).date()


@bp.get("/agreements/<key>")
@login_required
def agreement(key: str) -> Answer:
    """What an agreement says, who it is for, and its history."""
    return _page(key, forms.EndForm())


def _page(key: str, end_form: forms.EndForm) -> str:
    actor, words = signed_in(), language()
    row = queries.agreement_by_key(actor, key)
    found, zone = row.agreement, row.site.zoneinfo
    events = queries.history_of(found.id)
    page = pages.AgreementPage(
        key=found.key,
        partner=row.partner.name.text(words),
        kind=gettext(pages.KIND_LABELS[str(row.partner.kind)]),
        site=row.site.name.text(words),
        days=pages.days_label(found.starts_on, found.ends_on, words),
        standing=_standing(row, words),
        people=pages.people_label(row.people, found.places),
        is_full=found.places is not None and row.people >= found.places,
        signs=found.signs,
        entitlements=pages.pairs_for(found.entitlements, words),
        allowances=entitlements(actor, row, words),
        charges=charges(row, words),
        areas=[one.name.text(words) for one in queries.covered_areas(found.id)],
        resources=[
            (url_for("catalogue.resource", slug=one.slug), one.name.text(words))
            for one in queries.covered_resources(found.id)
        ],
        history=[
            pages.history_line(
                one.at,
                one.code,
                one.body or {},
                person_name(one.family_name, one.given_name, words) if one.family_name else gettext("LabBook"),
                zone,
                words,
            )
            for one in events
        ],
        may_change=found.ended_at is None and may(actor, Do.CHANGE_AGREEMENT, Matter(found.site_id, found.partner_id)),
        is_left_to_others=_is_left_to_others(actor, row),
        version=found.version,
    )
    return render_template("agreements/agreement.html", page_of=page, end_form=end_form)


# --- making and changing ----------------------------------------------------------------------------------------------


@bp.get("/sites/<site>/agreements/new")
@login_required
def new_agreement(site: str) -> Answer:
    """The form for a new agreement with a site that one manages."""
    form = _new_form(site)
    form.starts_on.data = now().astimezone(site_by_slug(signed_in(), site).zoneinfo).date()
    return _form_page(form, site)


@bp.post("/sites/<site>/agreements/new")
@login_required
def make(site: str) -> Answer:
    """Make it, with a partner that is known or new."""
    form = _new_form(site)
    if not form.validate():
        return _form_page(form, site), 422
    new = service.NewPartner(Words(form.name_en.data or "", form.name_ja.data or ""), form.kind.data)
    key = service.make(signed_in(), site, form.partner.data or new, _draft(form), now=now())
    flash(gettext("The agreement is made. Now its people can be invited."), "message")
    return redirect(url_for(".agreement", key=key), 303)


@bp.get("/agreements/<key>/change")
@login_required
def change_agreement(key: str) -> Answer:
    """The form, filled with what the agreement says now."""
    row, form = _to_change(key)
    found = row.agreement
    form.starts_on.data, form.ends_on.data = found.starts_on, found.ends_on
    form.places.data, form.signs.data, form.version.data = found.places, found.signs, found.version
    form.areas.data = [one.slug for one in queries.covered_areas(found.id)]
    form.resources.data = [one.slug for one in queries.covered_resources(found.id)]
    said = found.entitlements or {}
    form.entitlements_en.data = forms.typed_from(said.get("en", []))
    form.entitlements_ja.data = forms.typed_from(said.get("ja", []))
    return _form_page(form, row.site.slug, row)


@bp.post("/agreements/<key>/change")
@login_required
def change(key: str) -> Answer:
    """Change it; from a page that is out of date it is not changed."""
    row, form = _to_change(key)
    slug = row.site.slug
    if not form.validate() or form.version.data is None:
        return _form_page(form, slug, row), 422
    try:
        service.change(signed_in(), key, _draft(form), version=form.version.data, now=now())
    except service.StaleError:
        row = queries.agreement_by_key(signed_in(), key)
        form.version.data = row.agreement.version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _form_page(form, slug, row), 409
    except service.EndedError:
        return _ended(key)
    flash(gettext("Changed. It counts from now on."), "message")
    return redirect(url_for(".agreement", key=key), 303)


@bp.post("/agreements/<key>/end")
@login_required
def end(key: str) -> Answer:
    """End it now: the rights that rest on it are gone on the next request, and future bookings are suspended."""
    form = forms.EndForm()
    row = queries.agreement_by_key(signed_in(), key)
    require(signed_in(), Do.END_AGREEMENT, Matter(row.agreement.site_id, row.agreement.partner_id))
    if not form.validate():
        return _page(key, form), 422
    try:
        flagged = service.end(
            signed_in(), key, reason=form.reason.data or "", version=form.version.data or 0, now=now()
        )
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return _page(key, form), 409
    except service.EndedError:
        return _ended(key)
    said = gettext("Ended. Its people have no access any more.")
    if flagged:
        said += " " + gettext("Bookings that are suspended now: %(count)s. Decide on them in the inbox.", count=flagged)
    flash(said, "message")
    return redirect(url_for(".agreement", key=key), 303)


def _ended(key: str) -> Answer:
    flash(gettext("It has been ended already. To go on, make a new agreement."), "error")
    return _page(key, forms.EndForm()), 409


def _to_change(key: str) -> tuple[AgreementRow, forms.AgreementForm]:
    row = queries.agreement_by_key(signed_in(), key)
    require(signed_in(), Do.CHANGE_AGREEMENT, Matter(row.agreement.site_id, row.agreement.partner_id))
    form = forms.AgreementForm()
    _offer_places(form, row.site.id)
    return row, form


def _new_form(slug: str) -> forms.NewAgreementForm:
    actor, words = signed_in(), language()
    site = site_by_slug(actor, slug)
    require(actor, Do.CHANGE_AGREEMENT, Matter(site.id))
    form = forms.NewAgreementForm()
    _offer_places(form, site.id)
    known = [
        (one.key, one.name.text(words))
        for one in queries.partners()
        if may(actor, Do.CHANGE_AGREEMENT, Matter(site.id, one.id))
    ]
    form.partner.choices = choices([("", gettext("A new partner")), *known])
    form.kind.choices = choices((code, gettext(label)) for code, label in pages.KIND_LABELS.items())
    return form


def _offer_places(form: forms.AgreementForm, site_id: int) -> None:
    words = language()
    form.areas.choices = choices((one.slug, one.name.text(words)) for one in queries.areas_of(site_id))
    form.resources.choices = choices((one.slug, one.name.text(words)) for one in queries.resources_of(site_id))


def _draft(form: forms.AgreementForm) -> service.Draft:
    if form.starts_on.data is None:  # the form requires it
        raise NotFoundError
    return service.Draft(
        form.starts_on.data,
        form.ends_on.data,
        form.places.data,
        bool(form.signs.data),
        form.entitlements(),
        frozenset(form.areas.data or ()),
        frozenset(form.resources.data or ()),
    )


def _form_page(form: forms.AgreementForm, site_slug: str, row: AgreementRow | None = None) -> str:
    words = language()
    site = row.site if row else site_by_slug(signed_in(), site_slug)
    return render_template(
        "agreements/form.html",
        form=form,
        site_name=site.name.text(words),
        partner=row.partner.name.text(words) if row else "",
        action=url_for(".change", key=row.agreement.key) if row else url_for(".make", site=site_slug),
        back=url_for(".agreement", key=row.agreement.key) if row else url_for(".agreements"),
        asked=request.method,
    )
