"""The limits of a rule set: choosing a kind, filling in its form, seeing what it would change, saving, removing."""

from __future__ import annotations

from inspect import get_annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core import limits
from ...core.contradicting import contradictions
from ...core.language import person_name
from ...core.limits.limit import Limit
from ...core.permissions import Do, ForbiddenError, NotFoundError, may
from ...core.place import Place
from ...web import language, login_required, now, sentences, signed_in, times
from .. import forms, pages, service, sets
from ..preview import Judged
from ..sets import SetOf
from . import Answer, bp
from .keeping import flash_outcome, matter_of, set_page
from .lines import Names, limit_lines, scope_of

SHOWN = 100  # bookings of a preview in each of its two lists


@bp.get("/rules/<key>/limits/new")
@login_required
def new_limit(key: str) -> Answer:
    """Choose a kind, or fill in the form of one."""
    found, code = _to_change(key), request.args.get("kind", "")
    if not code:
        kinds = [(one.code, gettext(one.title), gettext(one.about)) for one in limits.KINDS.values()]
        name = found.rules.name.text(language())
        return render_template("rules/kinds.html", key=key, name=name, kinds=kinds)
    form = _form(found, _kind(code))
    form.fill(_kind(code)())
    form.version.data = found.rules.version
    return _page(found, form)


@bp.post("/rules/<key>/limits/new")
@login_required
def add_limit(key: str) -> Answer:
    """Add a limit, or see what it would change."""
    found = _to_change(key)
    return _sent(found, _form(found, _kind(request.args.get("kind", ""))), None)


@bp.get("/rules/<key>/limits/<limit_id>")
@login_required
def limit(key: str, limit_id: str) -> Answer:
    """The form of a limit, filled with what it says; for those who may not change it, its sentence."""
    found = sets.set_by_key(signed_in(), key)
    stored = _stored(found, limit_id)
    if not may(signed_in(), Do.SET_RULES, matter_of(found)):
        return redirect(url_for(".rule_set", key=key), 303)
    form = _form(found, type(stored))
    form.fill(stored)
    form.version.data = found.rules.version
    return _page(found, form, limit_id)


@bp.post("/rules/<key>/limits/<limit_id>")
@login_required
def change_limit(key: str, limit_id: str) -> Answer:
    """Put it in the place of what it was, or see what it would change."""
    found = _to_change(key)
    return _sent(found, _form(found, type(_stored(found, limit_id))), limit_id)


@bp.post("/rules/<key>/limits/<limit_id>/remove")
@login_required
def remove_limit(key: str, limit_id: str) -> Answer:
    """Take it out of its rule set."""
    found, form = _to_change(key), forms.VersionForm()
    _stored(found, limit_id)
    if not form.validate() or form.version.data is None:
        return set_page(key), 422
    try:
        outcome = service.remove_limit(signed_in(), key, limit_id, version=form.version.data, now=now())
    except service.StaleError:
        flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
        return set_page(key), 409
    flash_outcome(gettext("The limit is removed."), outcome)
    return redirect(url_for(".rule_set", key=key), 303)


def _sent(found: SetOf, form: forms.LimitForm, limit_id: str | None) -> Answer:
    if not form.validate() or form.version.data is None:
        return _page(found, form, limit_id), 422
    typed, key = form.limit(), found.rules.key
    if request.form.get("do") == "preview":
        problems = list(contradictions(typed, service.place_for(signed_in(), key).place))
        if problems:
            return _contradicts(found, form, limit_id, service.ContradictoryError(problems))
        return _page(found, form, limit_id, _trial(found, limit_id, typed))
    try:
        _, outcome = service.put_limit(signed_in(), key, limit_id, typed, version=form.version.data, now=now())
    except service.StaleError:
        found = sets.set_by_key(signed_in(), key)
        form.version.data = found.rules.version
        flash(gettext("It was changed meanwhile. Look at how it stands now, then send this again."), "error")
        return _page(found, form, limit_id), 409
    except service.ContradictoryError as error:
        return _contradicts(sets.set_by_key(signed_in(), key), form, limit_id, error)
    flash_outcome(gettext("Saved. It counts from now on."), outcome)
    return redirect(url_for(".rule_set", key=key), 303)


