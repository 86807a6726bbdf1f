"""The form of the search for a time: what is needed, for how long, between which days, at which hours."""

from __future__ import annotations

from datetime import date, timedelta
from datetime import time as clock
from typing import Any

from flask_babel import gettext
from wtforms import DateField, IntegerField, SelectField, TimeField
from wtforms.validators import NumberRange, Optional

from ..core.amount import Amount
from ..core.language import N_
from ..web.fields import ManyField, PageForm, Sensible, choices, lazy

MOST_DAYS, DEFAULT_DAYS = 62, 14
MORE = ("2", "3")  # what else is needed
_UNITS = (("min", N_("minutes")), ("h", N_("hours")), ("d", N_("days")), ("mo", N_("months")))
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MOST = {"min": 10_080, "h": 336, "d": 366, "mo": 12}


def _minute(at: clock) -> int:
    return at.hour * 60 + at.minute


def _length() -> IntegerField:
    return IntegerField(
        lazy("Length"), default=1, validators=[NumberRange(1, message=lazy("Enter more than nothing."))]
    )


def _unit() -> SelectField:
    return SelectField(lazy("Counted in"), choices=choices((code, lazy(word)) for code, word in _UNITS), default="h")


def _after() -> IntegerField:
    return IntegerField(
        lazy("Minutes after the start of the first"),
        default=0,
        validators=[NumberRange(0, 1440, message=lazy("Enter a number of minutes from 0 to 1440."))],
    )


class FindForm(PageForm):
    """A GET form: its fields stand in the address, and what is missing there has its usual value."""

    class Meta(PageForm.Meta):
        """Nothing is changed, so there is nothing to protect."""

        csrf = False

    what = SelectField(lazy("What"), choices=[])
    length, unit = _length(), _unit()
    site = SelectField(lazy("Where"), choices=[], default="")
    first = DateField(lazy("First day"), validators=[Sensible()])
    last = DateField(lazy("Last day"), validators=[Sensible()])
    begins = TimeField(lazy("Not before"), validators=[Optional()])
    ends = TimeField(lazy("Not after"), validators=[Optional()])
    weekday = ManyField(
        lazy("Weekdays"), choices=choices((str(number), lazy(name)) for number, name in enumerate(_WEEKDAYS))
    )
    partner = SelectField(lazy("Book for"), choices=[])
    mode = SelectField(lazy("Kind of work"), choices=[], default="")
    biosafety = SelectField(lazy("Biosafety level of the sample"), choices=[], default="0")
    what2, length2, unit2, after2 = SelectField(lazy("What"), choices=[], default=""), _length(), _unit(), _after()
    what3, length3, unit3, after3 = SelectField(lazy("What"), choices=[], default=""), _length(), _unit(), _after()

    def __init__(self, args: Any, today: date) -> None:
        super(PageForm, self).__init__(args)  # type: ignore[no-untyped-call]  # flask_wtf has no types
        if not self.first.raw_data:
            self.first.data = today
        if not self.last.raw_data and self.first.data:
            self.last.data = self.first.data + timedelta(days=DEFAULT_DAYS - 1)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, then those that have to fit each other."""
        fits = super().validate(extra_validators)
        for name in ("", *MORE):
            self._check_length(name)
        self._check_days()
        self._check_hours()
        return fits and not self.errors

    def amount(self, name: str = "") -> Amount:
        """The length of what is needed first, or besides."""
        return Amount.parse(f"{self[f'length{name}'].data} {self[f'unit{name}'].data}")

    @property
    def weekdays(self) -> frozenset[int]:
        """The chosen weekdays; none chosen means all of them."""
        return frozenset(map(int, self.weekday.data or range(7)))

    @property
    def hours(self) -> tuple[int, int] | None:
        """Minutes of the wall clock; an open end is midnight."""
        begins, ends = self.begins.data, self.ends.data
        if begins is None and ends is None:
            return None
        return _minute(begins) if begins else 0, _minute(ends) if ends else 1440

    def _check_length(self, name: str) -> None:
        unit, count = self[f"unit{name}"].data, self[f"length{name}"].data
        if unit in _MOST and count is not None and count > _MOST[unit]:
            self._complain(f"length{name}", gettext("At most %(most)s.", most=_MOST[unit]))

    def _check_days(self) -> None:
        first, last = self.first.data, self.last.data
        if self.first.errors or self.last.errors or not first or not last:
            return
        if last < first:
            self._complain("last", gettext("The last day must not come before the first."))
        elif (last - first).days >= MOST_DAYS:
            self._complain("last", gettext("At most %(days)s days can be searched at once.", days=MOST_DAYS))

    def _check_hours(self) -> None:
        hours = self.hours
        if hours is None or self.begins.errors or self.ends.errors:
            return
        minutes = hours[1] - hours[0] if hours[0] < hours[1] else hours[1] + 1440 - hours[0]
        if hours[0] == hours[1]:
            self._complain("ends", gettext("Choose another time than the first."))
        elif self.unit.data in ("min", "h") and not self.length.errors:
            needed = (self.length.data or 0) * (60 if self.unit.data == "h" else 1)
            if minutes < needed <= 1440:
                self._complain("ends", gettext("These hours are shorter than what is needed."))

    def _complain(self, name: str, sentence: str) -> None:
        field: Any = self[name]
        field.errors = [*field.errors, sentence]
