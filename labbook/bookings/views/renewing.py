"""Renewing a residency: the form."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.explaining import explain
from ...core.facts import Facts, Verdict
from ...core.interval import Interval
from ...web import language, login_required, now, sentences, signed_in, times
from ...web.fields import choices
from .. import forms, queries, service, verdicts
from ..allocation import choose
from ..renewing_forms import RenewForm
from . import Answer, bp
from .lists import lines_of
from .looking import note_look
from .requests import page_of_booking


@bp.get("/bookings/<key>/renew")
@login_required
def renew(key: str) -> Answer:
    """The form, filled with the same unit and length from where the booking ends."""
    try:
        page = _RenewPage(key)
    except service.NotNowError as error:
        return _not_now(key, error)
    page.begin()
    return page.shown(page.panel(page.follows))


@bp.post("/bookings/<key>/renew")
@login_required
def send_renewal(key: str) -> Answer:
    """Ask for it: 303 to the new request, or the form again with what stands in the way."""
    page = _RenewPage(key, is_sent=True)
    fits, wanted = page.form.validate(), page.wanted()
    if not fits or wanted is None:
        return page.shown(page.panel(wanted)), 422
    form = page.form
    said, sent_with = {"title": form.title.data or "", "purpose": form.purpose.data or ""}, form.idempotency_key.data
    try:
        made = service.renew(signed_in(), key, wanted.end, **said, key=sent_with or "", now=now())
    except service.NotNowError as error:
        return _not_now(key, error)
    except service.RefusedError as refused:
        return page.shown(page.said(refused.facts, refused.window, refused.verdict)), 409
    except service.KeyReusedError as reused:
        flash(gettext("This form was already sent with other content. This is what was sent."), "error")
        return redirect(url_for(".request_page", key=reused.request_key), 303)
    return redirect(url_for(".request_page", key=made), 303)


@bp.post("/bookings/<key>/renew/findings")
@login_required
def renewal_findings(key: str) -> Answer:
    """What the rules say while one types: the same facts and judge, without locks."""
    page = _RenewPage(key, is_sent=True)
    page.form.validate()
    return render_template("bookings/_verdict.html", verdict=page.panel(page.wanted()))


def _not_now(key: str, error: service.NotNowError) -> Answer:
    flash(sentences.plain(error.sentence, language()), "error")
    return page_of_booking(key), 409


class _RenewPage:
    """The form for what follows one booking, and the panel beside it."""

    def __init__(self, key: str, *, is_sent: bool = False) -> None:
        """Raises NotNowError where it cannot be renewed now; once the form `is_sent`, the service looks at that."""
        self.actor = signed_in()
        if is_sent:
            self.booking = service.of_ones_own(self.actor, key)
        else:
            self.booking = service.renewable(self.actor, key, now())
        self.row = queries.rows_of_request(self.booking.request_id, only=self.booking.id)[0]
        self.line = lines_of(self.actor, [self.row], language())[0]
        self.place = catalogue.places([self.booking.unit_id])[self.booking.unit_id]
        self.resource, self.site = catalogue.resource_by_slug(self.actor, self.place.slug)
        self.follows = service.follows_on(self.actor, self.booking, self.resource, self.site)
        self.form = RenewForm()
        self.form.count_half_days(self.resource.terms)
        self.form.unit.choices = choices([("", "")])
        self.form.unit.data = ""

    def begin(self) -> None:
        """Fill the form."""
        found = self.booking.request
        self.form.propose(self.follows, self.site.zoneinfo, by_day=self.resource.by_day)
        self.form.title.data, self.form.purpose.data = found.title, found.purpose
        self.form.renew_key()

    def wanted(self) -> Interval | None:
        """From where it follows on up to the end that the form means."""
        zone, by_day = self.site.zoneinfo, self.resource.by_day
        end_on, end_at = self.form.end_on.data, self.form.end_at.data
        self.form.propose(self.follows, zone, by_day=by_day)
        self.form.end_on.data, self.form.end_at.data = end_on, end_at
        return self.form.wanted(zone, by_day=by_day)

    def panel(self, wanted: Interval | None) -> verdicts.VerdictPanel | None:
        """What the rules say; when the end itself is wrong, that alone."""
        if wanted is None:
            return verdicts.time_panel(self.form.time_errors)
        ask = service.ask_after(self.actor, self.booking, wanted.end, title="", purpose="")
        around, units = service.look(self.actor, ask, now=now())
        _, facts, verdict = choose(units, around)
        return self.said(facts, around.window, verdict)

    def said(self, facts: Facts, window: Interval, verdict: Verdict) -> verdicts.VerdictPanel:
        """The same from what was judged; other times and units are asked for by the ordinary form."""
        links = verdicts.Links(url_for(".book", slug=self.place.slug), "")
        return verdicts.verdict_panel(explain(facts, window, verdict), links, language())

    def shown(self, panel: verdicts.VerdictPanel | None) -> str:
        """The page. A look at another partner's booking is recorded first."""
        note_look(self.actor, self.booking.request, [self.row])
        zone, words = self.site.zoneinfo, language()
        return render_template(
            "bookings/renew.html",
            form=self.form,
            booking=self.line,
            resource=forms.FormResource.of(self.resource.terms, self.place, words, now()),
            starts=times.dated(self.follows.start.astimezone(zone).date(), words),
            is_after_a_gap=self.follows.start > self.booking.ends_at,
            verdict=panel,
        )
