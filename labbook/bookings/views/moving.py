"""Another time or unit for a booking."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.explaining import explain
from ...core.facts import Facts, Verdict
from ...core.interval import Interval
from ...core.lifecycle import Action, NotPossibleError, is_possible
from ...core.permissions import Do, require
from ...web import language, login_required, now, sentences, signed_in
from ...web.fields import choices
from .. import forms, queries, service, verdicts
from ..allocation import choose
from . import Answer, bp
from .lists import lines_of
from .looking import note_look
from .saying import moving_of


@bp.get("/bookings/<key>/move")
@login_required
def move(key: str) -> Answer:
    """The form, filled with the time and unit that a link names, or else with the booking's own."""
    return MovePage(key).proposed()


@bp.post("/bookings/<key>/move")
@login_required
def send_move(key: str) -> Answer:
    """Move it: 303 to its request, or the form again with what stands in the way."""
    return sent(MovePage(key))


def sent(page: MovePage) -> Answer:
    """Move what the page is about to what its form says."""
    key, fits = page.key, page.form.validate()
    wanted = page.wanted()
    if not fits or wanted is None:
        return page.shown(page.panel(wanted)), 422
    unit, version = page.form.unit.data or "", page.form.version.data or 0
    try:
        seen = page.form.seen.data or ""
        request_key = service.move(signed_in(), key, wanted, unit=unit, version=version, now=now(), seen=seen)
    except service.RefusedError as refused:
        return page.shown(page.refused(refused)), 409
    except (service.NotNowError, service.TooLateError) as late:
        page.form.form_errors = [page.said(late)]
        return page.shown(page.panel(wanted)), 409
    except service.StaleError:
        if page.is_sent_twice(wanted):
            return redirect(page.line.request_url, 303)
        page.form.version.data = page.row.version
        page.form.form_errors = [gettext("It was changed meanwhile. Look at its present time, then send this again.")]
        return page.shown(page.panel(wanted)), 409
    return redirect(url_for(".request_page", key=request_key), 303)


@bp.post("/bookings/<key>/findings")
@login_required
def move_findings(key: str) -> Answer:
    """What the rules say while one types: the same facts and judge, without locks."""
    return MovePage(key).judged()


class MovePage:
    """The form of one booking, and the panel beside it."""

    action = Action.MOVE  # that must be possible
    template = "bookings/move.html"

    def __init__(self, key: str) -> None:
        actor = signed_in()
        booking = queries.booking_by_key(actor, key)
        require(actor, Do.MOVE_BOOKING, service.matter_of_booking(booking))
        if not is_possible(booking.state, self.action):
            raise NotPossibleError(booking.state, self.action)
        self.actor, self.key, self.found = actor, key, booking.request
        self.row = queries.rows_of_request(booking.request_id, only=booking.id)[0]
        self.line = lines_of(actor, [self.row], language())[0]
        self.place = catalogue.places([booking.unit_id])[booking.unit_id]
        self.resource, _ = catalogue.resource_by_slug(actor, self.place.slug)
        units = catalogue.units_of(booking.resource_id)
        self.form = forms.MoveForm()
        self.form.count_half_days(self.resource.terms)
        self.form.unit.choices = choices((unit.key, unit.name) for unit in units)
        self.unit_key = next((unit.key for unit in units if unit.id == booking.unit_id), "")
        if self.form.unit.data in (None, "None"):
            asked = request.args.get("unit", "")
            self.form.unit.data = asked if asked in {unit.key for unit in units} else self.unit_key

    def proposed(self) -> str:
        """The page with a time to begin with, judged."""
        zone = self.place.zoneinfo
        wanted = forms.linked_time(request.args, zone) or self.row.time
        self.form.propose(wanted, zone, by_day=self.row.by_day)
        self.form.version.data = self.row.version
        return self.shown(self.panel(wanted))

    def judged(self) -> str:
        """The panel alone, for what was typed."""
        self.form.validate()
        return render_template("bookings/_verdict.html", verdict=self.panel(self.wanted()))

    def wanted(self) -> Interval | None:
        """The time that the form means, or None with a sentence beside the field that is wrong."""
        return self.form.wanted(self.place.zoneinfo, by_day=self.row.by_day)

    def is_sent_twice(self, wanted: Interval) -> bool:
        """It stands where it was to stand, and the last step was this very move."""
        return service.is_sent_twice(self.actor, self.key, wanted, unit=self.form.unit.data or "")

    def panel(self, wanted: Interval | None) -> verdicts.VerdictPanel | None:
        """What the rules say; when the times themselves are wrong, that alone."""
        if wanted is None:
            return verdicts.time_panel(self.form.time_errors)
        if self.form.unit.errors:
            return None
        unit_key = self.form.unit.data or ""
        around, unit, allowed = service.look_at_move(self.actor, self.key, wanted, unit=unit_key, now=now())
        _, facts, verdict = choose([unit], around)
        return self._panel(facts, around.window, service.what_is_left(verdict, allowed))

    def refused(self, refused: service.RefusedError) -> verdicts.VerdictPanel:
        """The same from a refusal."""
        return self._panel(refused.facts, refused.window, refused.verdict)

    def _panel(self, facts: Facts, window: Interval, verdict: Verdict) -> verdicts.VerdictPanel:
        """With what would do instead, looked for only where something stands in the way."""
        places, unit = service.Places(), self.form.unit.data or ""
        if verdict.has("taken"):
            places = service.elsewhere_to_move(self.actor, self.key, facts.wanted, unit=unit, now=now())
        links = verdicts.Links(url_for(".move", key=self.key), unit, units=places.units)
        return verdicts.verdict_panel(explain(facts, window, verdict, places.facts), links, language())

    def said(self, late: service.TooLateError | service.NotNowError) -> str:
        """Why it was not moved: the deadline has passed, more would follow than the page had said, or it has begun."""
        if isinstance(late, service.NotNowError):
            return sentences.plain(late.sentence, language())
        if isinstance(late, service.WorseError):
            return gettext("More follows now than the page had said. Look again, then decide.")
        return gettext("The deadline has passed. Nothing was changed.")

    def shown(self, panel: verdicts.VerdictPanel | None) -> str:
        """The page. A look at another partner's booking is recorded first."""
        note_look(self.actor, self.found, [self.row])
        moving = moving_of(self.actor, self.row, self.place, language())
        self.form.seen.data = moving.seen
        return render_template(
            self.template,
            moving=moving,
            form=self.form,
            booking=self.line,
            resource=forms.FormResource.of(self.resource.terms, self.place, language(), now()),
            verdict=panel,
            ask_start_fold=self.form.ask_start_fold,
            ask_end_fold=self.form.ask_end_fold,
            ends=self.ends(),
        )

    def ends(self) -> list[verdicts.Offer]:
        """Ends to choose from, where the page is about the end alone."""
        return []
