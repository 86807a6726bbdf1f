"""A field for weekly hours: a few rows of weekdays with from and to, inside or outside of them, and their name.

In a sent form they are `<field>-0-days` (weekdays, Monday is 0), `<field>-0-start`, `<field>-0-end`, `<field>-1-days`
and so on, `<field>-is_outside`, `<field>-on_holidays`, `<field>-name_en` and `<field>-name_ja`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from wtforms import Field, ValidationError

from ...core.hours import MINUTES_A_DAY
from ...core.language import Words, has_control_characters, tidied
from ...core.weekly import ALWAYS, Stretch, When

ROWS = 3
_MOST_ROWS = 12
_NAME_LENGTH = 40
_CLOCK = re.compile(r"([0-9]{1,2})[:時]?([0-9]{2})?分?")


@dataclass
class HoursRow:
    """One row as it is typed."""

    days: set[str] = field(default_factory=set)
    start: str = ""
    end: str = ""

    def __bool__(self) -> bool:
        return bool(self.days or self.start or self.end)


class WhenField(Field):
    """Weekly hours; without a row it is always."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.rows: list[HoursRow] = []
        self.is_outside = self.on_holidays = False
        self.name_en = self.name_ja = ""
        self._data = ALWAYS

    @property
    def data(self) -> When:
        """The hours."""
        return self._data

    @data.setter
    def data(self, value: When | None) -> None:
        self._data = value or ALWAYS
        self.rows = [
            HoursRow({str(day) for day in one.days}, _clock(one.start), _clock(one.end or MINUTES_A_DAY))
            for one in self._data.stretches
        ]
        self.rows += [HoursRow() for _ in range(ROWS - len(self.rows))]
        self.is_outside, self.on_holidays = self._data.is_outside, self._data.on_holidays
        self.name_en, self.name_ja = self._data.name.en, self._data.name.ja

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take what was sent, or show `data`."""
        self.process_errors: list[str] = []
        self.data = data if isinstance(data, When) else ALWAYS
        if not formdata:
            return
        rows = [
            HoursRow(
                set(formdata.getlist(f"{self.name}-{number}-days")),
                formdata.get(f"{self.name}-{number}-start", "").strip(),
                formdata.get(f"{self.name}-{number}-end", "").strip(),
            )
            for number in range(_MOST_ROWS)
        ]
        filled = max((number + 1 for number, row in enumerate(rows) if row), default=0)
        self.rows = rows[: max(filled, ROWS)]
        self.is_outside = f"{self.name}-is_outside" in formdata
        self.on_holidays = f"{self.name}-on_holidays" in formdata
        self.name_en, self.name_ja = (tidied(formdata.get(f"{self.name}-name_{tag}", "")) for tag in ("en", "ja"))

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for hours that cannot be read, or that are none."""
        stretches = tuple(_stretch(row) for row in self.rows if row)
        name = Words(self.name_en, self.name_ja)
        if any(len(one) > _NAME_LENGTH or has_control_characters(one) for one in (name.en, name.ja)):
            raise ValidationError(gettext("Give the hours a shorter name, of one line."))
        if not stretches and (self.is_outside or name):
            raise ValidationError(gettext("Say in which hours: choose weekdays, and from when to when."))
        self._data = When(stretches, self.is_outside, self.on_holidays, name) if stretches else ALWAYS


def _stretch(row: HoursRow) -> Stretch:
    if not row.days:
        raise ValidationError(gettext("Choose the weekdays of these hours."))
    if not row.days <= set("0123456"):
        raise ValidationError(gettext("Choose one from the list."))
    start, end = _minute(row.start), _minute(row.end)
    if start is None or end is None or start == MINUTES_A_DAY:
        raise ValidationError(gettext("Give both times, as in 09:00 and 19:00; the end of a day is 24:00."))
    if start == end:
        raise ValidationError(gettext("These hours are empty. For a whole day write 00:00 and 24:00."))
    return Stretch(frozenset(map(int, row.days)), start, end)


def _minute(typed: str) -> int | None:
    """The minute of the day of a typed time; None for what is none."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", typed).replace(" ", ""))
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    minute = hours * 60 + minutes
    return minute if minutes < 60 and minute <= MINUTES_A_DAY else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
