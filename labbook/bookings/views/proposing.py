"""Another time or unit for what waits: staff approve it there at once, or propose it to whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext

from ...core.lifecycle import Action, NotPossibleError
from ...core.permissions import Actor
from ...desk.service import changed, proposals
from ...desk.service.errors import BegunError, OutsideError, SameError
from ...desk.service.places import Otherwise
from ...web import language, login_required, now, times
from .. import service
from . import Answer, bp
from .otherwise import OtherwisePage
from .requests import onward, stale
from .signing import Refusal

Verb = Callable[[Otherwise, service.Signature | None], str]


@bp.get("/requests/<key>/propose")
@login_required
def propose(key: str) -> Answer:
    """The form, filled with the booking, unit and time that a link names, or with what was asked for."""
    return OtherwisePage(key).filled()


@bp.post("/requests/<key>/propose")
@login_required
def send_proposal(key: str) -> Answer:
    """Propose it: it is kept until it is answered."""
    page = OtherwisePage(key)
    longest = timedelta(hours=current_app.config["PROPOSAL_HOURS"])

    def verb(otherwise: Otherwise, signature: service.Signature | None) -> str:
        note, version = page.form.note.data or "", page.form.version.data or 0
        about = (page.actor, key, otherwise)
        until = proposals.propose(*about, note=note, version=version, longest=longest, signature=signature, now=now())
        when = times.moment(until, page.place.zoneinfo, language())
        return gettext("Proposed. It is kept until %(when)s, or until it is answered.", when=when)

    return _sent(page, verb, proposals.is_proposed)


@bp.post("/requests/<key>/approve-changed")
@login_required
def approve_changed(key: str) -> Answer:
    """Approve it there: on another unit, or for part of the time."""
    page = OtherwisePage(key, Action.APPROVE)

    def verb(otherwise: Otherwise, signature: service.Signature | None) -> str:
        waiver, version = page.form.waiver.data or "", page.form.version.data or 0
        about = (page.actor, key, otherwise)
        changed.approve_changed(*about, version=version, waiver=waiver, signature=signature, now=now())
        return gettext("Approved with changes.")

    return _sent(page, verb, changed.is_approved_so)


def _sent(page: OtherwisePage, verb: Verb, is_done: Callable[[Actor, Otherwise], bool]) -> Answer:
    """Do it: 303, or the form again with what stands in the way; what one has just done is as good as done."""
    otherwise = page.otherwise()
    if otherwise is None:
        return page.shown(), 422
    signature = page.signature()
    if isinstance(signature, Refusal):
        return page.shown(), *signature
    try:
        flash(verb(otherwise, signature), "message")
    except service.RefusedError as refused:
        page.refuse(refused)
        return page.shown(), 409
    except (BegunError, OutsideError, SameError, service.WaiverNeededError) as wrong:
        page.complain(wrong)
        return page.shown(), 422
    except (service.StaleError, service.UnsignedError, NotPossibleError):
        return (
            redirect(url_for(".request_page", key=page.key), 303) if is_done(page.actor, otherwise) else stale(page.key)
        )
    return onward(page.key)
