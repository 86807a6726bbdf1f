"""A request: its page, and the steps that people take with it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Relation, relation
from ...core.facts import Waives
from ...core.language import person_name
from ...core.lifecycle import OPEN, Action, NotPossibleError, request_state
from ...core.permissions import Actor, Do, NotFoundError, may
from ...core.place import Place
from ...desk.about import about
from ...desk.deadline import deadline_card
from ...desk.declined import lost_times
from ...desk.proposals import desk_of
from ...desk.queries.reasons import reasons_at
from ...desk.remarks import remarks_panel
from ...web import language, login_required, now, safe_next, sentences, signed_in
from .. import decision_forms, exceptions, findings, pages, queries, service, waived
from ..work import kind_of_work
from . import Answer, bp
from .anew import say_with_way_back
from .dates import dates_to_decide, series_links
from .flags import suspensions
from .lists import lines_of
from .looking import note_look
from .pending import Sent, panels
from .renewal_cards import renewal_cards
from .room import room_for_request
from .signing import Refusal, has_password, is_signed, signature_of
from .told import history_lines, is_own_last_step, who_was_faster


@bp.get("/requests/<key>")
@login_required
def request_page(key: str) -> Answer:
    """The request with its bookings, findings and history. A look at another partner's request is recorded first."""
    return _page(key)


def page_of_request(
    key: str, *, sent: Sent | None = None, clear_form: decision_forms.SignedClearForm | None = None
) -> str:
    """The page, with what was typed into a form about a change, or into the one that clears it for safety."""
    return _page(key, sent=sent, clear_form=clear_form)


def _page(
    key: str,
    decide_form: decision_forms.DeclineForm | None = None,
    approve_form: decision_forms.ApproveForm | None = None,
    complaint: tuple[str, str] = ("", ""),
    sent: Sent | None = None,
    clear_form: decision_forms.SignedClearForm | None = None,
) -> str:
    """The page, with what was typed into a form of it where there is any."""
    actor, words = signed_in(), language()
    found = queries.request_by_key(actor, key)
    rows = queries.rows_of_request(found.id)
    if not note_look(actor, found, rows):
        raise NotFoundError
    first = rows[0]
    place = catalogue.places([first.unit_id])[first.unit_id]
    matter, sees = service.matter_of(found, now()), _sees(actor, first)
    said = findings.restored(found.bookings[0].findings)
    is_open = any(row.state in OPEN for row in rows)
    is_own = actor.person_id in matter.person_ids
    for_staff = not is_own and found.site_id in actor.staffed_sites
    may_decide = is_open and may(actor, Do.DECIDE_REQUEST, matter)
    signs = may_decide and service.is_signed(found, now())
    declining = decide_form or (decision_forms.SignedDeclineForm() if signs else decision_forms.DeclineForm())
    if may_decide:
        declining.offer_reasons((one.key, one.words.text(words)) for one in reasons_at(found.site_id))
    state = request_state(row.state for row in rows)
    project = queries.project_name(found.project_id)
    page = pages.RequestPage(
        key=found.key,
        title=found.title,
        purpose=found.purpose,
        work=_work(found.bookings[0], words),
        state=str(state),
        state_label=sentences.state_label(state),
        partner=first.partner_name.text(words),
        person=person_name(first.family_name, first.given_name, words),
        project=project.text(words) if project else "",
        site_name=place.site.text(words),
        bookings=lines_of(actor, rows, words, says_counted=True),
        history=history_lines(found, sees, place, words, for_staff=for_staff),
        findings=exceptions.judged_lines(said, waived.waivers_of(one.id for one in found.bookings), sees, place, words),
        exception=exceptions.exception_label(said) if is_open and sees.numbers else "",
        is_for_staff=for_staff,
        may_decide=may_decide,
        may_withdraw=is_open and may(actor, Do.WITHDRAW_REQUEST, service.matter_to_withdraw(found)),
        version=found.version,
        approve_form=(approve_form or decision_forms.SignedApproveForm()) if signs else None,
        may_sign=signs and has_password(actor),
        decide_form=declining,
        own_decision_note=gettext("Nobody decides their own request; somebody else on the staff will.")
        if is_open and is_own and actor.is_staff
        else "",
    )
    against = _against(actor, found, approve_form, place, words) if may_decide else None
    return render_template(
        "bookings/request.html",
        request_page=page,
        suspended=suspensions(found.id, rows, words),
        complaint=complaint,
        renewals=renewal_cards(actor, found.bookings, rows, words),
        against=against,
        repeats=series_links(found, words),
        dates=dates_to_decide(found, place, words) if may_decide else [],
        room=room_for_request(actor, found, words) if against and against.is_taken else None,
        changes=panels(actor, found, rows, sees, words, sent),
        desk=desk_of(actor, found, rows, words, now=now()),
        lost=lost_times(actor, found, words, now()),
        about=about(actor, found, first, words, now(), **_rivals_chosen(approve_form)),
        deadline=deadline_card(actor, found, first, words, now()),
        clear_form=clear_form or decision_forms.SignedClearForm(),
        remarks=remarks_panel(actor, found, first, place.zoneinfo, words, now()),
    )


