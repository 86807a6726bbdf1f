"""Forms about series that were asked for: shape and types."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, IntegerField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from ..web.fields import choices, lazy
from .decision_forms import ReasonForm, VersionForm
from .forms import TimesForm

NAME_LENGTH = 16  # of a date, as in 2026-11-23T09:00


class ShiftForm(TimesForm):
    """Where one date of a series is to go; those after it go along."""

    since = HiddenField(validators=[Length(max=NAME_LENGTH)])
    version = IntegerField(validators=[InputRequired()])
    seen = HiddenField(validators=[Length(max=64)])  # what the page has shown

    def offer(self, units: Iterable[tuple[str, str]]) -> None:
        """The units to choose from, the one that each date has first."""
        self.unit.choices = choices([("", lazy("As each date has it")), *units])
        if self.unit.data in (None, "None"):
            self.unit.data = ""


class EndDatesForm(ReasonForm):
    """Dates of a series that are to end."""

    since = HiddenField(validators=[Length(max=NAME_LENGTH)])
    seen = HiddenField(validators=[Length(max=64)])
    dates = SelectMultipleField(choices=[], validate_choice=False)


class RetryForm(VersionForm):
    """Skipped dates of a series that are to be tried again."""

    dates = SelectMultipleField(choices=[], validate_choice=False)
