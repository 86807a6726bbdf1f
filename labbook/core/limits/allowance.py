"""An allowance of hours: 12 h a week at peak."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..language import N_
from ..usage import Group, Minutes, Use
from . import kind
from .counting import Counting
from .limit import Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Allowance(Counting):
    """At most so many hours."""

    code = "allowance"
    title = N_("Hours used")
    about = N_("So many hours a day, a week or a month, at peak or always; for a person or a whole partner.")
    is_minutes = True

    most: int = asked(Put.MINUTES, N_("At most"), 0, N_("For instance 12 h, or 90 min."))

    def problems(self, place: Place) -> Iterable[Problem]:
        """An allowance of nothing, or one that does not hold even the shortest booking."""
        yield from super().problems(place)
        shortest = [one.shortest for one in place.terms if not one.shortest.is_by_calendar]
        if self.most < 1:
            yield Problem("most", N_("Enter more than nothing."))
        elif not self.when and shortest and len(shortest) == len(place.terms):
            least = min(shortest, key=lambda one: one.count)
            if self.most < least.count:
                text = N_("The shortest booking is %(shortest)s: the allowance holds none.")
                yield Problem("most", text, {"shortest": least})

    def used(self, group: Group, hours: Sequence[Minutes]) -> int:
        """Minutes within the hours."""
        return group.minutes_in(hours)

    def adds(self, use: Use, group: Group, hours: Sequence[Minutes]) -> int:
        """The minutes of it that count."""
        return sum(max(min(end, use.end) - max(start, use.start), 0) for start, end in hours)
