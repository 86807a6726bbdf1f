"""Forms about closures: shape and types; site wall time becomes intervals here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import BooleanField, DateField, FileField, HiddenField, IntegerField, RadioField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from ..core.closing import KIND_WORDS, MOST_DATES, ClosureKind, dates_of
from ..core.interval import Interval, local_day
from ..core.language import Words
from ..core.recurrence import Every, Repeat
from ..web import sentences
from ..web.fields import ManyField, PageForm, Sensible, choices, lazy, line, text
from .forms import TimesForm

REASON_LENGTH, NOTE_LENGTH = 200, 500
_EVERY = [
    ("", lazy("It does not repeat")),
    (str(Every.WEEK), lazy("By the week, on the same weekday")),
    (str(Every.DATE), lazy("By the month, on the same date")),
    (str(Every.WEEKDAY), lazy("By the month, on the same weekday of it")),
]
_WHOLE = lazy("Give a whole number.")


class _SaysWhy:
    """The message that people read, in one language at least."""

    reason_en = line(lazy("Message in English"), longest=REASON_LENGTH)
    reason_ja = line(lazy("Message in Japanese"), longest=REASON_LENGTH)

    @property
    def reason(self) -> Words:
        """The message in both languages."""
        return Words(self.reason_en.data or "", self.reason_ja.data or "")

    def has_reason(self) -> bool:
        """Whether there is one; says so beside the field where there is none."""
        if not self.reason and not self.reason_en.errors and not self.reason_ja.errors:
            self.reason_en.errors = [gettext("Say why, in one language at least: people read it.")]
        return not (self.reason_en.errors or self.reason_ja.errors)


class ClosingForm(_SaysWhy, TimesForm):
    """Something to close: where, when, how often and why."""

    unit = None  # type: ignore[assignment]  # how WTForms takes a field out
    place = SelectField(lazy("What is closed"), choices=[])
    kind = RadioField(lazy("Type"), choices=[], default="closure")
    whole_days = BooleanField(lazy("Whole days"))
    every = SelectField(lazy("Repeats"), choices=choices(_EVERY), default="")
    step = IntegerField(lazy("Every how many"), default=1, validators=[Optional(), NumberRange(1, 99)])
    until = DateField(lazy("Last day"), validators=[Optional(), Sensible()])
    count = IntegerField(lazy("Or how many times"), validators=[Optional(), NumberRange(1, MOST_DATES)])
    batch = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f]{24}\Z")])

    def offer(self, places: Sequence[tuple[str, str]], kinds: Sequence[str]) -> None:
        """What can be closed, and of which type."""
        self.place.choices = choices(places)
        self.kind.choices = choices((one, gettext(KIND_WORDS[ClosureKind(one)])) for one in kinds)
        self.batch.data = self.batch.data or new_batch()

    def times_in(self, zone: ZoneInfo, language: str) -> list[Interval] | None:
        """The dates, or None with a sentence beside the field that is wrong."""
        first = self.wanted(zone, by_day=bool(self.whole_days.data))
        if first is None or not self.every.data:
            return None if first is None else [first]
        start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (first.start, first.end))
        repeat = Repeat(Every(self.every.data), self.step.data or 1, until=self.until.data, count=self.count.data)
        wrong = repeat.wrong(start, end, MOST_DATES)
        if wrong is None:
            return dates_of(repeat, start, end, zone)
        name = {"ends": "until", "end": "end_at", "start": "start_on"}.get(wrong.field, wrong.field)
        self._complain(name if name in self else "every", sentences.plain(wrong.sentence, language))
        return None


class ChangeForm(_SaysWhy, TimesForm):
    """One date of a closure anew."""

    unit = None  # type: ignore[assignment]  # how WTForms takes a field out
    kind = RadioField(lazy("Type"), choices=[])
    whole = BooleanField(lazy("Type and message of all its dates that are not over"))
    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])

    def offer(self, kinds: Sequence[str]) -> None:
        """Of which type it can be."""
        self.kind.choices = choices((one, gettext(KIND_WORDS[ClosureKind(one)])) for one in kinds)


class FaultForm(_SaysWhy, PageForm):
    """What is out of order from now on, and until when, as far as one knows."""

    place = SelectField(lazy("What is out of order"), choices=[])
    until_on = DateField(
        lazy("Probably until, date"), validators=[InputRequired(lazy("Give a date, as in 2026-11-23.")), Sensible()]
    )
    until_at = TimeField(lazy("Probably until, time"), validators=[InputRequired(lazy("Give a time, as in 09:30."))])
    batch = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f]{24}\Z")])

    def time(self, zone: ZoneInfo, now: datetime) -> Interval | None:
        """From this minute to then, or None with a sentence beside the field."""
        start = now.replace(second=0, microsecond=0)
        if self.until_on.data is None or self.until_at.data is None:
            return None
        end = datetime.combine(self.until_on.data, self.until_at.data).replace(tzinfo=zone).astimezone(UTC)
        if end <= now:
            self.until_at.errors = [gettext("Choose a time to come: you can lengthen or end it later.")]
            return None
        return Interval(start, end)


class LiftForm(PageForm):
    """To open again, all dates or only the one of the address."""

    version = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31)])
    only = BooleanField()


class NoteForm(PageForm):
    """Decisions on bookings; what is said with them. The decisions themselves are read by `decided_in`."""

    note = text(lazy("A word to the people, if you like"), longest=NOTE_LENGTH)
    fate_of_all = RadioField(choices=[], validators=[Optional()], validate_choice=False)


class HolidaysForm(PageForm):
    """Public holidays that are to close a place: none does by itself."""

    place = SelectField(lazy("What they close"), choices=[])
    days = ManyField(lazy("Holidays"), choices=[], validators=[InputRequired(lazy("Tick at least one holiday."))])
    batch = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f]{24}\Z")])


class ImportForm(PageForm):
    """A calendar file whose events are to close a place."""

    place = SelectField(lazy("What they close"), choices=[])
    kind = RadioField(lazy("Type"), choices=[], default="closure")
    file = FileField(lazy("Calendar file (.ics)"))


class EventsForm(PageForm):
    """What was read of a calendar file: which of it is to close the place, and what is to be opened again."""

    place = SelectField(lazy("What they close"), choices=[])
    kind = RadioField(lazy("Type"), choices=[], default="closure")
    dates = ManyField(lazy("Dates"), choices=[], validate_choice=False)
    gone = ManyField(lazy("Not in this file any more"), choices=[], validate_choice=False)
    batch = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f]{24}\Z")])


def new_batch() -> str:
    """A name for what is closed in one go."""
    return secrets.token_hex(12)


# --- decisions --------------------------------------------------------------------------------------------------------

_KEY = re.compile("[0-9a-f]{24}")
FATES = ("keep", "move", "cancel")


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff chose for one booking: its fate, and for a move the unit and the time."""

    fate: str
    unit: str = ""
    time: Interval | None = None


