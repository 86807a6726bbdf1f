"""Forms about trainings: shape and types; a session's wall time at the site becomes an interval here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from ..core.hours import WallTime, wall_time
from ..core.interval import Interval
from ..web import times
from ..web.fields import ManyField, PageForm, Sensible, choices, lazy, text

NOTE_LENGTH, REASON_LENGTH = 500, 500
MOST_PLACES = 200

_DATE = lazy("Give a date, as in 2026-11-23.")
_TIME = lazy("Give a time, as in 09:30.")
_PERSON = InputRequired(lazy("Choose a person."))  # nobody stands there unasked: it would be the first by name
_TRAINING = InputRequired(lazy("Choose a training."))
_PLACES = lazy("Give a number of places from 1 to 200.")


class AskForm(PageForm):
    """Asking to be trained."""

    partner = SelectField(lazy("Ask for"), choices=[])
    note = text(lazy("Note"), longest=NOTE_LENGTH)


_TRAINEE = lazy("As a trainee: not yet on their own")


class SessionForm(PageForm):
    """Naming a session: on a day, from and to, in the site's wall time."""

    training = SelectField(lazy("Training"), choices=[])
    on = DateField(lazy("Date"), validators=[InputRequired(_DATE), Sensible()])
    start_at = TimeField(lazy("From"), validators=[InputRequired(_TIME)])
    start_fold = RadioField(lazy("Which start"), choices=[], validators=[Optional()], validate_choice=False)
    end_at = TimeField(lazy("To"), validators=[InputRequired(_TIME)])
    end_fold = RadioField(lazy("Which end"), choices=[], validators=[Optional()], validate_choice=False)
    places = IntegerField(
        lazy("Places"),
        default=6,
        validators=[InputRequired(_PLACES), NumberRange(min=1, max=MOST_PLACES, message=_PLACES)],
    )
    trainer = SelectField(lazy("Trainer"), choices=[])

    ask_start_fold = False
    ask_end_fold = False

    def time(self, zone: ZoneInfo, now: datetime) -> Interval | None:
        """The time that the fields mean, or None with a sentence beside the field that is wrong."""
        start, end = self._instant("start", zone), self._instant("end", zone)
        if start is None or end is None:
            return None
        if end <= start:
            self._complain("end_at", gettext("The end must come after the start."))
            return None
        if start <= now:
            self._complain("on", gettext("This time is already past."))
            return None
        return Interval(start, end)

    def _instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        on: date | None = None if self.on.errors else self.on.data
        at: clock | None = self[f"{name}_at"].data
        if on is None or at is None:
            return None
        local = datetime.combine(on, at)
        kind = wall_time(local, zone)
        if kind is WallTime.SKIPPED:
            self._complain(f"{name}_at", _skipped(local, zone))
            return None
        if kind is WallTime.PLAIN:
            return local.replace(tzinfo=zone).astimezone(UTC)
        self._ask(name, local, zone)
        fold = self[f"{name}_fold"].data
        if fold not in ("0", "1"):
            self._complain(f"{name}_fold", gettext("Choose the first or the second."))
            return None
        return local.replace(tzinfo=zone, fold=int(fold)).astimezone(UTC)

    def _ask(self, name: str, local: datetime, zone: ZoneInfo) -> None:
        """Offer the two times of a repeated hour."""
        first, second = (times.zone_label(zone, local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
        self[f"{name}_fold"].choices = choices(  # type: ignore[attr-defined]
            [
                ("0", gettext("The first (%(zone)s)", zone=first)),
                ("1", gettext("The second (%(zone)s)", zone=second)),
            ]
        )
        setattr(self, f"ask_{name}_fold", True)

    def _complain(self, name: str, sentence: str) -> None:
        field: Any = self[name]
        field.errors = [*field.errors, sentence]


def _skipped(local: datetime, zone: ZoneInfo) -> str:
    after = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return gettext(
        "The clocks go forward: %(time)s does not exist on that day. Choose %(other)s, for instance.",
        time=times.clock(local),
        other=f"{times.clock(after)} {after.tzname()}",
    )


class OutcomeForm(PageForm):
    """What became of the people of a session."""

    passed = ManyField(lazy("Passed"), choices=[])
    absent = ManyField(lazy("Absent"), choices=[])
    as_trainee = BooleanField(_TRAINEE)

    def offer(self, people: Iterable[str]) -> None:
        """The people whose places are open, by key."""
        offered = choices((key, key) for key in people)
        self.passed.choices = self.absent.choices = offered

    def validate_absent(self, field: Any) -> None:
        """Nobody is both, and somebody is ticked."""
        if set(field.data or ()) & set(self.passed.data or ()):
            raise ValidationError(gettext("Somebody is ticked as passed and as absent. Choose one of the two."))
        if not field.data and not self.passed.data:
            raise ValidationError(gettext("Tick somebody first."))


class CancelForm(PageForm):
    """Cancelling a session; its people read why."""

    reason = text(lazy("Reason"), longest=REASON_LENGTH)


class GrantForm(PageForm):
    """Signing somebody off without a session. Whom and for what is checked against the site's."""

    person = SelectField(lazy("Person"), choices=[], validators=[_PERSON])
    training = SelectField(lazy("Training"), choices=[], validators=[_TRAINING])
    granted_on = DateField(lazy("Granted on"), validators=[InputRequired(_DATE), Sensible()])
    as_trainee = BooleanField(_TRAINEE)


class RevokeForm(PageForm):
    """Taking a proof away: the person reads why."""

    person = SelectField(lazy("Person"), choices=[], validators=[_PERSON])
    training = SelectField(lazy("Training"), choices=[], validators=[_TRAINING])
    reason = text(lazy("Reason"), longest=REASON_LENGTH)

    def validate_reason(self, field: Any) -> None:
        """A reason is required."""
        if not field.data:
            raise ValidationError(gettext("Say why: the person reads it."))


class ImportForm(PageForm):
    """A table of proofs, pasted or confirmed. What it says is judged line by line elsewhere."""

    table = TextAreaField(lazy("Paste the lines here"))


class StepForm(PageForm):
    """A step that takes nothing but its button."""
