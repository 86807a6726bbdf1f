"""Experience: so many hours used on the instrument before one books on one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..amount import Amount, Measure
from ..facts import Effect, Facts, Said
from ..language import N_
from ..terms import Sentence
from ..weekly import ALWAYS, When
from . import kind
from .applied import Applied, Look
from .limit import EFFECT_LABELS, Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Experience(Limit):
    """At least so many hours used on this resource before."""

    code = "experience"
    title = N_("Experience")
    about = N_("So many hours used on the instrument before one books it alone, or at certain hours.")

    effect: Effect = asked(Put.CHOICE, N_("When it is not kept"), Effect.REVIEW, labels=EFFECT_LABELS)
    least: int = asked(Put.MINUTES, N_("At least"), 0, N_("For instance 20 h, as logged on this resource."))
    when: When = asked(Put.WHEN, N_("Only bookings that touch these hours"), ALWAYS)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """What the person has used of this resource."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        if self.when and not record.calendar.hours(self.when, facts.wanted):
            return None
        used = record.minutes_used
        return Look(used >= self.least, lambda: self._said(used))

    def _said(self, used: int) -> Said:
        values = {"used": Amount(used, Measure.MINUTE), "least": Amount(self.least, Measure.MINUTE)}
        if used >= self.least:
            return Said(N_("You have used it for %(used)s; it takes %(least)s."), "", values)
        return Said(
            N_("It takes %(least)s of experience with it; you have used it for %(used)s so far."),
            N_("Book it together with somebody experienced, or ask staff."),
            values,
        )

    def words(self) -> Sentence:
        """At least so much experience."""
        values = {"least": Amount(self.least, Measure.MINUTE), "hours": self.when.words}
        if self.when:
            return Sentence(N_("Bookings that touch %(hours)s take %(least)s of experience with it."), values)
        return Sentence(N_("It takes %(least)s of experience with it."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """Nothing to ask for."""
        if self.least < 1:
            yield Problem("least", N_("Enter more than nothing."))
