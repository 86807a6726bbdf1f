"""Only at certain hours: overnight bookings from 19:00 to 09:00, trainees in office hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..facts import Facts, Said
from ..hours import Cover
from ..interval import merged
from ..language import N_
from ..terms import Sentence
from ..typical import longest_minutes, stretches_of
from ..weekly import ALWAYS, When
from . import kind
from .applied import Applied, Look
from .limit import Limit, Place, Problem, Put, asked


class Which(StrEnum):
    """Which bookings have to lie within the hours. Stored; never rename."""

    ALL = "all"
    OVERNIGHT = "overnight"  # those that go over a midnight


WHICH_LABELS = {
    Which.ALL: N_("All bookings"),
    Which.OVERNIGHT: N_("Bookings that go over midnight"),
}


@kind
@dataclass(frozen=True, kw_only=True)
class OnlyWithin(Limit):
    """A booking lies within the hours as a whole."""

    code = "only-within"
    title = N_("Only at certain hours")
    about = N_("Overnight only from 19:00 to 09:00; trainees only in office hours.")

    which: Which = asked(Put.CHOICE, N_("Which bookings"), Which.ALL, labels=WHICH_LABELS)
    when: When = asked(Put.WHEN, N_("Only in these hours"), ALWAYS)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Whether one stretch of the hours holds all of it."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        if self.which is Which.OVERNIGHT and facts.first_on == facts.last_on:
            return None
        inside = record.calendar.hours(self.when, facts.wanted)
        is_kept = any(one.covers(facts.wanted) for one in merged(inside))
        return Look(is_kept, lambda: self._said(is_kept=is_kept))

    def _said(self, *, is_kept: bool) -> Said:
        values = {"hours": self.when.words}
        if is_kept:
            return Said(N_("It lies within %(hours)s."), "", values)
        overnight = N_("A booking over midnight has to lie within %(hours)s.")
        sentence = overnight if self.which is Which.OVERNIGHT else N_("It has to lie within %(hours)s.")
        return Said(sentence, N_("Choose a time within these hours."), values)

    def words(self) -> Sentence:
        """Only within these hours."""
        values = {"hours": self.when.words}
        if self.which is Which.OVERNIGHT:
            return Sentence(N_("Bookings over midnight only within %(hours)s."), values)
        return Sentence(N_("Only within %(hours)s."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """Hours that are missing, or that never are."""
        if not self.when:
            yield Problem("when", N_("Say in which hours."))
            return
        if not stretches_of(self.when):
            return  # hours that never are: said of every limit
        shut = [one for terms, one in zip(place.terms, place.openings, strict=True) if terms.cover is Cover.ALL and one]
        if shut and len(shut) == len(place.openings) and not any(stretches_of(self.when, one) for one in shut):
            yield Problem("when", N_("Never within the opening hours: this could never be kept."))
            return
        shortest = [one.shortest for one in place.terms if not one.shortest.is_by_calendar]
        if self.which is not Which.ALL or not shortest or len(shortest) < len(place.terms):
            return
        least = min(shortest, key=lambda one: one.count)
        if longest_minutes(stretches_of(self.when)) < least.count:
            text = N_("The shortest booking is %(shortest)s: no stretch of these hours holds one.")
            yield Problem("when", text, {"shortest": least})
