"""How many at the same moment: never two of this group at once, or twelve benches for a partner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..calendar import Calendar
from ..facts import Facts, Said
from ..interval import Interval
from ..language import N_
from ..record import Record
from ..terms import Sentence
from ..usage import Use, Which, minute_of, most_at_once
from . import kind
from .applied import Applied, Look, Meter
from .counting import SUBJECT_LABELS, SUBJECT_WORDS, Subject
from .limit import Limit, Place, Problem, Put, asked
from .standing import Standing, counted_apart, said, shown


@kind
@dataclass(frozen=True, kw_only=True)
class AtOnce(Limit):
    """At most so many bookings that run at one moment."""

    code = "at-once"
    title = N_("At the same time")
    about = N_("So many resources or units at one moment: never two of a group at once, or benches included.")

    most: int = asked(Put.NUMBER, N_("At most so many at once"), 1)
    subject: Subject = asked(Put.CHOICE, N_("Whose bookings count together"), Subject.PERSON, labels=SUBJECT_LABELS)

    def standing(self, record: Record, applied: Applied, now: datetime) -> list[Standing]:
        """How many run at this moment."""
        by_project, minute = self.subject is Subject.PROJECT, minute_of(now)
        return shown(
            self._standing(use._replace(start=minute, end=minute + 1), record, applied)
            for use in counted_apart(record, applied, by_resource=False, by_project=by_project)
        )

    def _standing(self, use: Use, record: Record, applied: Applied) -> Standing:
        others = self._others(use, record, applied)
        used, by_you = self._at_once(others, use), self._at_once(_own(others, use), use)
        meter = Meter(self.most, used, by_you, used, False)
        is_shared = self.subject is Subject.PARTNER
        text = said(meter, {"over": Sentence(N_("now"))}, is_shared=is_shared)
        return Standing(applied, meter, text, is_shared, None, use.project_id)

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """The most that run at one moment of the booking."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        use = record.use(facts.wanted, facts.now)
        others = self._others(use, record, applied)
        used = self._at_once(others, use)

        def meter() -> Meter:
            return Meter(self.most, used, self._at_once(_own(others, use), use), used + 1, False)

        return Look(used < self.most, lambda: self._said(meter()), meter)

    def _others(self, use: Use, record: Record, applied: Applied) -> list[Use]:
        """What counts together with it at about that time."""
        person = None if self.subject is Subject.PARTNER else use.person_id
        by_project = self.subject is Subject.PROJECT
        project = use.project_id if by_project else None
        which = Which(applied.resources, self.modes or None, 0, False, person, project, by_project)
        return record.ledger.group(which).near(use.start, use.end)

    @staticmethod
    def _at_once(uses: Iterable[Use], during: Use) -> int:
        return most_at_once([(one.start, one.end) for one in uses], (during.start, during.end))

    def reach(self, window: Interval, calendar: Calendar, now: datetime) -> Interval | None:
        """What runs within the window."""
        return window

    def _said(self, meter: Meter) -> Said:
        values = {"used": meter.used, "most": meter.most, "you": meter.by_you}
        if meter.used < meter.most:
            return Said(N_("%(used)s of %(most)s are in use at that time; this booking is one more."), "", values)
        if self.subject is Subject.PARTNER:
            sentence = N_("Your organisation has %(used)s of %(most)s at that time already, %(you)s of them by you.")
        else:
            sentence = N_("You have %(used)s of %(most)s at that time already.")
        return Said(sentence, N_("Choose a time at which fewer are booked."), values)

    def words(self) -> Sentence:
        """At most so many at once."""
        values = {"most": self.most, "whose": Sentence(SUBJECT_WORDS[self.subject])}
        return Sentence(N_("At most %(most)s at the same time for %(whose)s."), values)

    def problems(self, place: Place) -> Iterable[Problem]:
        """None at once would forbid everything."""
        if self.most < 1:
            yield Problem("most", N_("Enter at least 1."))


def _own(uses: Iterable[Use], use: Use) -> list[Use]:
    return [one for one in uses if one.person_id == use.person_id]
