"""How long ahead: at most 7 days, or 14 on request; at least 24 h. The resource's own terms stay the outer bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from ..amount import Amount, Measure
from ..facts import Facts, Said
from ..language import N_
from ..terms import Sentence
from ..waivers import Again
from . import kind
from .applied import Applied, Look
from .limit import Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Ahead(Limit):
    """At least so many hours and at most so many days ahead; the last day counts in full."""

    code = "ahead"
    title = N_("How long ahead")
    about = N_("Notice and horizon for certain people; beyond a bound staff may decide instead of refusing.")

    hours: int = asked(Put.NUMBER, N_("At least so many hours ahead"), 0, N_("0 means no notice."))
    days: int = asked(Put.NUMBER, N_("At most so many days ahead"), 0, N_("0 means no bound."))

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Between notice and horizon."""
        if self.hours and facts.wanted.start < facts.now + timedelta(hours=self.hours):
            return Look(False, lambda: self._said(N_("Ask at least %(hours)s ahead."), N_("Choose a later start.")))
        last = (facts.now.astimezone(facts.zone) + timedelta(days=self.days)).date()
        if self.days and facts.first_on > last:
            sentence = N_("It can be booked at most %(days)s ahead, up to %(last)s.")
            said = Said(sentence, N_("Choose an earlier day."), {**self._values, "last": last})
            return Look(False, lambda: said)
        return Look(True, lambda: self._said(N_("It is neither too early nor too late to ask."), ""))

    @property
    def _values(self) -> dict[str, Amount]:
        return {"hours": Amount(self.hours * 60, Measure.MINUTE), "days": Amount(self.days, Measure.DAY)}

    def _said(self, sentence: str, advice: str) -> Said:
        return Said(sentence, advice, {**self._values})

    @property
    def at_approval(self) -> Again:
        """While a request waits, the clock alone may break it."""
        return Again.AS_ASKED

    def words(self) -> Sentence:
        """From so long to so long ahead."""
        if self.hours and self.days:
            return Sentence(N_("At least %(hours)s and at most %(days)s ahead."), {**self._values})
        if self.hours:
            return Sentence(N_("Ask at least %(hours)s ahead."), {**self._values})
        return Sentence(N_("At most %(days)s ahead."), {**self._values})

    def problems(self, place: Place) -> Iterable[Problem]:
        """A notice longer than the horizon, or none of both."""
        if not self.hours and not self.days:
            yield Problem("days", N_("Enter a notice or a horizon."))
        if self.hours < 0 or self.days < 0:
            yield Problem("days", N_("Enter nothing or more."))
        if self.days and self.hours > self.days * 24:
            yield Problem("hours", N_("The notice is longer than the horizon."))
