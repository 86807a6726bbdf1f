"""The form about another time or unit for a booking that waits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import current_app, render_template, request, url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.explaining import explain
from ...core.facts import Finding
from ...core.interval import Interval
from ...core.language import N_, joined
from ...core.lifecycle import OPEN, Action, NotPossibleError, request_state
from ...core.permissions import Do, NotFoundError, require
from ...desk.service.errors import BegunError, OutsideError, SameError
from ...desk.service.places import Otherwise, Spot, free_places
from ...web import language, now, signed_in, times
from .. import exceptions, forms, queries, service, verdicts
from ..proposal_forms import OtherwiseForm, SignedOtherwiseForm
from .lists import lines_of
from .looking import note_look
from .signing import Refusal, has_password, signature_of

_SEES = exceptions.Sees(numbers=True, waivers=False)
_SAID: dict[type[Exception], str] = {
    BegunError: N_("Choose a start that is still to come."),
    SameError: N_("That is what was asked for: approve it, or choose another time or unit."),
    OutsideError: N_("That is not within the time that was asked for: propose it, so that it can be accepted."),
}


class OtherwisePage:
    """The form about one booking of a request."""

    def __init__(self, key: str, action: Action = Action.PROPOSE) -> None:
        actor = signed_in()
        found = queries.request_by_key(actor, key)
        require(actor, Do.DECIDE_REQUEST, service.matter_of(found, now()))
        self.actor, self.key, self.found = actor, key, found
        self.to_waive: tuple[Finding, ...] = ()
        self.panel: verdicts.VerdictPanel | None = None
        self.waiting = [one for one in found.bookings if one.state in OPEN]
        self.booking = self._chosen(action)
        self.row = queries.rows_of_request(found.id, only=self.booking.id)[0]
        self.place = catalogue.places([self.booking.unit_id])[self.booking.unit_id]
        self.resource, _ = catalogue.resource_by_slug(actor, self.place.slug)
        self.units = catalogue.units_of(self.booking.resource_id)
        signs = service.is_signed(found, now())
        self.form = SignedOtherwiseForm() if signs else OtherwiseForm()
        self.form.count_half_days(self.resource.terms)
        self.form.offer(self._labels(), [(unit.key, unit.name) for unit in self.units])

    def _chosen(self, action: Action) -> Any:
        """The booking that the form or a link names, or else the first that waits."""
        wanted = request.form.get("booking") or request.args.get("booking", "")
        for one in self.found.bookings:
            if one.key == wanted:
                return one
        if wanted and request.method == "POST":
            raise NotFoundError
        if not self.waiting:
            raise NotPossibleError(request_state(one.state for one in self.found.bookings), action)
        return self.waiting[0]

    def _labels(self) -> list[tuple[str, str]]:
        several = self.waiting if self.booking in self.waiting else [self.booking]
        places = catalogue.places(one.unit_id for one in several)
        return [(one.key, self._label(one, places[one.unit_id])) for one in several]

    def _label(self, booking: Any, place: Any) -> str:
        when = times.when(booking.time, place.zoneinfo, language(), by_day=booking.by_day)
        return joined((place.resource.text(language()), when), language())

    def filled(self) -> str:
        """The page to begin with."""
        if not self.waiting:
            raise NotPossibleError(self.booking.state, Action.PROPOSE)
        zone = self.place.zoneinfo
        self.form.propose(forms.linked_time(request.args, zone) or self.row.time, zone, by_day=self.row.by_day)
        self.form.version.data, self.form.booking.data = self.found.version, self.booking.key
        keys = {unit.key: unit.id for unit in self.units}
        asked = request.args.get("unit", "")
        own = next((key for key, number in keys.items() if number == self.booking.unit_id), "")
        self.form.unit.data = asked if asked in keys else own
        return self.shown()

    def otherwise(self) -> Otherwise | None:
        """What the form means, or None with a sentence beside what is wrong in it."""
        fits, wanted = self.form.validate(), self.form.wanted(self.place.zoneinfo, by_day=self.row.by_day)
        return Otherwise(self.booking.key, wanted, self.form.unit.data or "") if fits and wanted else None

    def signature(self) -> service.Signature | Refusal | None:
        """The signature where one is asked for, or its refusal."""
        return signature_of(self.form, self.actor) if isinstance(self.form, SignedOtherwiseForm) else None

    def refuse(self, refused: service.RefusedError) -> None:
        """What stands in the way there."""
        links = verdicts.Links(url_for(".propose", key=self.key, booking=self.booking.key), self.form.unit.data or "")
        said = explain(refused.facts, refused.window, refused.verdict)
        self.panel = verdicts.verdict_panel(said, links, language())

    def complain(self, wrong: Exception) -> None:
        """Why it cannot be like that, or which rules are in the way that may be waived with a reason."""
        if isinstance(wrong, service.WaiverNeededError):
            self.to_waive = wrong.refusals
            self.form.waiver.errors = [gettext("Say why it may be nevertheless. The reason is kept with the request.")]
        else:
            self.form.form_errors = [gettext(_SAID[type(wrong)])]

    def shown(self) -> str:
        """The page, with what stands in the way. A look at another partner's booking is recorded first."""
        note_look(self.actor, self.found, [self.row])
        words = language()
        return render_template(
            "bookings/propose.html",
            key=self.key,
            title=self.found.title,
            form=self.form,
            booking=lines_of(self.actor, [self.row], words)[0],
            resource=forms.FormResource.of(self.resource.terms, self.place, words, now()),
            verdict=self.panel,
            to_waive=exceptions.judged_lines(self.to_waive, [], _SEES, self.place, words),
            free=self._free(),
            hours=current_app.config["PROPOSAL_HOURS"],
            is_signed=isinstance(self.form, SignedOtherwiseForm),
            may_sign=has_password(self.actor),
            ask_start_fold=self.form.ask_start_fold,
            ask_end_fold=self.form.ask_end_fold,
        )

    def _free(self) -> list[verdicts.Offer]:
        spots = free_places(self.actor, self.booking.key, now=now())
        return [self._offer(one, len(self.units) > 1) for one in spots]

    def _offer(self, spot: Spot, names_unit: bool) -> verdicts.Offer:
        zone = self.place.zoneinfo
        when = times.when(spot.time, zone, language(), by_day=self.row.by_day)
        there = {"booking": self.booking.key, "unit": spot.unit.key, **_linked(spot.time, zone)}
        url = f"{url_for('.propose', key=self.key)}?{urlencode(there)}"
        return verdicts.Offer(joined((spot.unit.name, when), language()) if names_unit else when, url)


def _linked(time: Interval, zone: Any) -> dict[str, str]:
    """A time as links name it."""
    found = {}
    for name, at in (("from", time.start.astimezone(zone)), ("to", time.end.astimezone(zone))):
        found[name] = at.isoformat(timespec="minutes")[:16]
        if at.fold:
            found[f"{name}_fold"] = "1"
    return found
