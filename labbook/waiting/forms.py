"""The form of the waiting list: what would do, between when, for how long, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from ..core.hours import WallTime, wall_time
from ..core.interval import Interval, local_days
from ..core.language import N_
from ..web.fields import EARLIEST, LATEST, PageForm, Sensible, choices, lazy, line, text

TITLE_LENGTH, PURPOSE_LENGTH = 120, 2000
MOST_DAYS = 62
DAY = 24 * 60
_MINUTES = {"min": 1, "h": 60, "d": DAY}
_UNITS = (("min", N_("minutes")), ("h", N_("hours")), ("d", N_("days")))
_DATE = lazy("Give a date, as in 2026-11-23.")


class WaitForm(PageForm):
    """What somebody would take as soon as it becomes free; times are the site's wall time."""

    what = HiddenField()
    start_on = DateField(lazy("Start date"), validators=[InputRequired(_DATE), Sensible()])
    start_at = TimeField(lazy("Start time"), validators=[Optional()])
    end_on = DateField(lazy("End date"), validators=[InputRequired(_DATE), Sensible()])
    end_at = TimeField(lazy("End time"), validators=[Optional()])
    length = IntegerField(
        lazy("Length"), default=1, validators=[NumberRange(1, 100_000, message=lazy("Enter more than nothing."))]
    )
    counted = SelectField(lazy("Counted in"), choices=choices((code, lazy(word)) for code, word in _UNITS), default="h")
    partner = SelectField(lazy("Book for"), choices=[])
    project = SelectField(lazy("Joint project"), choices=[])
    title = line(
        lazy("Title"), longest=TITLE_LENGTH, missing=lazy("Give it a short title, as in “Fixed cells, plate 3”.")
    )
    purpose = text(lazy("Purpose"), longest=PURPOSE_LENGTH)
    mode = SelectField(lazy("Kind of work"), choices=[])
    biosafety = SelectField(lazy("Biosafety level of the sample"), choices=[], default="0")
    is_mode_asked = False
    takes_it = BooleanField(lazy("Take it for me: book it at once, without asking me first"))

    def offer_work(self, modes: Mapping[str, str], *, is_asked: bool, has_levels: bool) -> None:
        """The kinds of work of what is waited for, one of which is to be chosen where that is one resource."""
        nothing = gettext("Choose one") if is_asked else gettext("Does not matter")
        self.mode.choices = choices([("", nothing if modes else ""), *modes.items()])
        self.biosafety.choices = choices(sample_levels() if has_levels else sample_levels()[:1])
        self.is_mode_asked = is_asked

    def validate_mode(self, field: Any) -> None:
        """Where kinds of work differ, the rules do too."""
        if self.is_mode_asked and not field.data:
            raise ValidationError(gettext("Choose what kind of work it is: the rules differ."))

    @property
    def minutes(self) -> int:
        """How long of the stretch would do."""
        return (self.length.data or 0) * _MINUTES.get(self.counted.data, 0)

    def propose(self, args: Mapping[str, str], now: datetime, zone: ZoneInfo, *, by_day: bool) -> None:
        """Fill in what a link says: a time that is wanted as it is, or a length within some days."""
        start, end = _linked(args, "from", zone), _linked(args, "to", zone)
        if start is None or end is None or end <= start:
            start = (now + timedelta(hours=1)).astimezone(zone).replace(minute=0, second=0, microsecond=0)
            end = start + timedelta(days=7)
            self._show_length(DAY if by_day else 60)
        else:
            days = (end - timedelta(microseconds=1)).date() - start.date()
            real = (end.astimezone(UTC) - start.astimezone(UTC)) // timedelta(minutes=1)
            self._show_length((days.days + 1) * DAY if by_day else real)
        if args.get("minutes", "").isdecimal() and 0 < int(args["minutes"][:6]) <= MOST_DAYS * DAY:
            self._show_length(int(args["minutes"][:6]))
        last = end - timedelta(microseconds=1) if by_day else end
        self.start_on.data, self.end_on.data = start.date(), last.date()
        self.start_at.data, self.end_at.data = _clock(start), _clock(end)

    def stretch(self, zone: ZoneInfo, *, by_day: bool) -> Interval | None:
        """The stretch of time that the fields mean, or None with a sentence beside the field that is wrong.

        Of an hour that the clocks repeat it begins with the first and ends with the second.
        """
        found = self._days(zone) if by_day else self._times(zone)
        if found is None:
            return None
        if found.length > timedelta(days=MOST_DAYS):
            self._complain("end_on", gettext("At most %(days)s days can be waited for at once.", days=MOST_DAYS))
            return None
        hour = timedelta(hours=1) if by_day else timedelta()  # the day on which the clocks go forward is shorter
        if timedelta(minutes=self.minutes) > found.length + hour:
            self._complain("length", gettext("It is longer than the time between these two."))
            return None
        return found

    def complain_of_past(self) -> None:
        """Nothing of the stretch is to come, or what is comes too soon to be offered."""
        self._complain("end_on", gettext("That is over, or too soon to be offered to you. Choose a later time."))

    def refuse_project(self) -> None:
        """The joint project is not one of the partner's."""
        self._complain("project", gettext("This partner takes no part in that project. Choose another, or none."))

    def _show_length(self, minutes: int) -> None:
        unit = next(code for code in ("d", "h", "min") if minutes % _MINUTES[code] == 0)
        self.counted.data, self.length.data = unit, minutes // _MINUTES[unit]

    def _days(self, zone: ZoneInfo) -> Interval | None:
        first, last = self._day("start_on"), self._day("end_on")
        if first is None or last is None:
            return None
        if last < first:
            self._complain("end_on", gettext("The last day must not come before the first."))
            return None
        return local_days(first, last, zone)

    def _times(self, zone: ZoneInfo) -> Interval | None:
        start, end = self._instant("start", 0, zone), self._instant("end", 1, zone)
        if start is None or end is None:
            return None
        if end <= start:
            self._complain("end_at", gettext("The end must come after the start."))
            return None
        return Interval(start, end)

    def _day(self, name: str) -> date | None:
        field: Any = self[name]
        return None if field.errors else field.data

    def _instant(self, name: str, fold: int, zone: ZoneInfo) -> datetime | None:
        on, at = self._day(f"{name}_on"), self[f"{name}_at"].data
        if on is None:
            return None
        if at is None:
            if not self[f"{name}_at"].errors:
                self._complain(f"{name}_at", gettext("Give a time, as in 09:30."))
            return None
        local = datetime.combine(on, at)
        if wall_time(local, zone) is WallTime.SKIPPED:
            self._complain(f"{name}_at", gettext("The clocks go forward then: choose a time that exists."))
            return None
        return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)

    def _complain(self, name: str, sentence: str) -> None:
        field: Any = self[name]
        field.errors = [*field.errors, sentence]


def _clock(local: datetime) -> clock:
    return local.time().replace(second=0, microsecond=0, fold=0)


def _linked(args: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """What a link gives as site wall time; None when it gives none, or none that makes sense."""
    try:
        local = datetime.fromisoformat(args.get(name, ""))
    except ValueError:
        return None
    if local.tzinfo is not None or not EARLIEST < local.date() < LATEST:
        return None
    return local.replace(tzinfo=zone, fold=int(args.get(f"{name}_fold") == "1"))


def sample_levels() -> list[tuple[str, str]]:
    """The biosafety levels that a sample may have, none of them first."""
    return [("0", gettext("No biological material")), *((str(n), f"BSL-{n}") for n in range(1, 5))]
