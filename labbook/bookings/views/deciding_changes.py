"""Approving, declining and withdrawing the change of a booking."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext

from ...core.permissions import Actor, Do, may
from ...web import language, login_required, now, signed_in
from .. import decision_forms, exceptions, queries, service
from . import Answer, bp
from .pending import Sent
from .requests import onward, page_of_request
from .signing import Refusal, signature_of


@bp.post("/bookings/<key>/change/approve")
@login_required
def approve_change(key: str) -> Answer:
    """The booking moves to where it was asked for; with a signature where the agreement asks for one."""
    actor = signed_in()
    signed = decision_forms.SignedApproveForm() if _is_signed(actor, key) else None
    form = signed or decision_forms.ApproveForm()
    if not form.validate():
        return _page(key, Sent(key, approve=form)), 422
    if isinstance(signature := signature_of(signed, actor) if signed else None, Refusal):
        return _page(key, Sent(key, approve=form)), *signature
    version, waiver = form.version.data or 0, form.waiver.data or ""
    try:
        request_key = service.approve_change(actor, key, version=version, now=now(), signature=signature, waiver=waiver)
    except service.RefusedError as refused:
        is_own = queries.booking_by_key(actor, key).partner_id in actor.partner_ids
        flash(exceptions.beyond_words(refused.verdict.refusals, language(), is_own=is_own), "error")
        return _page(key, Sent(key, approve=form)), 409
    except service.WaiverNeededError:
        form.ask_for_reason()
        return _page(key, Sent(key, approve=form)), 422
    except (service.StaleError, service.UnsignedError):
        return _stale(key)
    flash(gettext("Approved: the booking has moved."), "message")
    return onward(request_key)


@bp.post("/bookings/<key>/change/decline")
@login_required
def decline_change(key: str) -> Answer:
    """Everything stays as it was; whoever asked reads why."""
    actor = signed_in()
    signed = decision_forms.SignedDeclineForm() if _is_signed(actor, key) else None
    form = signed or decision_forms.DeclineForm()
    if not form.validate():
        return _page(key, Sent(key, decline=form)), 422
    if isinstance(signature := signature_of(signed, actor) if signed else None, Refusal):
        return _page(key, Sent(key, decline=form)), *signature
    reason, version = form.reason.data or "", form.version.data or 0
    try:
        request_key = service.decline_change(actor, key, reason=reason, version=version, now=now(), signature=signature)
    except (service.StaleError, service.UnsignedError):
        return _stale(key)
    flash(gettext("Declined. The booking stays as it was, and the requester reads your reason."), "message")
    return onward(request_key)


@bp.post("/bookings/<key>/change/withdraw")
@login_required
def withdraw_change(key: str) -> Answer:
    """Take a change back."""
    form = decision_forms.VersionForm()
    if not form.validate():
        return _page(key), 422
    try:
        request_key = service.withdraw_change(signed_in(), key, version=form.version.data or 0, now=now())
    except service.StaleError:
        return _stale(key)
    flash(gettext("Withdrawn. The booking stays as it was."), "message")
    return redirect(url_for(".request_page", key=request_key), 303)


def _is_signed(actor: Actor, key: str) -> bool:
    """Whether this person's decision is to be signed. Raises NotFoundError."""
    booking = queries.booking_by_key(actor, key)
    decides = may(actor, Do.DECIDE_REQUEST, service.matter_to_decide(booking, now()))
    return decides and service.is_signed(booking.request, now())


def _page(key: str, sent: Sent | None = None) -> str:
    return page_of_request(queries.booking_by_key(signed_in(), key).request.key, sent=sent)


def _stale(key: str) -> Answer:
    flash(gettext("It was changed meanwhile. Look at how it stands now, then decide again."), "error")
    return _page(key), 409
