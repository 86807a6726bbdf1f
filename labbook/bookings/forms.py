"""Forms about bookings: shape and types; site wall time becomes an interval here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import BooleanField, DateField, HiddenField, IntegerField, RadioField, SelectField, TimeField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from ..core.hours import WallTime, wall_time
from ..core.interval import Interval, local_day, local_days
from ..core.place import Place
from ..core.terms import Terms
from ..web import times
from ..web.fields import EARLIEST, LATEST, PageForm, Sensible, choices, lazy, line, text
from .more_forms import MoreForm

TITLE_LENGTH, PURPOSE_LENGTH = 120, 2000
HIGHEST_LEVEL = 4  # of biosafety

_DATE = lazy("Give a date, as in 2026-11-23.")
_TITLE = lazy("Give it a short title, as in “Fixed cells, plate 3”.")
_TIME = lazy("Give a time, as in 09:30.")


def sample_levels() -> list[tuple[str, str]]:
    """The biosafety levels that a sample may have, none of them first."""
    return [("0", gettext("No biological material")), *((str(n), f"BSL-{n}") for n in range(1, HIGHEST_LEVEL + 1))]


class TimesForm(PageForm):
    """From and to, in the site's wall time."""

    start_on = DateField(lazy("Start date"), validators=[InputRequired(_DATE), Sensible()])
    start_at = TimeField(lazy("Start time"), validators=[Optional()])
    start_fold = RadioField(lazy("Which start"), choices=[], validators=[Optional()], validate_choice=False)
    end_on = DateField(lazy("End date"), validators=[InputRequired(_DATE), Sensible()])
    end_at = TimeField(lazy("End time"), validators=[Optional()])
    end_fold = RadioField(lazy("Which end"), choices=[], validators=[Optional()], validate_choice=False)
    unit = SelectField(lazy("Unit"), choices=[])

    ask_start_fold = False
    ask_end_fold = False

    def wanted(self, zone: ZoneInfo, *, by_day: bool) -> Interval | None:
        """The interval that the fields mean, or None with a sentence beside the field that is wrong."""
        if by_day:
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
        if by_day:
            last -= timedelta(microseconds=1)
        self.start_on.data, self.end_on.data = first.date(), last.date()
        self.start_at.data, self.end_at.data = _clock(first), _clock(last)
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
        return local_days(first, last, zone)

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


def proposed(args: Mapping[str, str], terms: Terms, zone: ZoneInfo, now: datetime) -> Interval:
    """The time that a link names, cut to a usual length unless it says `exact`; else the next full hour."""
    start = _linked(args, "from", zone)
    if start is None:
        start = (now + timedelta(hours=1)).astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    if terms.by_day:
        start = local_day(start.astimezone(zone).date(), zone).start
    start = max(start, _slot_of(now, terms, zone))
    end, usual = _linked(args, "to", zone), usual_end(terms, start, zone)
    is_exact = args.get("exact") == "1"
    if end is None or end <= start or (not is_exact and end > usual):
        end = usual
    return Interval(start, end)


def usual_end(terms: Terms, start: datetime, zone: ZoneInfo) -> datetime:
    """The end that a form proposes: the shortest booking, but an hour where that is shorter and allowed."""
    end = terms.shortest.after(start, zone)
    hour = start + timedelta(hours=1)
    is_longer = end < hour <= terms.longest.after(start, zone)
    return hour if is_longer and not terms.shortest.is_by_calendar else end


def _slot_of(now: datetime, terms: Terms, zone: ZoneInfo) -> datetime:
    """The start of the slot that is running now; nothing earlier can be booked."""
    if terms.slot.is_by_calendar:
        return local_day(now.astimezone(zone).date(), zone).start
    step = max(terms.slot.count, 1)
    local = now.astimezone(zone)
    return now - timedelta(
        minutes=(local.hour * 60 + local.minute) % step, seconds=local.second, microseconds=local.microsecond
    )


def _linked(args: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """An instant that a link gives as site wall time; None when it gives none, or none that makes sense."""
    try:
        local = datetime.fromisoformat(args.get(name, ""))
    except ValueError:
        return None
    if local.tzinfo is not None or not EARLIEST < local.date() < LATEST:
        return None
    return local.replace(tzinfo=zone, fold=int(args.get(f"{name}_fold") == "1")).astimezone(UTC)


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
