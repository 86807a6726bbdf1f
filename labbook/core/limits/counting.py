"""What allowances have in common: over which time, for whom together, in which hours, and what does not count."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import ClassVar

from ..amount import Amount, Measure
from ..calendar import Calendar, Span
from ..facts import Facts, Said, Value
from ..interval import Interval
from ..language import N_
from ..record import Record
from ..terms import Sentence
from ..usage import Group, Minutes, Use, Which, minute_of
from ..waivers import Again
from ..weekly import ALWAYS, When
from .applied import Applied, Look, Meter
from .limit import Limit, Place, Problem, Put, Who, asked
from .standing import NOW_WORDS, OVER_WORDS, Standing, counted_apart, said, shown

MINUTE = timedelta(minutes=1)
_START, _END = itemgetter(0), itemgetter(1)
_A_DAY = 24 * 60
_FAR = timedelta(days=3660)  # nobody books further ahead


class Subject(StrEnum):
    """Whose bookings count together. Stored; never rename."""

    PERSON = "person"
    PROJECT = "project"  # the person's within one project
    PARTNER = "partner"  # everybody's of the partner


SPAN_LABELS = {
    Span.DAY: N_("a day"),
    Span.WEEK: N_("a week"),
    Span.MONTH: N_("a month"),
    Span.DAYS: N_("any so many days in a row"),
    Span.AHEAD: N_("held ahead, from now on"),
    Span.SOON: N_("the next so many hours"),
}
SUBJECT_LABELS = {
    Subject.PERSON: N_("Each person"),
    Subject.PROJECT: N_("Each person within a project"),
    Subject.PARTNER: N_("All people of a partner together"),
}
SUBJECT_WORDS = {
    Subject.PERSON: N_("each person"),
    Subject.PROJECT: N_("each person within a project"),
    Subject.PARTNER: N_("all people of a partner together"),
}


@dataclass(frozen=True, kw_only=True)
class Counting(Limit):
    """An allowance of something that adds up."""

    is_minutes: ClassVar[bool]

    most: int = asked(Put.NUMBER, N_("At most"), 0)
    span: Span = asked(Put.CHOICE, N_("Over which time"), Span.WEEK, labels=SPAN_LABELS)
    span_count: int = asked(Put.NUMBER, N_("How many days or hours"), 0, N_("Only for a number of days or hours."))
    subject: Subject = asked(Put.CHOICE, N_("Whose bookings count together"), Subject.PERSON, labels=SUBJECT_LABELS)
    each_alone: bool = asked(Put.FLAG, N_("Each resource counts by itself"), False)
    when: When = asked(Put.WHEN, N_("Hours that count"), ALWAYS)
    free_hours: int = asked(
        Put.NUMBER, N_("Last-minute exemption, in hours"), 0, N_("What is still free so shortly before does not count.")
    )
    same_day_free: bool = asked(Put.FLAG, N_("Bookings made on the same day do not count"), False)

    def hours_in(self, calendar: Calendar, stretch: Interval) -> list[Minutes]:
        """The hours of a stretch that count."""
        return calendar.counting(self.when, stretch)

    @abstractmethod
    def used(self, group: Group, hours: Sequence[Minutes]) -> int:
        """How much of it a group uses within these hours."""

    @abstractmethod
    def adds(self, use: Use, group: Group, hours: Sequence[Minutes]) -> int:
        """How much one more use would add, of the hours that it touches."""

    def look(self, facts: Facts, applied: Applied) -> Look | None:
        """How it stands over its worst stretch of time."""
        record = facts.record
        assert record is not None  # noqa: S101 - `concerns` has seen to it
        use = record.use(facts.wanted, facts.now)
        if self._is_exempt(use, record):
            return None
        worst: tuple[int, int, Interval, list[Minutes]] | None = None
        which = self._which(use, applied)
        group = record.ledger.group(which)
        for stretch in self._stretches(facts.wanted, facts.now, record):
            hours = self.hours_in(record.calendar, stretch)
            touched = hours[bisect_right(hours, use.start, key=_END) : bisect_left(hours, use.end, key=_START)]
            if not touched:
                continue
            about = (applied.key, which, stretch)
            used = record.ledger.known(about, lambda hours=hours: self.used(group, hours))  # type: ignore[misc]
            would_be = used + self.adds(use, group, touched)
            if worst is None or would_be > worst[0]:
                worst = would_be, used, stretch, hours
        if worst is None:
            return None
        return self._look(facts, applied, use, *worst)

    def _look(
        self, facts: Facts, applied: Applied, use: Use, would_be: int, used: int, over: Interval, hours: list[Minutes]
    ) -> Look:
        record = facts.record
        assert record is not None  # noqa: S101

        def meter() -> Meter:
            own = self._which(use, applied)._replace(person_id=use.person_id)
            by_you = used if self.subject is not Subject.PARTNER else self.used(record.ledger.group(own), hours)
            return Meter(self.most, used, by_you, would_be, self.is_minutes)

        is_kept = would_be <= self.most
        return Look(is_kept, lambda: self._said(meter(), over, facts, is_kept=is_kept), meter)

    def _said(self, meter: Meter, over: Interval, facts: Facts, *, is_kept: bool) -> Said:
        values = {
            "most": self.quantity(meter.most),
            "used": self.quantity(meter.used),
            "you": self.quantity(meter.by_you),
            "wanted": self.quantity(meter.would_be - meter.used),
            "left": self.quantity(max(meter.most - meter.used, 0)),
            "over": Sentence(OVER_WORDS[self.span], {"count": self.span_count}),
            "when": self.when_words,
        }
        sentence = _SENTENCES[is_kept, self.subject is Subject.PARTNER]
        advice = "" if is_kept else _ADVICE[self.span]
        if not is_kept and self.is_minutes and meter.most > meter.used:
            advice = _SHORTER
        return Said(sentence, advice, values)

    def reach(self, window: Interval, calendar: Calendar, now: datetime) -> Interval | None:
        """The stretches in which the first and the last moment of the window lie; for AHEAD and SOON from now on."""
        if self.span is Span.SOON:
            return Interval(now, now + timedelta(hours=self.span_count))
        if self.span is Span.AHEAD:
            return Interval(now, max(window.end, now) + _FAR)
        ends = Interval(window.start, window.start + MINUTE), Interval(window.end - MINUTE, window.end)
        stretches = [one for end in ends for one in calendar.stretches(self.span, self.span_count, end)]
        return Interval(min(one.start for one in stretches), max(one.end for one in stretches))

    @property
    def is_alike(self) -> bool:
        """Unless each resource counts by itself, or whom it concerns depends on the resource's training."""
        return not self.each_alone and self.who not in (Who.TRAINEES, Who.INDEPENDENT)

    @property
    def at_approval(self) -> Again:
        """The next so many hours come by themselves to what waits and keeps its time."""
        return Again.WISHES if self.span is Span.SOON else Again.ALWAYS

    def quantity(self, count: int) -> Amount | Sentence:
        """A count as it is read."""
        return Amount(count, Measure.MINUTE)

    @property
    def when_words(self) -> Sentence:
        """The hours that count, as a part of a sentence; nothing where all of them do."""
        return Sentence(N_(" within %(hours)s"), {"hours": self.when.words}) if self.when else Sentence("")

    def words(self) -> Sentence:
        """At most so much for whom, over which time, and what does not count."""
        values: dict[str, Amount | Sentence | int] = {
            "whose": Sentence(SUBJECT_WORDS[self.subject]),
            "most": self.quantity(self.most),
            "when": self.when_words,
            "count": self.span_count,
            "free": Amount(self.free_hours * 60, Measure.MINUTE),
        }
        parts = [Sentence(_SPAN_SENTENCES[self.span], values)]
        if self.each_alone:
            parts.append(Sentence(N_("Each resource counts by itself.")))
        if self.free_hours:
            parts.append(Sentence(N_("What is still free in the next %(free)s does not count."), values))
        if self.same_day_free:
            parts.append(Sentence(N_("Bookings made on the same day do not count.")))
        return joined(parts)

    def problems(self, place: Place) -> Iterable[Problem]:
        """An allowance that forbids everything, or a number of days or hours that is missing."""
        if self.most < 0:
            yield Problem("most", N_("Enter nothing or more."))
        if self.span in (Span.DAYS, Span.SOON) and self.span_count < 1:
            yield Problem("span_count", N_("Say how many days or hours."))
        if self.span_count > 366:
            yield Problem("span_count", N_("At most 366."))
        if self.free_hours < 0 or self.free_hours > 24 * 60:
            yield Problem("free_hours", N_("Enter a number of hours from 0 to 1440."))

    def standing(self, record: Record, applied: Applied, now: datetime) -> list[Standing]:
        """What is used over the present stretch of time; where several overlap, over the one with most."""
        return shown(
            self._standing(use, record, applied, now)
            for use in counted_apart(
                record, applied, by_resource=self.each_alone, by_project=self.subject is Subject.PROJECT
            )
        )

    def _standing(self, use: Use, record: Record, applied: Applied, now: datetime) -> Standing:
        which = self._which(use, applied)
        group, own = record.ledger.group(which), record.ledger.group(which._replace(person_id=use.person_id))
        stretches = self._stretches(Interval(now, now + MINUTE), now, record)
        hours = max(
            (self.hours_in(record.calendar, one) for one in stretches), key=lambda hours: self.used(group, hours)
        )
        used, by_you = self.used(group, hours), self.used(own, hours)
        meter = Meter(self.most, used, by_you, used, self.is_minutes)
        values: dict[str, Value] = {
            "most": self.quantity(meter.most),
            "used": self.quantity(meter.used),
            "you": self.quantity(meter.by_you),
            "over": Sentence(NOW_WORDS.get(self.span, OVER_WORDS[self.span]), {"count": self.span_count}),
            "when": self.when_words,
        }
        is_shared = self.subject is Subject.PARTNER
        text = said(meter, values, is_shared=is_shared)
        return Standing(applied, meter, text, is_shared, use.resource_id or None, use.project_id)

    def _which(self, use: Use, applied: Applied) -> Which:
        person = use.person_id if self.subject is not Subject.PARTNER else None
        return Which(
            frozenset({use.resource_id}) if self.each_alone else applied.resources,
            self.modes or None,
            self.free_hours,
            self.same_day_free,
            person,
            use.project_id if self.subject is Subject.PROJECT else None,
            self.subject is Subject.PROJECT,
        )

    def _is_exempt(self, use: Use, record: Record) -> bool:
        if self.free_hours and use.start - use.asked <= self.free_hours * 60:
            return True
        return self.same_day_free and use.asked >= record.calendar.midnight_before(use.start)

    def _stretches(self, wanted: Interval, now: datetime, record: Record) -> list[Interval]:
        if self.span is Span.AHEAD:
            return [_from_now_on(now, max(minute_of(wanted.end), record.ledger.end))]
        if self.span is Span.SOON:
            return [Interval(now, now + timedelta(hours=self.span_count))]
        return record.calendar.stretches(self.span, self.span_count, wanted)