def _rivals_chosen(form: decision_forms.ApproveForm | None) -> dict[str, Any]:
    """Which rivals were to be declined with it, and why, when the page was sent; before that all are ticked."""
    reason = (form or decision_forms.ApproveForm()).rivals_reason
    return {"reason": reason, "ticked": None if form is None else form.rivals.data or ()}


def _sees(actor: Actor, row: BookingRow) -> exceptions.Sees:
    """An ally of a joint project reads neither what the partner has used nor what was waived for it."""
    why = relation(actor, row)
    return exceptions.Sees(
        numbers=why in (Relation.OWN, Relation.PARTNER, Relation.STAFF), waivers=why is not Relation.JOINT
    )


def _against(
    actor: Actor, found: Any, form: decision_forms.ApproveForm | None, place: Place, words: str
) -> exceptions.Against:
    """What stands in the way of approving it, and the field for the reason."""
    to_waive, beyond = service.against_approval(actor, found, now())
    sees = exceptions.Sees(numbers=True, waivers=False)
    return exceptions.Against(
        exceptions.judged_lines(to_waive, [], sees, place, words),
        exceptions.judged_lines(beyond, [], sees, place, words),
        (form or decision_forms.ApproveForm()).waiver,
        any(one.waives is not Waives.NOBODY for one in beyond),
        found.partner_id in actor.partner_ids,
        any(one.code == "taken" for one in beyond),
    )


def _work(booking: Any, words: str) -> list[str]:
    """The kind of work and the level of the sample, as far as they were asked for."""
    kind, level = kind_of_work(booking), booking.biosafety
    return [*([kind.text(words)] if kind else []), *([f"BSL-{level}"] if level else [])]


@bp.post("/requests/<key>/approve")
@login_required
def approve(key: str) -> Answer:
    """Approve what waits; with a signature where the partner's agreement asks for it."""
    actor = signed_in()
    signed = decision_forms.SignedApproveForm() if is_signed(actor, key) else None
    form = signed or decision_forms.ApproveForm()
    if not form.validate():
        return _page(key, approve_form=form), 422
    if isinstance(signature := signature_of(signed, actor) if signed else None, Refusal):
        return _page(key, approve_form=signed), *signature
    try:
        service.approve(
            actor,
            key,
            version=form.version.data or 0,
            now=now(),
            signature=signature,
            waiver=form.waiver.data or "",
            only=form.only.data or [],
            rivals=service.Rivals(form.rivals.data or (), form.rivals_reason.data or ""),
        )
    except service.RefusedError as refused:
        is_own = queries.request_by_key(actor, key).partner_id in actor.partner_ids
        flash(exceptions.beyond_words(refused.verdict.refusals, language(), is_own=is_own), "error")
        return _page(key, approve_form=form), 409
    except service.WaiverNeededError:
        form.ask_for_reason()
        return _page(key, approve_form=form), 422
    except (service.StaleError, service.UnsignedError, NotPossibleError):
        return stale(key, Action.APPROVE, form.version.data)
    flash(gettext("Approved."), "message")
    return onward(key)


