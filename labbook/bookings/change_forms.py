"""Forms about a booking that changes hands."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.validators import InputRequired

from ..web.fields import choices, lazy, text
from .decision_forms import REASON_LENGTH, VersionForm


class HandOverForm(VersionForm):
    """To whom, and why."""

    to = SelectField(lazy("Colleague"), choices=[], validators=[InputRequired(lazy("Choose a colleague."))])
    reason = text(lazy("Reason"), longest=REASON_LENGTH)

    def offer(self, people: list[tuple[str, str]]) -> None:
        """The colleagues to choose from, by their keys."""
        self.to.choices = choices([("", lazy("Choose")), *people])
