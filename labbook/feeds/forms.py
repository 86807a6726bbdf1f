"""Forms about feeds: shape and types."""

from __future__ import annotations

from wtforms import BooleanField, SelectField

from ..core.feeds import ALARM_MINUTES, HISTORY_DAYS, USUAL, Detail, Takes
from ..web.fields import PageForm, choices, languages, lazy, line

NAME_LENGTH = 60
NO_ALARM = ""


class FeedForm(PageForm):
    """A feed to be made. What it may be about, and the words for numbers, are filled in by the page."""

    name = line(lazy("Name"), longest=NAME_LENGTH)
    about = SelectField(lazy("About"), choices=[])
    detail = SelectField(
        lazy("Detail"),
        default=Detail.FULL,
        choices=choices([("full", lazy("Everything I may see")), ("busy", lazy("Busy times only"))]),
    )
    language = SelectField(lazy("Language"), choices=languages())
    waiting = BooleanField(lazy("Requests that wait for a decision"))
    cancelled = BooleanField(lazy("What was cancelled or declined, marked so, for 30 days"))
    closures = BooleanField(lazy("Closures, where it is about resources"))
    expands = BooleanField(lazy("Each date of a series by itself, for calendars that show series wrongly"))
    buffers = BooleanField(lazy("Set-up and clean-up as entries of their own"))
    history_days = SelectField(
        lazy("How far back"),
        default=str(USUAL.history_days),
        choices=choices((str(one), "") for one in HISTORY_DAYS),
    )
    alarm_minutes = SelectField(
        lazy("Alarm"),
        default=NO_ALARM,
        choices=choices([(NO_ALARM, ""), *((str(one), "") for one in ALARM_MINUTES)]),
    )

    def show(self, about: str, language: str) -> None:
        """Fill in what is usual."""
        self.about.data, self.language.data = about, language
        for name in _TICKED:
            self[name].data = getattr(USUAL, name)

    @property
    def takes(self) -> Takes:
        """What is to be taken in, once the form has been validated."""
        ticked = {name: bool(self[name].data) for name in _TICKED}
        minutes = self.alarm_minutes.data
        return Takes(
            **ticked, history_days=int(self.history_days.data), alarm_minutes=int(minutes) if minutes else None
        )

    @property
    def has_unusual_error(self) -> bool:
        """Something is wrong among the lesser choices, which are folded away otherwise."""
        return any(self[name].errors for name in (*_TICKED, "history_days", "alarm_minutes"))


_TICKED = ("waiting", "cancelled", "closures", "expands", "buffers")
