"""Staff decide in certain cases: live imaging over 48 h, a large room outside of office hours, a trainee's booking."""

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
class Decision(Limit):
    """Applies to every booking that it concerns and that is long enough and touches the hours."""

    code = "decision"
    title = N_("Staff decide")
    about = N_("For certain people, kinds of work, hours or lengths the booking waits for staff.")

    effect: Effect = asked(Put.CHOICE, N_("What follows"), Effect.REVIEW, labels=EFFECT_LABELS)
    longer_than: int = asked(Put.MINUTES, N_("Only bookings longer than"), 0, N_("0 means all of them."))
    when: When = asked(Put.WHEN, N_("Only bookings that touch these hours"), ALWAYS)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """It is said whenever it concerns the booking."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        if facts.wanted.length.total_seconds() <= self.longer_than * 60:
            return None
        if self.when and not record.calendar.hours(self.when, facts.wanted):
            return None
        return Look(False, lambda: Said(self.words().text, "", self.words().params))

    def words(self) -> Sentence:
        """Staff decide on these."""
        values = {"longer": Amount(self.longer_than, Measure.MINUTE), "hours": self.when.words}
        if self.longer_than and self.when:
            return Sentence(N_("Staff decide on bookings longer than %(longer)s that touch %(hours)s."), values)
        if self.longer_than:
            return Sentence(N_("Staff decide on bookings longer than %(longer)s."), values)
        if self.when:
            return Sentence(N_("Staff decide on bookings that touch %(hours)s."), values)
        return Sentence(N_("Staff decide on these bookings."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """A length that no booking can have."""
        timed = [one.longest.count for one in place.terms if not one.longest.is_by_calendar]
        if timed and len(timed) == len(place.terms) and self.longer_than >= max(timed):
            yield Problem("longer_than", N_("No booking is longer than that: it would never count."))