@bp.post("/requests/<key>/decline")
@login_required
def decline(key: str) -> Answer:
    """Decline what waits; the requester reads the reason. With a signature where the agreement asks for it."""
    actor = signed_in()
    signed = decision_forms.SignedDeclineForm() if is_signed(actor, key) else None
    form = signed or decision_forms.DeclineForm()
    if not form.validate():
        return _page(key, form), 422
    if isinstance(signature := signature_of(signed, actor) if signed else None, Refusal):
        return _page(key, form), *signature
    version, only = form.version.data or 0, form.only.data or []
    said = {"reason": form.reason.data or "", "canned": form.canned.data or ""}
    try:
        service.decline(actor, key, version=version, now=now(), signature=signature, only=only, **said)
    except (service.StaleError, service.UnsignedError, NotPossibleError):
        return stale(key, Action.DECLINE, form.version.data)
    flash(gettext("Declined. The requester reads your reason."), "message")
    return onward(key)


@bp.post("/requests/<key>/withdraw")
@login_required
def withdraw(key: str) -> Answer:
    """Take back what waits."""
    actor, form = signed_in(), decision_forms.VersionForm()
    if not form.validate():
        return _page(key), 422
    try:
        service.withdraw(actor, key, version=form.version.data or 0, now=now())
    except (service.StaleError, NotPossibleError):
        return stale(key, Action.WITHDRAW, form.version.data)
    say_with_way_back(gettext("Withdrawn. Staff need not decide any more."), actor, key)
    return redirect(url_for(".request_page", key=key), 303)


@bp.post("/bookings/<key>/cancel")
@login_required
def cancel(key: str) -> Answer:
    """Cancel a booking, or give the rest of a running one back."""
    actor, form = signed_in(), decision_forms.CancelForm()
    if not form.validate():
        return page_of_booking(key), 422
    reason, version, seen = form.reason.data or "", form.version.data or 0, form.seen.data or ""
    try:
        request_key = service.cancel(actor, key, reason=reason, version=version, now=now(), seen=seen)
    except service.WorseError:
        return page_of_booking(key, gettext("More follows now than the page had said. Look again, then decide.")), 409
    except service.TooLateError:
        return page_of_booking(key, gettext("The deadline has passed. Nothing was changed.")), 409
    except service.StaleError:
        return stale(queries.booking_by_key(actor, key).request.key)
    say_with_way_back(gettext("Cancelled. The time is free for others."), actor, request_key, key)
    return redirect(url_for(".request_page", key=request_key), 303)


def page_of_booking(key: str, complaint: str = "") -> str:
    """The page of a booking's request; a complaint about cancelling stands beside the button."""
    return _page(queries.booking_by_key(signed_in(), key).request.key, complaint=(key, complaint))


def stale(key: str, action: Action | None = None, version: int | None = None) -> Answer:
    """Who was faster, and with what, above the page as it stands; one's own second click is as good as the first."""
    actor = signed_in()
    found = queries.request_by_key(actor, key)
    if action and is_own_last_step(actor, found, action, version):
        return onward(key)
    flash(who_was_faster(actor, found, language()), "error")
    return _page(key), 409


def onward(key: str) -> Answer:
    """Back to the place in the inbox from which the step was taken, else to the request."""
    inbox, target = url_for("desk.inbox"), safe_next(request.form.get("next"), "")
    is_of_inbox = target.partition("#")[0].partition("?")[0] == inbox
    return redirect(target if is_of_inbox else url_for(".request_page", key=key), 303)
