"""Answering what staff propose, undoing a decision, and giving a request to somebody: one click each."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask_babel import gettext

from ...core.lifecycle import Action, NotPossibleError
from ...core.permissions import Do, require
from ...desk.service import assigning, proposals, undoing
from ...desk.service.errors import GoneError, NobodyError, TooLateError
from ...web import language, login_required, now, signed_in
from .. import decision_forms, exceptions, queries, service
from ..proposal_forms import AnswerForm, AssignForm
from . import Answer, bp
from .requests import onward, page_of_request, stale


@bp.post("/proposals/<key>/accept")
@login_required
def accept_proposal(key: str) -> Answer:
    """Take what is proposed for a booking: it is approved there."""
    form = AnswerForm()

    def take(version: int) -> str:
        return proposals.accept(signed_in(), key, version=version, now=now())

    return _answered(key, form, Action.ACCEPT_PROPOSAL, take, gettext("It is yours: the proposed time is approved."))


@bp.post("/proposals/<key>/refuse")
@login_required
def refuse_proposal(key: str) -> Answer:
    """Leave it: staff decide on what was asked for."""
    form = AnswerForm()

    def leave(version: int) -> str:
        reason = form.reason.data or ""
        return proposals.refuse(signed_in(), key, reason=reason, version=version, now=now())

    said = gettext("Refused. Staff decide on what was asked for.")
    return _answered(key, form, Action.REFUSE_PROPOSAL, leave, said)


@bp.post("/proposals/<key>/take-back")
@login_required
def take_proposal_back(key: str) -> Answer:
    """Propose it no longer."""
    form = AnswerForm()

    def take_back(version: int) -> str:
        return proposals.take_back(signed_in(), key, version=version, now=now())

    return _answered(key, form, Action.END_PROPOSAL, take_back, gettext("The proposal was taken back."))


def _answered(key: str, form: AnswerForm, action: Action, verb: Callable[[int], str], said: str) -> Answer:
    actor = signed_in()
    request_key = queries.booking_by_key(actor, key).request.key
    if not form.validate():
        return page_of_request(request_key), 422
    try:
        verb(form.version.data or 0)
    except service.RefusedError as refused:
        is_own = queries.booking_by_key(actor, key).partner_id in actor.partner_ids
        flash(exceptions.beyond_words(refused.verdict.refusals, language(), is_own=is_own), "error")
        return page_of_request(request_key), 409
    except (GoneError, service.StaleError, NotPossibleError):
        if proposals.is_answered(actor, key, action):
            return redirect(url_for(".request_page", key=request_key), 303)
        return stale(request_key)
    flash(said, "message")
    return redirect(url_for(".request_page", key=request_key), 303)


@bp.post("/requests/<key>/undo")
@login_required
def undo(key: str) -> Answer:
    """Let what one has just decided wait again."""
    actor, form = signed_in(), decision_forms.VersionForm()
    require(actor, Do.DECIDE_REQUEST, service.matter_of(queries.request_by_key(actor, key), now()))
    if not form.validate():
        return page_of_request(key), 422
    try:
        undoing.undo(actor, key, version=form.version.data or 0, now=now())
    except service.RefusedError as refused:
        why = exceptions.beyond_words(refused.verdict.refusals, language(), is_own=False)
        flash(gettext("It cannot wait there any more, so the decision stands.") + " " + why, "error")
        return page_of_request(key), 409
    except TooLateError:
        if any(undoing.is_undone(actor, one.key) for one in queries.request_by_key(actor, key).bookings):
            return onward(key)
        flash(gettext("It is too late to undo that: a decision can be undone for one minute."), "error")
        return page_of_request(key), 409
    except service.StaleError:
        return stale(key)
    flash(gettext("Undone. It waits again, and nobody was written to."), "message")
    return onward(key)


@bp.post("/requests/<key>/assign")
@login_required
def assign(key: str) -> Answer:
    """Give a request to one of those who decide, or to all of them again."""
    actor, form = signed_in(), AssignForm()
    require(actor, Do.ASSIGN_REQUEST, service.matter_of(queries.request_by_key(actor, key), now()))
    if not form.validate():
        return page_of_request(key), 422
    try:
        assigning.assign(actor, key, form.to.data or "", version=form.version.data or 0, now=now())
    except NobodyError:
        flash(gettext("Choose somebody who decides on it."), "error")
        return page_of_request(key), 422
    except (service.StaleError, NotPossibleError):
        return stale(key)
    flash(gettext("Noted. Whoever decides on it now is told."), "message")
    return onward(key)
