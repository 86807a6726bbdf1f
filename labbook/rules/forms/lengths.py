"""Fields for lengths as people type them, and for whole numbers of which none may be left out."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, cast

from flask_babel import gettext
from wtforms import StringField, ValidationError
from wtforms.widgets import TextInput

from ...web import times

MOST_MINUTES = 366 * 24 * 60
MOST = 10_000_000
_LENGTH = re.compile(
    r"(?:(?P<hours>\d{1,4}(?:\.\d{1,2})?)(?:h|hrs?|hours?|時間))?(?:(?P<minutes>\d{1,6})(?:m|mins?|minutes?|分))?",
    re.IGNORECASE,
)


def minutes_in(typed: str) -> int:
    """Minutes of a typed length, as in 12 h, 90 min, 1 h 30 min, 1時間30分. Raises ValueError for anything else."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed))
    if text in ("", "0"):
        return 0
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError("not a length")
    minutes = float(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    if minutes != int(minutes) or minutes > MOST_MINUTES:
        raise ValueError("not a length that a lab means")
    return int(minutes)


class MinutesField(StringField):
    """A length; nothing typed is none."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return times.minutes_label(cast(int, self.data)) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raise ValueError, with what to type instead."""
        try:
            self.data = minutes_in(valuelist[0]) if valuelist else 0  # type: ignore[assignment]  # the stubs know text alone
        except ValueError:
            self.data = None
            raise ValueError(gettext("Write a length, as in 12 h, 90 min or 1 h 30 min.")) from None


class NumberField(StringField):
    """A whole number from nothing on; nothing typed is 0."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raise ValueError, with what to type instead."""
        typed = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        if typed and not re.fullmatch(r"[0-9]{1,9}", typed):
            self.data = None
            raise ValueError(gettext("Give a whole number."))
        self.data = int(typed or 0)  # type: ignore[assignment]  # the stubs know text alone

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for what no lab means."""
        if isinstance(self.data, int) and self.data > MOST:
            raise ValidationError(gettext("Give a smaller number."))