def _contradicts(
    found: SetOf, form: forms.LimitForm, limit_id: str | None, error: service.ContradictoryError
) -> Answer:
    for problem in error.problems:
        form.tell(problem.field, sentences.said(problem.sentence, problem.values, language()))
    return _page(found, form, limit_id), 422


def _to_change(key: str) -> SetOf:
    found = sets.set_by_key(signed_in(), key)
    if not may(signed_in(), Do.SET_RULES, matter_of(found)):
        raise ForbiddenError
    return found


def _kind(code: str) -> type[Limit]:
    if code not in limits.KINDS:
        raise NotFoundError
    return limits.KINDS[code]


def _stored(found: SetOf, limit_id: str) -> Limit:
    for one in found.rules.limits:
        if one["id"] == limit_id:
            return limits.read(one)
    raise NotFoundError


def _form(found: SetOf, kind: type[Limit]) -> forms.LimitForm:
    form, names = forms.form_of(kind), Names(found.site.id)
    modes = service.place_for(signed_in(), found.rules.key).modes
    stored = {slug for one in found.rules.limits for slug in one.get("modes", ())}
    kept = {slug: name for slug, name in names.modes.items() if slug in stored}
    form.offer({**kept, **modes}, names.partners, language())
    return form


def _page(
    found: SetOf, form: forms.LimitForm, limit_id: str | None = None, trial: pages.TrialPage | None = None
) -> str:
    key, words, kind = found.rules.key, language(), form.kind
    if limit_id:
        action = url_for(".change_limit", key=key, limit_id=limit_id)
    else:
        action = url_for(".add_limit", key=key, kind=kind.code)
    lines = limit_lines(found, Names(found.site.id), words) if limit_id else []
    own = get_annotations(kind)  # what this kind alone has comes first: how much, then over which time
    return render_template(
        "rules/limit.html",
        form=form,
        fields=[
            (str(asked.put), field, gettext(asked.hint) if asked.hint else "")
            for asked, field in sorted(form.asked, key=lambda one: one[1].name not in own)
        ],
        days=[(str(day), times.weekday(day, words)) for day in range(7)],
        title=gettext(kind.title),
        about=gettext(kind.about),
        is_confidential=kind.is_confidential,
        said=next((one.sentence for one in lines if one.id == limit_id), ""),
        name=found.rules.name.text(words),
        scope=scope_of(found).parts(words),
        action=action,
        back=url_for(".rule_set", key=key),
        remove=url_for(".remove_limit", key=key, limit_id=limit_id) if limit_id else "",
        trial=trial,
    )


# --- what it would change ---------------------------------------------------------------------------------------------


def _trial(found: SetOf, limit_id: str | None, typed: Limit) -> pages.TrialPage:
    trial = service.try_limit(signed_in(), found.rules.key, limit_id or "", typed, now=now())
    ahead, past = trial.ahead[:SHOWN], trial.past[::-1][:SHOWN]
    places = catalogue.places(one.booked.unit_id for one in (*ahead, *past))
    return pages.TrialPage(
        [_judged(one, places[one.booked.unit_id]) for one in ahead],
        [_judged(one, places[one.booked.unit_id]) for one in past],
        trial.looked_at,
        len(trial.ahead),
        len(trial.past),
    )


def _judged(one: Judged, place: Place) -> pages.JudgedLine:
    words, booked = language(), one.booked
    return pages.JudgedLine(
        url_for("bookings.request_page", key=booked.request_key),
        booked.partner_name.text(words),
        person_name(booked.family_name, booked.given_name, words),
        f"{place.resource.text(words)} {place.unit}".strip(),
        times.when(booked.time, place.zoneinfo, words, by_day=booked.by_day),
        times.zone_label(place.zoneinfo, booked.starts_at),
        sentences.said(one.said.sentence, one.said.values, words),
    )
