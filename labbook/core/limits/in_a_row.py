"""How long without a break: at most 5 h in a row, however many bookings they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..amount import Amount, Measure
from ..calendar import Calendar
from ..facts import Facts, Said, Values
from ..interval import Interval
from ..language import N_
from ..terms import Sentence
from ..usage import Which
from ..weekly import ALWAYS, When
from . import kind
from .applied import Applied, Look
from .limit import Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class InARow(Limit):
    """At most so long in a row, for one person."""

    code = "in-a-row"
    title = N_("Length in a row")
    about = N_("So long without a break; bookings that follow each other closely count as one.")

    most: int = asked(Put.MINUTES, N_("At most"), 0, N_("For instance 5 h."))
    pause: int = asked(Put.MINUTES, N_("A pause up to this long is no break"), 30)
    each_alone: bool = asked(Put.FLAG, N_("Each resource counts by itself"), False)
    when: When = asked(Put.WHEN, N_("Hours that count"), ALWAYS)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """The whole row that the booking would be a part of; of it the part within the hours."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        use = record.use(facts.wanted, facts.now)
        resources = frozenset({use.resource_id}) if self.each_alone else applied.resources
        group = record.ledger.group(Which(resources, self.modes or None, person_id=use.person_id))
        start, end = group.row(use.start, use.end, self.pause)
        length = end - start
        if self.when:
            hours = record.calendar.counting(self.when, record.calendar.interval(start, end))
            touched = [(first, last) for first, last in hours if first < use.end and use.start < last]
            if not touched:
                return None
            length = max(min(end, last) - max(start, first) for first, last in touched)
        return Look(length <= self.most, lambda: self._said(length))

    def reach(self, window: Interval, calendar: Calendar, now: datetime) -> Interval | None:
        """As far as a row that is just too long."""
        far = timedelta(minutes=self.most + self.pause + 1)
        return Interval(window.start - far, window.end + far)

    def _said(self, length: int) -> Said:
        values: Values = {"length": Amount(length, Measure.MINUTE), "most": Amount(self.most, Measure.MINUTE)}
        if length <= self.most:
            return Said(N_("It makes %(length)s in a row, of %(most)s that are allowed."), "", values)
        return Said(
            N_("Together with your neighbouring bookings it makes %(length)s in a row; %(most)s are allowed."),
            N_("Choose a shorter time, or leave a longer pause."),
            values,
        )

    def words(self) -> Sentence:
        """At most so long in a row."""
        values: Values = {
            "most": Amount(self.most, Measure.MINUTE),
            "pause": Amount(self.pause, Measure.MINUTE),
            "hours": self.when.words,
        }
        if self.when:
            return Sentence(
                N_("At most %(most)s in a row within %(hours)s; a pause up to %(pause)s is no break."), values
            )
        return Sentence(N_("At most %(most)s in a row; a pause up to %(pause)s is no break."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """A row shorter than the shortest booking can never be kept."""
        shortest = [one.shortest for one in place.terms if not one.shortest.is_by_calendar]
        if self.most < 1:
            yield Problem("most", N_("Enter more than nothing."))
        elif shortest and min(one.count for one in shortest) > self.most:
            yield Problem(
                "most",
                N_("The shortest booking is %(shortest)s: this could never be kept."),
                {"shortest": min(shortest, key=lambda one: one.count)},
            )
