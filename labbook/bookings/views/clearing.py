"""The first of two decisions on a request: safety has no objection."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext

from ...core.lifecycle import Action, NotPossibleError
from ...core.permissions import Do, require
from ...web import login_required, now, signed_in
from .. import decision_forms, queries, service
from . import Answer, bp
from .requests import onward, page_of_request, stale
from .signing import Refusal, is_signed, signature_of
from .told import is_own_last_step


@bp.post("/requests/<key>/clear")
@login_required
def clear(key: str) -> Answer:
    """Say that safety has no objection; with a signature where the partner's agreement asks for it."""
    actor = signed_in()
    found = queries.request_by_key(actor, key)
    signed = decision_forms.SignedClearForm() if is_signed(actor, key) else None
    form = signed or decision_forms.VersionForm()
    version = form.version.data or 0
    if is_own_last_step(actor, found, Action.CLEAR, version):
        return onward(key)
    require(actor, Do.DECIDE_REQUEST, service.matter_of(found, now()))
    if not form.validate():
        return page_of_request(key, clear_form=signed), 422
    if isinstance(signature := signature_of(signed, actor) if signed else None, Refusal):
        return page_of_request(key, clear_form=signed), *signature
    try:
        service.clear(actor, key, version=version, now=now(), signature=signature)
    except (service.StaleError, service.UnsignedError, NotPossibleError):
        return stale(key)
    flash(gettext("Noted. Whoever approves it is told."), "message")
    return onward(key)
