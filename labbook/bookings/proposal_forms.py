"""Forms about another time or unit for what waits: shape and types."""

from __future__ import annotations

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from ..core.lifecycle import Action
from ..web.fields import choices, lazy, text
from .decision_forms import REASON_LENGTH, VersionForm, meaning_field, password_field
from .forms import TimesForm

NOTE_LENGTH = 1000


class OtherwiseForm(TimesForm):
    """For which booking, where and when; with a word for the requester, or with why it may be nevertheless."""

    version = IntegerField(validators=[InputRequired()])
    booking = SelectField(lazy("Booking"), choices=[])
    note = text(lazy("A word with it"), longest=NOTE_LENGTH)
    waiver = text(lazy("Why it may be nevertheless"), longest=REASON_LENGTH)

    def offer(self, bookings: list[tuple[str, str]], units: list[tuple[str, str]]) -> None:
        """The bookings that wait, and the units of the chosen one's resource, by their keys."""
        self.booking.choices, self.unit.choices = choices(bookings), choices(units)


class SignedOtherwiseForm(OtherwiseForm):
    """The same with a signature."""

    meaning, password = meaning_field(Action.PROPOSE), password_field(Action.PROPOSE)


class AnswerForm(VersionForm):
    """Whether a proposal is taken, and why not."""

    reason = text(lazy("Why not"), longest=REASON_LENGTH)


class AssignForm(VersionForm):
    """To whom a request is given."""

    to = SelectField(lazy("Who decides on it"), choices=[], validate_choice=False)
