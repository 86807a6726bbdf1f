"""What the booking form asks for besides one unit at one time: more units, options, other resources, other dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from flask_babel import gettext
from wtforms import DateField, IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional

from ..core.interval import Interval
from ..core.language import N_
from ..core.recurrence import Every, Repeat, Wrong
from ..web import sentences
from ..web.fields import ManyField, PageForm, Sensible, choices, lazy

MOST_UNITS = 24
ROWS = ("1", "2", "3")  # of other resources
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_EVERY = (
    ("", N_("Only once")),
    (Every.DAY, N_("By days")),
    (Every.WEEK, N_("By weeks")),
    (Every.DATE, N_("By months, on the same day")),
    (Every.WEEKDAY, N_("By months, on the same weekday")),
)
SKIP, MOVE = "skip", "move"
_PLACES = {"end": "end_at", "weekdays": "weekday", "day": "every", "nth": "every", "ends": "until"}
_UNFIT = {
    "units": ("units", N_("It has fewer units than that. Choose fewer.")),
    "clash": ("what1", N_("Two parts of this request want the same unit at the same time. Change one of them.")),
    "sites": ("what1", N_("All parts of a request are at one site. Send another request for the other site.")),
    "too-many": ("what1", N_("That is more than can be asked for in one request. Send another one for the rest.")),
}


def _other() -> SelectField:
    return SelectField(lazy("And with it"), choices=[], default="", validate_choice=True)


def _after() -> IntegerField:
    within = NumberRange(-1440, 1440, message=lazy("Enter a number of minutes from -1440 to 1440."))
    return IntegerField(lazy("Begins so many minutes later"), default=0, validators=[Optional(), within])


def _minutes() -> IntegerField:
    within = NumberRange(1, 10_080, message=lazy("Enter a number of minutes from 1 to 10080, or nothing."))
    return IntegerField(lazy("Lasts so many minutes"), validators=[Optional(), within])


class Other(NamedTuple):
    """Another resource with its time."""

    slug: str
    time: Interval


class MoreForm(PageForm):
    """Fields that a plain booking leaves alone."""

    units = IntegerField(
        lazy("How many"),
        default=1,
        validators=[Optional(), NumberRange(1, MOST_UNITS, message=lazy("Enter a number from 1 to 24."))],
    )
    option = ManyField(lazy("Take with it"), choices=[])
    what1, after1, minutes1 = _other(), _after(), _minutes()
    what2, after2, minutes2 = _other(), _after(), _minutes()
    what3, after3, minutes3 = _other(), _after(), _minutes()
    every = SelectField(lazy("Repeat"), choices=choices((str(code), lazy(word)) for code, word in _EVERY), default="")
    step = IntegerField(lazy("Every how many"), default=1, validators=[Optional()])
    weekday = ManyField(
        lazy("On these weekdays"), choices=choices((str(number), lazy(word)) for number, word in enumerate(_WEEKDAYS))
    )
    until = DateField(lazy("Until this day"), validators=[Optional(), Sensible()])
    count = IntegerField(lazy("Or so many times"), validators=[Optional()])
    clash = RadioField(
        lazy("Dates that are not possible"),
        choices=choices(
            [(SKIP, lazy("Leave them out, with the reason")), (MOVE, lazy("Take the nearest time that is free"))]
        ),
        default=SKIP,
    )

    def offer_more(self, options: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]]) -> None:
        """What the resource offers with it, and what else can be booked at the site."""
        self.option.choices = choices(options)
        for row in ROWS:
            self[f"what{row}"].choices = choices([("", gettext("Nothing else")), *others])  # type: ignore[attr-defined]

    def others(self, first: Interval) -> list[Other]:
        """The other resources with their times, beside the first one's."""
        found = []
        for row in self._others():
            start = first.start + timedelta(minutes=self[f"after{row}"].data or 0)
            minutes = self[f"minutes{row}"].data
            end = start + (timedelta(minutes=minutes) if minutes else first.length)
            found.append(Other(self[f"what{row}"].data, Interval(start, end)))
        return found

    def _others(self) -> list[str]:
        return [row for row in ROWS if self[f"what{row}"].data]

    @property
    def repeat(self) -> Repeat | None:
        """The repeat rule, whatever was typed: `Repeat.wrong` says what is not right with it."""
        if not self.every.data:
            return None
        every = Every(self.every.data)
        days = tuple(int(one) for one in self.weekday.data or ()) if every is Every.WEEK else ()
        step = 1 if self.step.data is None else self.step.data
        return Repeat(every, step, days, until=self.until.data, count=self.count.data)

    def refuse_repeat(self, wrong: Wrong | None, language: str) -> None:
        """Say what is not right with the rule beside the field that it is about."""
        place = _PLACES.get(wrong.field, wrong.field) if wrong else "every"
        none = gettext("None of its dates has such a time: the clocks skip it.")
        self._say(place, sentences.plain(wrong.sentence, language) if wrong else none)

    def refuse_set(self, code: str) -> None:
        """Say why the parts do not fit together."""
        place, sentence = _UNFIT[code]
        self._say(place, gettext(sentence))

    @property
    def more_errors(self) -> list[str]:
        """What is wrong with these fields, in their order."""
        own = (name for name in MoreForm.__dict__ if name in self._fields)
        return [str(error) for name in own for error in self[name].errors]

    def _say(self, place: str, sentence: str) -> None:
        field: Any = self[place]
        field.errors = [*field.errors, sentence]

    def fill_more(self, args: Mapping[str, str]) -> None:
        """What a link says of it: `also=slug` or `also=slug:minutes later:length`, for the first rows."""
        offered: Any = self.what1.choices or ()
        known = {str(one.value) for one in offered} - {""}
        for row, text in zip(ROWS, args.get("also", "").split(","), strict=False):
            slug, after, minutes = [*text.split(":"), "", ""][:3]
            if slug in known:
                self[f"what{row}"].data = slug
                self[f"after{row}"].data = _whole(after) or 0
                self[f"minutes{row}"].data = _whole(minutes)


def _whole(text: str) -> int | None:
    """A number as a link gives it; None for anything else."""
    try:
        return int(text)
    except ValueError:
        return None
