"""The rule sets of a site: the list, each with its limits, making them, and switching them on and off."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from ...catalogue.pages import KIND_LABELS
from ...catalogue.queries import areas_at, site_by_slug
from ...core.language import Words, person_name
from ...core.permissions import Do, ForbiddenError, Matter, may, require
from ...web import language, login_required, now, sentences, signed_in, times
from ...web.fields import choices
from ...web.undo import flash_undoable
from .. import forms, pages, service, sets
from ..sets import SetOf
from . import Answer, bp
from .lines import Names, scope_of, set_line


@bp.get("/sites/<site>/rules")
@login_required
def rule_sets(site: str) -> Answer:
    """Every rule set of a site, those of everybody first."""
    actor, words = signed_in(), language()
    found = site_by_slug(actor, site)
    require(actor, Do.SEE_RULES, Matter(found.id))
    names = Names(found.id)
    lines = [set_line(one, names, words) for one in sets.sets_of(found.id)]
    return render_template(
        "rules/sets.html",
        site_slug=site,
        site_name=found.name.text(words),
        lines=lines,
        may_make=may(actor, Do.SET_RULES, Matter(found.id)),
    )


@bp.get("/rules/<key>")
@login_required
def rule_set(key: str) -> Answer:
    """A rule set: what it is about, its limits, and what was changed of it."""
    return set_page(key)


def set_page(key: str) -> str:
    """The page of a rule set."""
    actor, words = signed_in(), language()
    found = sets.set_by_key(actor, key)
    require(actor, Do.SEE_RULES, Matter(found.site.id))
    return render_template(
        "rules/set.html",
        line=set_line(found, Names(found.site.id), words),
        site_slug=found.site.slug,
        site_name=found.site.name.text(words),
        version=found.rules.version,
        may_change=may(actor, Do.SET_RULES, matter_of(found)),
        is_left_to_others=_is_left_to_others(found),
        history=[
            pages.HistoryLine(
                times.moment(one.at, found.site.zoneinfo, words),
                person_name(one.family_name or "", one.given_name or "", words)
                if one.family_name is not None
                else gettext("LabBook"),
                pages.change_words(one.body or {}),
            )
            for one in sets.history_of(found.rules.id)
        ],
    )


def matter_of(found: SetOf) -> Matter:
    """What a rule set is, as far as permission depends on it."""
    return Matter(found.site.id, found.partner.id if found.partner else None)


def _is_left_to_others(found: SetOf) -> bool:
    """Whether it is a matter for the site's other managers, since the reader works for the partner."""
    actor = signed_in()
    could = may(actor, Do.SET_RULES, Matter(found.site.id))
    return could and not may(actor, Do.SET_RULES, matter_of(found))


# --- making and changing ----------------------------------------------------------------------------------------------


@bp.get("/sites/<site>/rules/new")
@login_required
def new_set(site: str) -> Answer:
    """The form for a new rule set."""
    found = _managed(site)
    return _form_page(_form(found), found)


@bp.post("/sites/<site>/rules/new")
@login_required
def make(site: str) -> Answer:
    """Make it; its limits come next."""
    found = _managed(site)
    form = _form(found)
    if not form.validate():
        return _form_page(form, found), 422
    try:
        key = service.make(signed_in(), site, _draft(form), now=now())
    except service.ContradictoryError as error:
        return _form_page(form, found, said=_told(form, error)), 422
    flash(gettext("The rule set is made. Now add its limits."), "message")
    return redirect(url_for(".rule_set", key=key), 303)


def _managed(slug: str) -> Any:
    found = site_by_slug(signed_in(), slug)
    require(signed_in(), Do.SET_RULES, Matter(found.id))
    return found


@bp.get("/rules/<key>/edit")
@login_required
def edit_set(key: str) -> Answer:
    """The form, filled with what the rule set says now."""
    found = _to_change(key)
    form, rules = _form(found.site), found.rules
    form.name_en.data, form.name_ja.data = rules.name.en, rules.name.ja
    form.resource.data = found.resource.slug if found.resource else ""
    form.area.data = found.area.slug if found.area else ""
    form.kind.data = str(rules.kind or "")
    form.level.data = "" if rules.level is None else str(rules.level)
    form.group.data = found.group.slug if found.group else ""
    form.agreement.data = found.agreement.key if found.agreement else ""
    form.starts_on.data, form.ends_on.data, form.version.data = rules.starts_on, rules.ends_on, rules.version
    return _form_page(form, found.site, found)


@bp.post("/rules/<key>/edit")
@login_required
def change(key: str) -> Answer:
    """Change it; from a page that is out of date it is not changed."""
    found = _to_change(key)
    form = _form(found.site)
    if not form.validate() or form.version.data is None:
        return _form_page(form, found.site, found), 422
    try:
        outcome = service.change(signed_in(), key, _draft(form), version=form.version.data, now=now())
    except service.StaleError:
        found = sets.set_by_key(signed_in(), key)
        form.version.data = found.rules.version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _form_page(form, found.site, found), 409
    except service.ContradictoryError as error:
        return _form_page(form, found.site, sets.set_by_key(signed_in(), key), said=_told(form, error)), 422
    flash_outcome(gettext("Changed. It counts from now on."), outcome)
    return redirect(url_for(".rule_set", key=key), 303)


