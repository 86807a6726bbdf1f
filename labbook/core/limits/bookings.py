"""A number of bookings: 2 a week on each instrument; or of days and evenings: 2 evenings a week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..calendar import Calendar
from ..interval import Interval
from ..language import N_
from ..terms import Sentence
from ..usage import Group, Minutes, Use
from . import kind
from .counting import Counting
from .limit import Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Bookings(Counting):
    """At most so many bookings."""

    code = "bookings"
    title = N_("Number of bookings")
    about = N_("So many bookings a day, a week or a month, or held ahead.")
    is_minutes = False

    most: int = asked(Put.NUMBER, N_("At most so many bookings"), 1)

    def problems(self, place: Place) -> Iterable[Problem]:
        """None at all would forbid everything."""
        yield from super().problems(place)
        if self.most < 1:
            yield Problem("most", N_("Enter at least 1."))

    def used(self, group: Group, hours: Sequence[Minutes]) -> int:
        """Bookings that have a part within the hours."""
        return group.count_in(hours) if hours else 0

    def adds(self, use: Use, group: Group, hours: Sequence[Minutes]) -> int:
        """One."""
        return 1

    def quantity(self, count: int) -> Sentence:
        """2 bookings."""
        return Sentence(N_("1 booking")) if count == 1 else Sentence(N_("%(count)s bookings"), {"count": count})


@kind
@dataclass(frozen=True, kw_only=True)
class Days(Counting):
    """At most so many days, evenings or nights on which something is booked."""

    code = "days"
    title = N_("Number of days or evenings")
    about = N_("So many days, or evenings where hours are given, on which something is booked.")
    is_minutes = False

    most: int = asked(Put.NUMBER, N_("At most so many days or evenings"), 1)

    def problems(self, place: Place) -> Iterable[Problem]:
        """None at all would forbid everything."""
        yield from super().problems(place)
        if self.most < 1:
            yield Problem("most", N_("Enter at least 1."))

    def hours_in(self, calendar: Calendar, stretch: Interval) -> list[Minutes]:
        """Each evening that the hours make, or each local day."""
        if self.when:
            return super().hours_in(calendar, stretch)
        return calendar.days_in_minutes(stretch)

    def used(self, group: Group, hours: Sequence[Minutes]) -> int:
        """Days with a booking."""
        return sum(group.count_in([one]) > 0 for one in hours)

    def adds(self, use: Use, group: Group, hours: Sequence[Minutes]) -> int:
        """Days on which there was none before."""
        touched = [one for one in hours if one[0] < use.end and use.start < one[1]]
        return sum(group.count_in([one]) == 0 for one in touched)

    def quantity(self, count: int) -> Sentence:
        """2 days, or times."""
        if self.when:
            return Sentence(N_("%(count)s times"), {"count": count})
        return Sentence(N_("1 day")) if count == 1 else Sentence(N_("%(count)s days"), {"count": count})
