"""Another end for a booking: later, or earlier; of one that runs as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask import request, url_for
from flask_babel import gettext

from ...core.ends import End
from ...core.explaining import explain
from ...core.facts import Facts, Verdict
from ...core.interval import Interval
from ...core.lifecycle import Action
from ...web import language, login_required, now, times
from .. import forms, service, verdicts
from . import Answer, bp
from .moving import MovePage, sent


@bp.get("/bookings/<key>/end")
@login_required
def end(key: str) -> Answer:
    """The form, filled with the end that a link names, or else with the booking's own."""
    return _EndPage(key).proposed()


@bp.post("/bookings/<key>/end")
@login_required
def send_end(key: str) -> Answer:
    """Let it end then: 303 to its request, or the form again with what stands in the way."""
    return sent(_EndPage(key))


@bp.post("/bookings/<key>/end/findings")
@login_required
def end_findings(key: str) -> Answer:
    """What the rules say while one types."""
    return _EndPage(key).judged()


class _EndPage(MovePage):
    """The same form with a start and a unit that stay what they are, whatever was sent."""

    action = Action.EXTEND
    template = "bookings/end.html"

    def proposed(self) -> str:
        """The page with an end to begin with, judged."""
        zone, start = self.place.zoneinfo, self.row.time.start
        linked = forms.linked_end(request.args, zone)
        wanted = Interval(start, linked) if linked is not None and linked > start else self.row.time
        self.form.propose(wanted, zone, by_day=self.row.by_day)
        self.form.version.data = self.row.version
        return self.shown(self.panel(wanted))

    def wanted(self) -> Interval | None:
        """From the start as it is to the end that the form means."""
        self.form.unit.data = self.unit_key
        wanted = super().wanted()
        if wanted is None or wanted.end > self.row.time.start:
            return wanted and Interval(self.row.time.start, wanted.end)
        return None

    def panel(self, wanted: Interval | None) -> verdicts.VerdictPanel | None:
        """Nothing is said of the end that it has."""
        return None if wanted == self.row.time else super().panel(wanted)

    def _panel(self, facts: Facts, window: Interval, verdict: Verdict) -> verdicts.VerdictPanel:
        """Without other times: the ends that could be had stand beside the field."""
        links = verdicts.Links(url_for(".end", key=self.key), self.unit_key)
        panel = verdicts.verdict_panel(explain(facts, window, verdict), links, language())
        return replace(panel, instead=[], free=[])

    def ends(self) -> list[verdicts.Offer]:
        """The nearest ends that could be had."""
        return [self._offer(one) for one in service.ends_of(self.actor, self.key, now=now())]

    def _offer(self, one: End) -> verdicts.Offer:
        local = one.at.astimezone(self.place.zoneinfo)
        label = self._label(local)
        if one.asks:
            label = gettext("%(end)s, if staff agree", end=label)
        fold = "1" if local.fold else None
        return verdicts.Offer(label, url_for(".end", key=self.key, to=f"{local:%Y-%m-%dT%H:%M}", to_fold=fold))

    def _label(self, local: datetime) -> str:
        if self.row.by_day:
            return times.dated((local - timedelta(microseconds=1)).date(), language())
        clock = times.clock(local)
        if clock == "00:00":  # of the day that ends then
            local, clock = local - timedelta(minutes=1), "24:00"
        is_same_day = local.date() == self.row.time.start.astimezone(self.place.zoneinfo).date()
        return clock if is_same_day else f"{times.dated(local.date(), language())} {clock}"
