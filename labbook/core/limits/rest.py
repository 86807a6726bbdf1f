"""A pause between one's bookings: whoever has used an instrument leaves it to others for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..amount import Amount, Measure
from ..calendar import Calendar
from ..facts import Facts, Said
from ..interval import Interval
from ..language import N_
from ..terms import Sentence
from ..usage import Which
from . import kind
from .applied import Applied, Look
from .limit import Limit, Place, Problem, Put, asked


@kind
@dataclass(frozen=True, kw_only=True)
class Rest(Limit):
    """At least so long between the end of one booking of a person and the start of the next."""

    code = "rest"
    title = N_("Pause between bookings")
    about = N_("So long between one person's bookings, so that others have a turn.")

    least: int = asked(Put.MINUTES, N_("At least"), 0, N_("For instance 12 h."))
    each_alone: bool = asked(Put.FLAG, N_("Each resource counts by itself"), False)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """Whether another booking of the person lies closer than that."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        use = record.use(facts.wanted, facts.now)
        resources = frozenset({use.resource_id}) if self.each_alone else applied.resources
        group = record.ledger.group(Which(resources, self.modes or None, person_id=use.person_id))
        first, last = use.start - self.least, use.end + self.least
        is_kept = not any(one.end > first and one.start < last for one in group.near(first, last))
        return Look(is_kept, lambda: self._said(is_kept=is_kept))

    def _said(self, *, is_kept: bool) -> Said:
        values = {"least": Amount(self.least, Measure.MINUTE)}
        if is_kept:
            return Said(N_("It leaves %(least)s between your bookings."), "", values)
        return Said(
            N_("Between your bookings there have to be %(least)s."),
            N_("Choose a time further away from your other bookings."),
            values,
        )

    def reach(self, window: Interval, calendar: Calendar, now: datetime) -> Interval | None:
        """As far as a pause that is just too short."""
        far = timedelta(minutes=self.least + 1)
        return Interval(window.start - far, window.end + far)

    def words(self) -> Sentence:
        """At least so long in between."""
        values = {"least": Amount(self.least, Measure.MINUTE)}
        return Sentence(N_("At least %(least)s between one person's bookings."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """No pause at all."""
        if self.least < 1:
            yield Problem("least", N_("Enter more than nothing."))
