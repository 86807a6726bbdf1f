"""Forms about bookings: shape and types; site wall time becomes an interval here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import BooleanField, DateField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from ..core.hours import WallTime, wall_time
from ..core.interval import Interval, local_days
from ..core.place import Place
from ..core.terms import Terms
from ..web import times
from ..web.fields import PageForm, Sensible, choices, lazy, line, text
from ..web.sentences import sample_levels
from .half_days import ClockField, are_booked, half
from .linked_times import linked_end, linked_time, proposed, usual_end
from .more_forms import MoreForm

__all__ = [
    "BookForm",
    "FormResource",
    "MoveForm",
    "TimesForm",
    "linked_end",
    "linked_time",
    "proposed",
    "sample_levels",
    "usual_end",
]

TITLE_LENGTH, PURPOSE_LENGTH = 120, 2000

_DATE = lazy("Give a date, as in 2026-11-23.")
_TIME = lazy("Give a time, as in 09:30.")


class TimesForm(PageForm):
    """From and to, in the site's wall time."""

    start_on = DateField(lazy("Start date"), validators=[InputRequired(_DATE), Sensible()])
    start_at = ClockField(lazy("Start time"), validators=[Optional()])
    start_fold = RadioField(lazy("Which start"), choices=[], validators=[Optional()], validate_choice=False)
    end_on = DateField(lazy("End date"), validators=[InputRequired(_DATE), Sensible()])
    end_at = ClockField(lazy("End time"), validators=[Optional()])
    end_fold = RadioField(lazy("Which end"), choices=[], validators=[Optional()], validate_choice=False)
    unit = SelectField(lazy("Unit"), choices=[])

    ask_start_fold = False
    ask_end_fold = False
    by_half = False  # mornings and afternoons are chosen, not times

    def count_half_days(self, terms: Terms) -> None:
        """Ask for mornings and afternoons where those are booked."""
        self.by_half = are_booked(terms)
        self.start_at.is_half_day = self.end_at.is_half_day = self.by_half

    def wanted(self, zone: ZoneInfo, *, by_day: bool) -> Interval | None:
        """The interval that the fields mean, or None with a sentence beside the field that is wrong."""
        if by_day or self.by_half:
            return self._days(zone)
        start = self._instant("start", zone)
        end = self._instant("end", zone)
        if start is None or end is None:
            return None
        if end <= start:
            self._complain("end_at", gettext("The end must come after the start."))
            return None
        return Interval(start, end)

    def offer_units(self, units: list[tuple[str, str]], chosen: str | None) -> None:
        """Any unit or a certain one; a resource of one unit offers no choice."""
        if len(units) > 1:
            units = [("", gettext("Any that is free")), *units]
        self.unit.choices = choices(units)
        known = {key for key, _ in units}
        if self.unit.data is None or self.unit.data == "None":
            self.unit.data = chosen if chosen in known else units[0][0]

    def propose(self, wanted: Interval, zone: ZoneInfo, *, by_day: bool) -> None:
        """Fill the fields with a time."""
        first, last = wanted.start.astimezone(zone), wanted.end.astimezone(zone)
        if by_day or self.by_half:
            last -= timedelta(microseconds=1)
        self.start_on.data, self.end_on.data = first.date(), last.date()
        self.start_at.data, self.end_at.data = _clock(first), _clock(last)
        if self.by_half:
            return
        self.start_fold.data, self.end_fold.data = str(first.fold), str(last.fold)
        for name, local in (("start", first), ("end", last)):
            if wall_time(local.replace(tzinfo=None, fold=0), zone) is WallTime.REPEATED:
                self._ask(name, local.replace(tzinfo=None, fold=0), zone)

    def _days(self, zone: ZoneInfo) -> Interval | None:
        first, last = self._day("start"), self._day("end")
        if first is None or last is None:
            return None
        if last < first:
            self._complain("end_on", gettext("The last day must not come before the first."))
            return None
        return self._halves(first, last, zone) if self.by_half else local_days(first, last, zone)

    def _halves(self, first: date, last: date, zone: ZoneInfo) -> Interval | None:
        """From the one half day through the other, both included."""
        start = half(first, is_afternoon=self.start_at.is_afternoon, zone=zone).start
        end = half(last, is_afternoon=self.end_at.is_afternoon, zone=zone).end
        if end <= start:
            self._complain("end_at", gettext("The last half day must not come before the first."))
            return None
        return Interval(start, end)

    def _day(self, name: str) -> date | None:
        """The date in a field, or None when there is none or it was found wrong: no clock reaches the year 1."""
        field: Any = self[f"{name}_on"]
        return None if field.errors else field.data

    def _instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        on = self._day(name)
        at: clock | None = self[f"{name}_at"].data
        if on is None:
            return None
        if at is None:
            if not self[f"{name}_at"].errors:
                self._complain(f"{name}_at", str(_TIME))
            return None
        local = datetime.combine(on, at)
        kind = wall_time(local, zone)
        if kind is WallTime.SKIPPED:
            self._complain(f"{name}_at", _skipped(local, zone))
            return None
        fold = 0
        if kind is WallTime.REPEATED:
            self._ask(name, local, zone)
            if self[f"{name}_fold"].data not in ("0", "1"):
                self._complain(f"{name}_fold", gettext("Choose the first or the second."))
                return None
            fold = int(self[f"{name}_fold"].data)
        return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)

    def _ask(self, name: str, local: datetime, zone: ZoneInfo) -> None:
        """Offer the two times of a repeated hour."""
        labels = [times.zone_label(zone, local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
        self[f"{name}_fold"].choices = choices(  # type: ignore[attr-defined]
            [
                ("0", gettext("The first (%(zone)s)", zone=labels[0])),
                ("1", gettext("The second (%(zone)s)", zone=labels[1])),
            ]
        )
        setattr(self, f"ask_{name}_fold", True)

    def _complain(self, name: str, sentence: str) -> None:
        field: Any = self[name]
        field.errors = [*field.errors, sentence]

    @property
    def time_errors(self) -> list[str]:
        """What is wrong with the times, start first."""
        names = ("start_on", "start_at", "start_fold", "end_on", "end_at", "end_fold")
        return [str(error) for name in names for error in self[name].errors]


class BookForm(MoreForm, TimesForm):
    """A request for one booking, or for more."""

    partner = SelectField(lazy("Book for"), choices=[])
    for_person = SelectField(lazy("For whom"), choices=[], default="")
    project = SelectField(lazy("Joint project"), choices=[])
    title = line(
        lazy("Title"), longest=TITLE_LENGTH, missing=lazy("Give it a short title, as in “Fixed cells, plate 3”.")
    )
    purpose = text(lazy("Purpose"), longest=PURPOSE_LENGTH)
    mode = SelectField(lazy("Kind of work"), choices=[])
    biosafety = SelectField(lazy("Biosafety level of the sample"), choices=[], default="0")
    idempotency_key = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{8,80}\Z")])
    as_request = BooleanField()  # by the button that is offered where staff may allow what the rules refuse

    def offer_partners(self, partners: Iterable[tuple[str, str]], chosen: str = "") -> None:
        """The partners to book for, one of them chosen by a link."""
        several = list(partners)
        self.partner.choices = choices(several)
        self.partner.data = self.partner.data or (chosen if chosen in dict(several) else None)

    def offer_people(self, people: list[tuple[str, str]], *, oneself: bool) -> None:
        """Whom one may book for, by the keys of partner and person; `oneself`: not only others."""
        first = gettext("Myself") if oneself else gettext("Choose")
        self.for_person.choices = choices([("", first), *people])
        if not oneself:
            self.for_person.validators = [InputRequired(gettext("Choose whom it is for."))]

    def offer_work(
        self, modes: Iterable[tuple[str, str]], level: int | None, chosen: str = "", sample: str = ""
    ) -> None:
        """The kinds of work to choose from, and levels of samples where levels matter; one each chosen by a link."""
        several = list(modes)
        self.mode.choices = choices([("", gettext("Choose one")), *several] if several else [("", "")])
        levels = sample_levels() if level is not None else sample_levels()[:1]
        self.biosafety.choices = choices(levels)
        known, of_sample = chosen if chosen in dict(several) else "", sample if sample in dict(levels) else "0"
        is_sent = bool(self.biosafety.raw_data)  # else it has its default
        self.mode.data = self.mode.data or known
        self.biosafety.data = self.biosafety.data if is_sent else of_sample

    def validate_mode(self, field: Any) -> None:
        """Where kinds of work differ, the rules do too."""
        if not field.data and len(field.choices) > 1:
            raise ValidationError(gettext("Choose what kind of work it is: the rules differ."))

    def validate_purpose(self, field: Any) -> None:
        """Staff decide on an exception by its reason."""
        if self.as_request.data and not field.data:
            raise ValidationError(gettext("Say why it has to be like this: staff decide by your reason."))

    def renew_key(self) -> None:
        """A key of its own for what is sent next."""
        self.idempotency_key.data = secrets.token_urlsafe(18)

    def refuse_project(self) -> None:
        """The joint project is not one of the partner's."""
        self._complain("project", gettext("This partner takes no part in that project. Choose another, or none."))


class MoveForm(TimesForm):
    """Another time or unit for a booking."""

    version = IntegerField(validators=[InputRequired()])
    seen = HiddenField(validators=[Length(max=200)])  # what the page said would follow


def _skipped(local: datetime, zone: ZoneInfo) -> str:
    after = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return gettext(
        "The clocks go forward: %(time)s does not exist on that day. Choose %(other)s, for instance.",
        time=times.clock(local),
        other=f"{times.clock(after)} {after.tzname()}",
    )


def _clock(local: datetime) -> clock:
    return local.time().replace(second=0, microsecond=0, fold=0)


@dataclass(frozen=True, slots=True)
class FormResource:
    """What a form's head says of its resource."""

    name: str
    slug: str
    icon: str
    by_day: bool
    zone_label: str
    site_name: str
    step_minutes: int

    @classmethod
    def of(cls, terms: Terms, place: Place, language: str, now: datetime) -> FormResource:
        """The resource at a place, in the reader's language."""
        step = 60 if terms.slot.is_by_calendar else terms.slot.count
        return cls(
            place.resource.text(language),
            place.slug,
            place.icon,
            terms.by_day,
            times.zone_label(place.zoneinfo, now),
            place.site.text(language),
            step,
        )
