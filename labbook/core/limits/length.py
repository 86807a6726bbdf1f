"""How long a booking is, by the hours in which it lies: 2 h in the daytime, 12 h at night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..amount import Amount, Measure
from ..facts import Facts, Said, Values
from ..language import N_
from ..terms import Sentence
from ..usage import minutes_of
from ..weekly import ALWAYS, When
from . import kind
from .applied import Applied, Look
from .limit import Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Length(Limit):
    """The part of a booking within these hours is at most so long; one that touches them is at least so long."""

    code = "length"
    title = N_("Length of a booking")
    about = N_("Shortest and longest booking in certain hours: 2 h in the daytime, 12 h overnight.")

    shortest: int = asked(Put.MINUTES, N_("At least"), 0, N_("0 means no lower bound."))
    longest: int = asked(Put.MINUTES, N_("At most"), 0, N_("0 means no upper bound."))
    when: When = asked(Put.WHEN, N_("In these hours"), ALWAYS)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """The booking's part within the hours."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        start, end = minutes_of(facts.wanted)
        hours = record.calendar.counting(self.when, facts.wanted) if self.when else [(start, end)]
        within = sum(max(min(end, last) - max(start, first), 0) for first, last in hours)
        if not within:
            return None
        if self.shortest and end - start < self.shortest:
            return Look(False, lambda: self._said(_TOO_SHORT, N_("Choose a later end."), self.shortest, end - start))
        if self.longest and within > self.longest:
            return Look(False, lambda: self._said(_TOO_LONG, N_("Choose an earlier end."), self.longest, within))
        return Look(True, lambda: self._said(_FITS, "", self.longest or self.shortest, within))

    def _said(self, sentence: str, advice: str, bound: int, length: int) -> Said:
        where = Sentence(N_(" within %(hours)s"), {"hours": self.when.words}) if self.when else Sentence("")
        values: Values = {
            "bound": Amount(bound, Measure.MINUTE),
            "length": Amount(length, Measure.MINUTE),
            "when": where,
        }
        return Said(sentence, advice, values)

    def words(self) -> Sentence:
        """From so long to so long."""
        values: Values = {
            "shortest": Amount(self.shortest, Measure.MINUTE),
            "longest": Amount(self.longest, Measure.MINUTE),
            "when": Sentence(N_(" within %(hours)s"), {"hours": self.when.words}) if self.when else Sentence(""),
        }
        if self.shortest and self.longest:
            return Sentence(N_("A booking%(when)s lasts from %(shortest)s to %(longest)s."), values)
        if self.shortest:
            return Sentence(N_("A booking%(when)s lasts at least %(shortest)s."), values)
        return Sentence(N_("A booking%(when)s lasts at most %(longest)s."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """A longer minimum than maximum, or bounds that the resource's own terms make impossible."""
        if not self.shortest and not self.longest:
            yield Problem("longest", N_("Enter a shortest or a longest length."))
        if self.shortest and self.longest and self.shortest > self.longest:
            yield Problem("shortest", N_("The shortest length is longer than the longest."))
        timed = [one for one in place.terms if not one.longest.is_by_calendar]
        for one in timed:
            if self.shortest > one.longest.count:
                values: Values = {"longest": one.longest}
                yield Problem("shortest", N_("The longest booking is %(longest)s: this could never be kept."), values)
                break
        for one in timed:
            if self.longest and not one.shortest.is_by_calendar and not self.when and self.longest < one.shortest.count:
                text = N_("The shortest booking is %(shortest)s: this could never be kept.")
                yield Problem("longest", text, {"shortest": one.shortest})
                break


_TOO_SHORT = N_("The shortest booking%(when)s is %(bound)s; this one lasts %(length)s.")
_TOO_LONG = N_("At most %(bound)s%(when)s; this booking has %(length)s of it.")
_FITS = N_("%(length)s%(when)s fit the bounds.")
