"""Forms about messages: shape and types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import Length

from ..core.language import tidied
from ..web.fields import EARLIEST, LATEST, NoControls, PageForm, lazy, required

TEXT_LENGTH = 1000


def _text(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[lambda value: tidied(value) if value else value],
        validators=[
            required(lazy("Write a few words.")),
            Length(max=TEXT_LENGTH, message=lazy("At most %(max)d characters, please. Shorten it.")),
            NoControls(multiline=True),
        ],
    )


class NewMessageForm(PageForm):
    """A question to whoever holds a unit at a moment of a busy block."""

    unit = HiddenField()
    at = SelectField(lazy("Time you ask about"), choices=[])
    partner = SelectField(lazy("For"), choices=[])
    text = _text(lazy("Message"))


class AnswerForm(PageForm):
    """A message in a thread."""

    text = _text(lazy("Answer"))


def instant(said: str) -> datetime | None:
    """The instant that a choice stands for, as in 2026-11-24T01:00:00+00:00; None for anything else."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None and _is_sensible(at.date()) else None


def wall_instant(said: str, fold: str, zone: ZoneInfo) -> datetime | None:
    """The instant that a link means by the site's clock, as in 2026-11-24T10:00; None for anything else."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    if at.tzinfo is not None or not _is_sensible(at.date()):
        return None
    return at.replace(tzinfo=zone, fold=1 if fold == "1" else 0).astimezone(UTC)


def _is_sensible(on: date) -> bool:
    return EARLIEST < on < LATEST
