"""The rule that a zone follows from now on: the POSIX TZ text in the footer of its TZif data (RFC 8536 3.3)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

_NAME = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)"
_CLOCK = r"[+-]?\d{1,3}(?::\d\d){0,2}"
_TEXT = re.compile(
    rf"{_NAME}(?P<standard>{_CLOCK})"
    rf"(?:{_NAME}(?P<other>{_CLOCK})?"
    rf",M(?P<on>\d+\.\d\.\d)(?:/(?P<on_at>{_CLOCK}))?,M(?P<off>\d+\.\d\.\d)(?:/(?P<off_at>{_CLOCK}))?)?"
)


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two yearly changes: on the `week`th `weekday` of `month` (week 5 is the last one), `at` after midnight
    of the local time before the change, from UTC offset `before` to `after`. Weekdays count from Sunday, 0."""

    month: int
    week: int
    weekday: int
    at: timedelta
    before: timedelta
    after: timedelta

    def local(self, year: int) -> datetime:
        """When the clocks change in `year`, as naive local time before the change."""
        first_weekday, length = monthrange(year, self.month)
        day = 1 + (self.weekday - 1 - first_weekday) % 7 + 7 * (self.week - 1)
        return datetime.combine(date(year, self.month, day if day <= length else day - 7), clock()) + self.at

    def instant(self, year: int) -> datetime:
        """The same moment in UTC."""
        return (self.local(year) - self.before).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """A zone's `standard` UTC offset and its two yearly `halves`; none where the clocks stay."""

    standard: timedelta
    halves: tuple[Half, ...] = ()

    def changes(self, first: int, last: int) -> list[tuple[datetime, timedelta]]:
        """The changes of the years `first` through `last`: the instant and the UTC offset from then on, in order."""
        years = range(first, last + 1)
        return sorted((half.instant(year), half.after) for half in self.halves for year in years)


def parsed(text: str) -> Rule | None:
    """The rule in a POSIX TZ text such as EST5EDT,M3.2.0,M11.1.0. None for what is not of the M form."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    standard = -_clock(match["standard"])  # POSIX counts westwards
    if match["on"] is None:
        return Rule(standard)
    other = -_clock(match["other"]) if match["other"] else standard + timedelta(hours=1)
    return Rule(
        standard,
        (
            _half(match["on"], match["on_at"], standard, other),
            _half(match["off"], match["off_at"], other, standard),
        ),
    )


def _half(day: str, at: str | None, before: timedelta, after: timedelta) -> Half:
    month, week, weekday = map(int, day.split("."))
    return Half(month, week, weekday, _clock(at or "2"), before, after)


def _clock(text: str) -> timedelta:
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -length if text.startswith("-") else length
