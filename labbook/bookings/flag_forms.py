"""The form that settles flags: shape and types."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from wtforms import RadioField, SelectMultipleField, ValidationError

from ..core.flags import Choice
from ..web.fields import PageForm, choices, lazy, text

REASON_LENGTH = 1000
_KEY = re.compile("[0-9a-f]{24}")
_CHOICES = choices((str(one), str(one)) for one in (Choice.KEPT, Choice.CANCELLED))


class SettleForm(PageForm):
    """Which flags, and what becomes of them; whoever cancels says why."""

    flags = SelectMultipleField(lazy("Flagged bookings"), choices=[], validate_choice=False)
    choice = RadioField(lazy("What becomes of them"), choices=_CHOICES)
    reason = text(lazy("Reason"), longest=REASON_LENGTH)  # several lines: Enter must not send the first button

    def validate_flags(self, field: Any) -> None:
        """Raise ValidationError when nothing is chosen, or when something else than a flag is named."""
        if not field.data or not all(_KEY.fullmatch(one) for one in field.data):
            raise ValidationError(gettext("Tick at least one booking."))

    def validate_reason(self, field: Any) -> None:
        """Raise ValidationError when a booking is to be cancelled without a word."""
        if self.choice.data == Choice.CANCELLED and not field.data:
            raise ValidationError(gettext("Say why: the person whose booking it is reads it."))