@dataclass(slots=True)
class Decided:
    """What a form says of bookings, by their keys: what is to be done, and what is wrong with the rest."""

    wishes: dict[str, Wish] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)  # the fates as they were ticked


def decided_in(sent: Any, lengths: Mapping[str, tuple[Interval, str, bool]], zone: ZoneInfo) -> Decided:
    """The decisions in a form. `lengths` gives time and unit of each listed booking, and whether it is by day."""
    found = Decided()
    for key in sent.getlist("booking"):
        if not _KEY.fullmatch(key) or key not in lengths:
            continue
        own = sent.get(f"fate-{key}", "")
        fate = own if own in FATES else sent.get("fate_of_all", "")
        if own in FATES:
            found.chosen[key] = own
        if fate not in FATES:
            continue
        wish = Wish(fate) if fate != "move" else _move(sent, key, lengths[key], zone)
        if wish is not None:
            found.wishes[key] = wish
        elif own == "move":
            found.errors[key] = gettext("Say where to: choose a proposal, or give a date and a time.")
    return found


def _move(sent: Any, key: str, present: tuple[Interval, str, bool], zone: ZoneInfo) -> Wish | None:
    """Where a booking is to go: a proposal as the page spelled it, or another date and time on its own unit."""
    to, (time, unit, by_day) = sent.get(f"to-{key}", ""), present
    if to != "other":
        return _proposal(to)
    try:
        on = date.fromisoformat(sent.get(f"on-{key}", ""))
        at = clock() if by_day else clock.fromisoformat(sent.get(f"at-{key}", ""))
    except ValueError:
        return None
    if not 2000 <= on.year <= 2100 or at.tzinfo is not None:
        return None
    if by_day:
        days = (time.end.astimezone(zone).date() - time.start.astimezone(zone).date()).days
        return Wish("move", unit, Interval(local_day(on, zone).start, local_day(on + timedelta(days=days), zone).start))
    start = datetime.combine(on, at).replace(tzinfo=zone).astimezone(UTC)
    return Wish("move", unit, Interval(start, start + time.length))


def spelled(unit: str, time: Interval) -> str:
    """A proposal as the page names it."""
    return f"{unit}|{time.start.isoformat()}|{time.end.isoformat()}"


def _proposal(value: str) -> Wish | None:
    try:
        unit, start, end = value.split("|")
        return Wish("move", unit, Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)))
    except ValueError:
        return None