@bp.post("/rules/<key>/switch")
@login_required
def switch(key: str) -> Answer:
    """Switch it on or off; a rule set is never deleted."""
    form = forms.SwitchForm()
    was_on = _to_change(key).rules.is_active
    if not form.validate() or form.version.data is None:
        return set_page(key), 422
    on = bool(form.on.data)
    try:
        outcome = service.switch(signed_in(), key, on=on, version=form.version.data, now=now())
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return set_page(key), 409
    except service.ContradictoryError as error:
        flash(" ".join(_sentences(error)), "error")
        return set_page(key), 409
    done = gettext("Switched on.") if on else gettext("Switched off. It is kept, and can be switched on again.")
    said = said_of_outcome(done, outcome)
    if was_on is on:
        flash(said, "message")
    else:
        back = {"version": str(form.version.data + 1), **({} if on else {"on": "y"})}
        flash_undoable(said, url_for(".switch", key=key), **back)
    return redirect(url_for(".rule_set", key=key), 303)


def flash_outcome(done: str, outcome: service.Outcome) -> None:
    """Say what was done, and what of it concerns bookings."""
    flash(said_of_outcome(done, outcome), "message")


def said_of_outcome(done: str, outcome: service.Outcome) -> str:
    """What was done, and what of it concerns bookings, in words."""
    said = [done]
    if outcome.flagged:
        said.append(
            ngettext(
                "%(num)s booking ahead goes against it and is flagged; it begins as booked unless you cancel it.",
                "%(num)s bookings ahead go against it and are flagged; they begin as booked unless you cancel them.",
                outcome.flagged,
            )
        )
    if outcome.mended:
        said.append(
            ngettext(
                "%(num)s flagged booking keeps all rules again.",
                "%(num)s flagged bookings keep all rules again.",
                outcome.mended,
            )
        )
    return " ".join(said)


# --- the form ---------------------------------------------------------------------------------------------------------


def _to_change(key: str) -> SetOf:
    found = sets.set_by_key(signed_in(), key)
    if not may(signed_in(), Do.SET_RULES, matter_of(found)):
        raise ForbiddenError
    return found


def _form(site: Any) -> forms.SetForm:
    words, actor = language(), signed_in()
    form, everything = forms.SetForm(), ("", gettext("All"))
    form.resource.choices = choices(
        [everything, *((one.slug, one.name.text(words)) for one in sets.resources_at(site.id))]
    )
    areas = sorted(areas_at(site.id).values(), key=lambda one: (one.position, one.id))
    form.area.choices = choices([everything, *((one.slug, one.name.text(words)) for one in areas)])
    form.kind.choices = choices([everything, *((code, gettext(label)) for code, label in KIND_LABELS.items())])
    form.level.choices = choices(
        [everything, *((str(level), gettext(label)) for level, label in pages.LEVEL_LABELS.items())]
    )
    form.group.choices = choices([everything, *((one.slug, one.name.text(words)) for one in sets.groups_at(site.id))])
    form.agreement.choices = choices(
        [
            ("", gettext("All partners")),
            *(
                (agreement.key, f"{partner.name.text(words)} ({times.dated(agreement.starts_on, words)}–)")
                for agreement, partner in sets.agreements_at(site.id)
                if may(actor, Do.SET_RULES, Matter(site.id, partner.id))
            ),
        ]
    )
    return form


def _draft(form: forms.SetForm) -> service.Draft:
    return service.Draft(
        Words(form.name_en.data or "", form.name_ja.data or ""),
        form.resource.data or "",
        form.area.data or "",
        form.kind.data or "",
        int(form.level.data) if form.level.data else None,
        form.group.data or "",
        form.agreement.data or "",
        form.starts_on.data,
        form.ends_on.data,
    )


def _sentences(error: service.ContradictoryError) -> list[str]:
    return [sentences.said(one.sentence, one.values, language()) for one in error.problems]


def _told(form: forms.SetForm, error: service.ContradictoryError) -> list[str]:
    """Say beside each field what is wrong with it; what is wrong with the whole scope is returned."""
    scope = []
    for problem, said in zip(error.problems, _sentences(error), strict=True):
        if problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, said]
        else:
            scope.append(said)
    return scope


def _form_page(form: forms.SetForm, site: Any, found: SetOf | None = None, said: list[str] | None = None) -> str:
    words = language()
    return render_template(
        "rules/set_form.html",
        form=form,
        scope_errors=said or [],
        site_name=site.name.text(words),
        name=found.rules.name.text(words) if found else "",
        scope=scope_of(found).parts(words) if found else [],
        action=url_for(".change", key=found.rules.key) if found else url_for(".make", site=site.slug),
        back=url_for(".rule_set", key=found.rules.key) if found else url_for(".rule_sets", site=site.slug),
        asked=request.method,
    )
