"""What the rules say to a time that is still on its way over the board: by the same judge as the form's, and short."""

from __future__ import annotations

from flask import jsonify, request

from ...catalogue import queries as catalogue
from ...core.facts import Effect, Facts, Verdict
from ...web import language, login_required, now, sentences, signed_in
from .. import forms, queries, service, verdicts
from ..allocation import choose
from . import Answer, bp
from .asking import BookPage


@bp.get("/resources/<slug>/said")
@login_required
def book_said(slug: str) -> Answer:
    """To a time that would be booked: ?from=, ?to= in the site's time, and ?unit= where one of several is meant."""
    page = BookPage(signed_in(), slug)
    wanted = forms.linked_time(request.args, page.zone)
    found = page.judged(wanted) if wanted else None
    return _nothing() if found is None else _said(*found)


@bp.get("/bookings/<key>/said")
@login_required
def move_said(key: str) -> Answer:
    """To another time or unit of a booking; without ?from= and ?to= to its own."""
    booking = queries.booking_by_key(signed_in(), key)
    place = catalogue.places([booking.unit_id])[booking.unit_id]
    wanted = forms.linked_time(request.args, place.zoneinfo) or booking.time
    unit = request.args.get("unit", "")
    around, chosen, allowed = service.look_at_move(signed_in(), key, wanted, unit=unit, now=now())
    _, facts, verdict = choose([chosen], around)
    return _said(facts, service.what_is_left(verdict, allowed))


def _nothing() -> Answer:
    return jsonify(outcome="", headline="", why=[])


def _said(facts: Facts, verdict: Verdict) -> Answer:
    """The outcome, the headline of the form's panel, and why: what stands in the way, or else what staff decide on."""
    outcome, headline = verdicts.headline(facts, verdict)
    effect = Effect.REFUSE if verdict.is_refused else Effect.REVIEW
    why = [
        sentences.said(one.said.sentence, one.said.values, language())
        for one in verdict.findings
        if one.effect is effect
    ]
    return jsonify(outcome=outcome, headline=headline, why=why)