def _from_now_on(now: datetime, until: int) -> Interval:
    """From now until nothing is booked any more; rounded up, so that many wishes share what is worked out for it."""
    days = max(-(-(until - minute_of(now)) // _A_DAY), 1)
    return Interval(now, now + timedelta(days=1 << (days - 1).bit_length()))


def joined(parts: Sequence[Sentence]) -> Sentence:
    """Several sentences as one text."""
    if len(parts) == 1:
        return parts[0]
    return Sentence(N_("%(first)s %(rest)s"), {"first": parts[0], "rest": joined(parts[1:])})


_SPAN_SENTENCES = {
    Span.DAY: N_("At most %(most)s a day%(when)s for %(whose)s."),
    Span.WEEK: N_("At most %(most)s a week%(when)s for %(whose)s."),
    Span.MONTH: N_("At most %(most)s a month%(when)s for %(whose)s."),
    Span.DAYS: N_("At most %(most)s in any %(count)s days in a row%(when)s for %(whose)s."),
    Span.AHEAD: N_("At most %(most)s held ahead%(when)s for %(whose)s."),
    Span.SOON: N_("At most %(most)s in the next %(count)s hours%(when)s for %(whose)s."),
}
_SENTENCES = {  # by whether it is kept, and whether it is shared by a partner
    (True, False): N_("%(used)s of %(most)s used %(over)s%(when)s; this booking adds %(wanted)s."),
    (True, True): N_(
        "%(used)s of %(most)s used %(over)s%(when)s, %(you)s of them by you; this booking adds %(wanted)s."
    ),
    (False, False): N_("%(used)s of %(most)s are used %(over)s%(when)s; this booking needs %(wanted)s."),
    (False, True): N_(
        "Your organisation has used %(used)s of %(most)s %(over)s%(when)s, %(you)s of them by you; "
        "this booking needs %(wanted)s."
    ),
}
_SHORTER = N_("%(left)s are left: choose a shorter time, or another day.")
_ADVICE = {
    Span.DAY: N_("Choose another day."),
    Span.WEEK: N_("Choose another week."),
    Span.MONTH: N_("Choose another month."),
    Span.DAYS: N_("Choose a day that is further away."),
    Span.AHEAD: N_("Wait until some of it is over, or cancel what you do not need."),
    Span.SOON: N_("Choose a later time."),
}
