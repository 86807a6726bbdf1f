"""A request: its page, and the steps that people take with it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import Full, Relation, shown_to
from ...core.language import person_name
from ...core.lifecycle import OPEN, request_state
from ...core.permissions import Do, NotFoundError, may
from ...core.place import Place
from ...web import language, login_required, now, sentences, signed_in
from .. import findings, forms, pages, queries, service
from . import Answer, bp
from .lists import lines_of

_LOGGED = (Relation.STAFF, Relation.DUTY)


@bp.get("/requests/<key>")
@login_required
def request_page(key: str) -> Answer:
    """The request with its bookings, findings and history. A look at another partner's request is recorded first."""
    return _page(key, forms.DeclineForm())


def _page(key: str, decide_form: forms.DeclineForm) -> str:
    actor, words = signed_in(), language()
    found = queries.request_by_key(actor, key)
    rows = queries.rows_of_request(found.id)
    shown = [one for row in rows if isinstance(one := shown_to(actor, row), Full)]
    if not shown:
        raise NotFoundError
    if shown[0].relation in _LOGGED:
        service.note_look(actor, found, shown[0].relation, now=now())
    first = rows[0]
    place = catalogue.places([first.unit_id])[first.unit_id]
    matter = service.matter_of(found, now())
    is_open = any(row.state in OPEN for row in rows)
    is_own = actor.person_id in matter.person_ids
    state = request_state(row.state for row in rows)
    project = queries.project_name(found.project_id)
    page = pages.RequestPage(
        key=found.key,
        title=found.title,
        purpose=found.purpose,
        state=str(state),
        state_label=sentences.state_label(state),
        partner=first.partner_name.text(words),
        person=person_name(first.family_name, first.given_name, words),
        project=project.text(words) if project else "",
        site_name=place.site.text(words),
        bookings=lines_of(actor, rows, words),
        history=_history(found.id, place, words),
        findings=pages.finding_lines(findings.restored(found.bookings[0].findings), words),
        is_for_staff=not is_own and found.site_id in actor.staffed_sites,
        may_decide=is_open and may(actor, Do.DECIDE_REQUEST, matter),
        may_withdraw=is_open and may(actor, Do.WITHDRAW_REQUEST, matter),
        version=found.version,
        decide_form=decide_form,
        own_decision_note=gettext("Nobody decides their own request; somebody else on the staff will.")
        if is_open and is_own and actor.is_staff
        else "",
    )
    return render_template("bookings/request.html", request_page=page)


def _history(request_id: int, place: Place, words: str) -> list[pages.HistoryLine]:
    return [
        pages.history_line(
            one.code,
            one.at,
            person_name(one.family_name, one.given_name, words) if one.family_name else gettext("LabBook"),
            str((one.body or {}).get("reason", "")),
            place,
            words,
        )
        for one in queries.history_of(request_id)
    ]


@bp.post("/requests/<key>/approve")
@login_required
def approve(key: str) -> Answer:
    """Approve what waits."""
    form = forms.VersionForm()
    if not form.validate():
        return _page(key, forms.DeclineForm()), 422
    try:
        service.approve(signed_in(), key, version=form.version.data or 0, now=now())
    except service.RefusedError as refused:
        said = pages.finding_lines(refused.verdict.findings, language())
        flash(" ".join(line.sentence for line in said if line.effect == "refuse"), "error")
        return _page(key, forms.DeclineForm()), 409
    except service.StaleError:
        return _stale(key)
    flash(gettext("Approved."), "message")
    return _onward(key)


@bp.post("/requests/<key>/decline")
@login_required
def decline(key: str) -> Answer:
    """Decline what waits; the requester reads the reason."""
    form = forms.DeclineForm()
    if not form.validate():
        return _page(key, form), 422
    try:
        service.decline(signed_in(), key, reason=form.reason.data or "", version=form.version.data or 0, now=now())
    except service.StaleError:
        return _stale(key)
    flash(gettext("Declined. The requester reads your reason."), "message")
    return _onward(key)


@bp.post("/requests/<key>/withdraw")
@login_required
def withdraw(key: str) -> Answer:
    """Take back what waits."""
    form = forms.VersionForm()
    if not form.validate():
        return _page(key, forms.DeclineForm()), 422
    try:
        service.withdraw(signed_in(), key, version=form.version.data or 0, now=now())
    except service.StaleError:
        return _stale(key)
    flash(gettext("Withdrawn. Staff need not decide any more."), "message")
    return redirect(url_for(".request_page", key=key), 303)


@bp.post("/bookings/<key>/cancel")
@login_required
def cancel(key: str) -> Answer:
    """Cancel a booking, or give the rest of a running one back."""
    form = forms.ReasonForm()
    if not form.validate():
        return _page(queries.booking_by_key(signed_in(), key).request.key, forms.DeclineForm()), 422
    try:
        request_key = service.cancel(
            signed_in(), key, reason=form.reason.data or "", version=form.version.data or 0, now=now()
        )
    except service.StaleError:
        return _stale(queries.booking_by_key(signed_in(), key).request.key)
    flash(gettext("Cancelled. The time is free for others."), "message")
    return redirect(url_for(".request_page", key=request_key), 303)


def _stale(key: str) -> Answer:
    flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
    return _page(key, forms.DeclineForm()), 409


def _onward(key: str) -> Answer:
    """Back to the inbox when that is where the step was taken."""
    if request.form.get("next") == "inbox":
        return redirect(url_for(".inbox"), 303)
    return redirect(url_for(".request_page", key=key), 303)
