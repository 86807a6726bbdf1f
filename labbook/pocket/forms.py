"""The form of whoever stands before an instrument: for how long, and little else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from ..core.interval import Interval
from ..web.fields import EARLIEST, LATEST, PageForm, choices, lazy, line

TITLE_LENGTH = 120
_SPELLED = "%Y-%m-%dT%H:%MZ"


def spelled(at: datetime) -> str:
    """An instant as the form sends it back, in UTC: a person chooses a length, and never types it."""
    return at.astimezone(UTC).strftime(_SPELLED)


def _read(text: str | None) -> datetime | None:
    """The instant that was sent; None where it is none, or none that a lab means."""
    try:
        at = datetime.strptime(text or "", _SPELLED).replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if EARLIEST < at.date() < LATEST else None


class WalkUpForm(PageForm):
    """Now, or from the next free time on: for how long, for what and for whom."""

    start = HiddenField()
    end = RadioField(lazy("For how long"), choices=[], validators=[Optional()], validate_choice=False)
    unit = HiddenField()
    title = line(
        lazy("Title"), longest=TITLE_LENGTH, missing=lazy("Give it a short title, as in “Fixed cells, plate 3”.")
    )
    mode = RadioField(lazy("Kind of work"), choices=[], validators=[Optional()], validate_choice=False)
    biosafety = SelectField(lazy("Biosafety level of the sample"), choices=[], default="0")
    partner = SelectField(lazy("Book for"), choices=[])
    idempotency_key = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{8,80}\Z")])

    def offer(
        self, partners: Iterable[tuple[str, str]], modes: Iterable[tuple[str, str]], levels: Iterable[tuple[str, str]]
    ) -> None:
        """The partners to book for, the kinds of work and the levels of samples to choose from."""
        self.partner.choices = choices(partners)
        self.mode.choices = choices(modes)
        self.biosafety.choices = choices(levels)

    def fill(self, title: str, mode: str, biosafety: str, partner: str) -> None:
        """What one is likely to mean; what is not on offer is left out."""
        self.title.data = title
        self.mode.data = mode if mode in _values(self.mode) else None
        self.biosafety.data = biosafety if biosafety in _values(self.biosafety) else "0"
        known = _values(self.partner)
        self.partner.data = partner if partner in known else next(iter(known), None)

    def renew_key(self) -> None:
        """A key of its own for what is sent next."""
        self.idempotency_key.data = secrets.token_urlsafe(18)

    def validate_end(self, field: Any) -> None:
        """A length has to be chosen."""
        if _read(self.start.data) is None or _read(field.data) is None:
            raise ValidationError(gettext("Choose for how long."))

    def validate_mode(self, field: Any) -> None:
        """Where kinds of work differ, the rules do too."""
        known = _values(field)
        if known and field.data not in known:
            raise ValidationError(gettext("Choose what kind of work it is: the rules differ."))

    def wanted(self, running: datetime, step: timedelta) -> Interval | None:
        """The time that is meant: what was to begin in a slot that has run out meanwhile begins in the `running` one.

        None, and a sentence beside the field, where nothing of it is left.
        """
        start, end = _read(self.start.data), _read(self.end.data)
        if start is None or end is None:
            return None
        if start < running and running - start <= max(step, timedelta(minutes=30)):
            start = running
        if end <= start:
            self.end.errors = [gettext("That time is over by now. Choose again.")]
            return None
        return Interval(start, end)


def _values(field: Any) -> list[str]:
    return [one.value for one in field.choices or ()]
