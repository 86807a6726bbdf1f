"""The form of a renewal: until when, and what for."""

from __future__ import annotations

import secrets

from flask_babel import gettext
from wtforms import HiddenField
from wtforms.validators import InputRequired, Regexp

from ..web.fields import lazy, line, text
from .forms import PURPOSE_LENGTH, TITLE_LENGTH, TimesForm


class RenewForm(TimesForm):
    """A request for what follows a booking; when that begins, and on which unit, no field can say."""

    title = line(
        lazy("Title"), longest=TITLE_LENGTH, missing=lazy("Give it a short title, as in “Fixed cells, plate 3”.")
    )
    purpose = text(lazy("Purpose"), longest=PURPOSE_LENGTH)
    idempotency_key = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{8,80}\Z")])

    def renew_key(self) -> None:
        """A key of its own for what is sent next."""
        self.idempotency_key.data = secrets.token_urlsafe(18)

    def complain_of_end(self) -> None:
        """It would end before it begins."""
        self._complain("end_on", gettext("The last day must not come before the first."))
