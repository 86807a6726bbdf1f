"""Handing a booking over to a colleague."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.language import person_name
from ...core.lifecycle import Action, NotPossibleError, is_possible
from ...core.permissions import Actor, Do, Matter, may, require
from ...web import language, login_required, now, signed_in
from .. import change_forms, pages, queries, service
from . import Answer, bp
from .lists import lines_of
from .looking import note_look


@bp.get("/bookings/<key>/hand-over")
@login_required
def hand_over(key: str) -> Answer:
    """Whom it could be handed over to."""
    return _HandOverPage(key).shown()


@bp.post("/bookings/<key>/hand-over")
@login_required
def send_hand_over(key: str) -> Answer:
    """Hand it over: 303 to its request, or the form again with what stands in the way."""
    actor = signed_in()
    if service.is_handed_over(actor, key, request.form.get("to", "")):  # sent twice: it may be theirs no longer
        return redirect(url_for(".request_page", key=queries.booking_by_key(actor, key).request.key), 303)
    return _sent(actor, key, _HandOverPage(key))


def _sent(actor: Actor, key: str, page: _HandOverPage) -> Answer:
    form = page.form
    if not form.validate():
        return page.shown(), 422
    to, reason, version = form.to.data or "", form.reason.data or "", form.version.data or 0
    try:
        request_key = service.hand_over(actor, key, to, reason=reason, version=version, now=now())
    except service.NotForThemError as error:
        form.form_errors = [page.said(error)]
        return page.shown(), 409
    except service.RefusedError:
        form.form_errors = [gettext("Its set-up or clean-down time is shared with a neighbouring booking of theirs.")]
        return page.shown(), 409
    except service.StaleError:
        if service.is_handed_over(actor, key, to):
            return redirect(page.line.request_url, 303)
        form.version.data = page.line.version
        form.form_errors = [gettext("It was changed meanwhile. Look at how it stands now, then decide again.")]
        return page.shown(), 409
    flash(gettext("Handed over. Both of you have a letter about it."), "message")
    return redirect(url_for(".request_page", key=request_key), 303)


class _HandOverPage:
    """The form of one booking."""

    def __init__(self, key: str) -> None:
        self.actor: Actor = signed_in()
        booking = queries.booking_by_key(self.actor, key)
        require(self.actor, Do.HAND_OVER, service.matter_of_booking(booking))
        if not is_possible(booking.state, Action.HAND_OVER):
            raise NotPossibleError(booking.state, Action.HAND_OVER)
        self.found, self.partner_id = booking.request, booking.partner_id
        self.row = queries.rows_of_request(booking.request_id, only=booking.id)[0]
        self.line: pages.BookingLine = lines_of(self.actor, [self.row], language())[0]
        self.form = change_forms.HandOverForm()
        people = service.colleagues(self.actor, key, now=now())
        self.form.offer([(one.key, person_name(one.family_name, one.given_name, language())) for one in people])
        self.has_colleagues = bool(people)

    def said(self, error: service.NotForThemError) -> str:
        """Why not; what is about that person is for those who see their card."""
        name = person_name(error.to.family_name, error.to.given_name, language())
        sentence = gettext("The rules do not let %(name)s have this booking.", name=name)
        if not may(self.actor, Do.SEE_CARD, Matter(self.row.site_id, self.partner_id, frozenset({error.to.id}))):
            return sentence
        return " ".join([sentence, *(line.sentence for line in pages.finding_lines(error.findings, language()))])

    def shown(self) -> str:
        """The page. A look at another partner's booking is recorded first."""
        note_look(self.actor, self.found, [self.row])
        place = catalogue.places([self.row.unit_id])[self.row.unit_id]
        holder = person_name(self.row.family_name, self.row.given_name, language())
        return render_template(
            "bookings/hand_over.html",
            form=self.form,
            booking=self.line,
            holder=holder,
            partner=self.row.partner_name.text(language()),
            has_colleagues=self.has_colleagues,
            site_name=place.site.text(language()),
        )
