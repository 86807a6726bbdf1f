"""No-show: whoever has not checked in by then loses the rest of the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..amount import Amount, Measure
from ..facts import Effect, Facts, Said
from ..language import N_
from ..terms import Sentence
from . import kind
from .applied import Applied, Look
from .limit import EFFECT_LABELS, Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class NoShow(Limit):
    """Check in from so long before the start until so long after it; then the time is free for others."""

    code = "no-show"
    title = N_("Check-in")
    about = N_("Whoever has not checked in so many minutes after the start loses the rest of the time.")

    effect: Effect = asked(Put.CHOICE, N_("When it is not kept"), Effect.NOTE, labels=EFFECT_LABELS)
    grace: int = asked(Put.MINUTES, N_("Free for others after"), 30, N_("Counted from the start."))
    early: int = asked(Put.MINUTES, N_("Check-in opens before the start"), 15)
    counts: bool = asked(Put.FLAG, N_("The lost time counts as used"), True)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Always kept as one asks."""
        return Look(True, lambda: Said(self.words().text, "", self.words().params))

    def words(self) -> Sentence:
        """Check in until then."""
        values = {"grace": Amount(self.grace, Measure.MINUTE), "early": Amount(self.early, Measure.MINUTE)}
        return Sentence(
            N_("Check in from %(early)s before the start; after %(grace)s without it the time is free for others."),
            values,
        )

    def problems(self, place: Place) -> Iterable[Problem]:
        """No time to come."""
        if self.grace < 1:
            yield Problem("grace", N_("Enter more than nothing."))
