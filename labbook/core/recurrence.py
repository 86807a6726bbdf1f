"""What repeats: rules in a site's wall time, the dates that follow from them, and why some of those have no time.

A date's name is its wall-clock start, as in 2026-11-23T09:00. The day of the month or the weekday of a rule that names
none is that of the first date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import islice, pairwise, takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from .facts import Effect, Finding, Said, Value
from .hours import WallTime, instant, wall_time
from .interval import Interval, local_day
from .language import N_, Words, listed
from .repeating import LAST, NTHS, WEEKDAYS, Every, said
from .terms import Sentence

__all__ = [
    "LAST",
    "MOST_STEPS",
    "MOST_YEARS",
    "NO_SUCH_TIME",
    "TOO_FAR",
    "Every",
    "Occurrence",
    "Repeat",
    "Wrong",
    "named",
    "occurrences",
    "read",
    "wall_of",
]

MOST_YEARS = 10  # from the first date to the last
MOST_STEPS = 99  # every n days, weeks or months
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NO_SUCH_TIME = Finding("no-such-time", Effect.REFUSE, Said(N_("The clocks go forward on that day and skip this time.")))


class Wrong(NamedTuple):
    """Why a rule cannot be asked for, and at which of its fields."""

    field: str
    sentence: Sentence


class Occurrence(NamedTuple):
    """One date of a rule. It has no time where the clocks skip its start or its end."""

    recurrence_on: str
    time: Interval | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeat rule: every so many days, weeks or months, until a local date (included) or for so many dates.

    Anything can be put into it, so that a form can be read; `wrong` says what is not right.
    """

    every: Every
    step: int = 1
    weekdays: tuple[int, ...] = ()  # of a week, Monday is 0; one of them for the weekday of a month
    day: int = 0  # of the month; months that lack it are left out (RFC 5545 section 3.3.10)
    nth: int = 0  # which weekday of the month: 1 to 5, or LAST
    until: date | None = None
    count: int | None = None

    def fitted(self, first: datetime) -> Repeat:
        """The same with what it does not name taken from the first date."""
        days = tuple(sorted(set(self.weekdays))) or (first.weekday(),)
        which = (first.day - 1) // 7 + 1
        return {
            Every.DAY: lambda: replace(self, weekdays=(), day=0, nth=0),
            Every.WEEK: lambda: replace(self, weekdays=days, day=0, nth=0),
            Every.DATE: lambda: replace(self, weekdays=(), day=self.day or first.day, nth=0),
            Every.WEEKDAY: lambda: replace(self, weekdays=days, day=0, nth=self.nth or (which if which < 5 else LAST)),
        }[self.every]()

    @property
    def rule(self) -> str:
        """As an RRULE (RFC 5545 section 3.3.10) with its last day as a date: what is stored."""
        return self._spelled(f"{self.until:%Y%m%d}" if self.until else "")

    def rule_in(self, zone: ZoneInfo) -> str:
        """The same for a DTSTART in local time: UNTIL is then in UTC, the last second of that local day."""
        if self.until is None:
            return self.rule
        return self._spelled(f"{local_day(self.until, zone).end - timedelta(seconds=1):%Y%m%dT%H%M%SZ}")

    def _spelled(self, until: str) -> str:
        parts = {
            "FREQ": {Every.DAY: "DAILY", Every.WEEK: "WEEKLY"}.get(self.every, "MONTHLY"),
            "INTERVAL": str(self.step) if self.step != 1 else "",
            "BYMONTHDAY": str(self.day or ""),
            "BYDAY": ",".join(f"{self.nth or ''}{_CODES[one]}" for one in self.weekdays),
            "COUNT": str(self.count) if self.count is not None else "",
            "UNTIL": until,
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    @property
    def words(self) -> Sentence:
        """The rule in plain words."""
        days = [WEEKDAYS[one] for one in self.weekdays]
        gaps: dict[str, Value] = {
            "step": self.step,
            "days": listed(days),
            "day": self.day,
            "nth": NTHS.get(self.nth, Words()),
        }
        return said(self.every, gaps, self.until, self.count)

    def dates(self, first: datetime, most: int) -> list[datetime]:
        """The wall-clock starts from `first` on that lie on the rule, at most `most`, within MOST_YEARS."""
        return list(islice(self._dates(first), most))

    def split(self, first: datetime, at: datetime) -> tuple[Repeat, Repeat]:
        """The rule up to the day before `at`, one of its dates, and the rule from there on."""
        fitted, day_before = self.fitted(first), at.date() - timedelta(days=1)
        before = sum(1 for one in takewhile(lambda one: one < at, self._dates(first)))
        left = None if self.count is None else self.count - before
        return replace(fitted, until=day_before, count=None), replace(fitted, count=left)

    def shifted(self, days: int) -> Repeat:
        """The same so many days later, for what goes along with it: its weekdays, its day of the month, its end."""
        weekdays = tuple(sorted((one + days) % 7 for one in self.weekdays))
        until = self.until + timedelta(days=days) if self.until else None
        return replace(self, weekdays=weekdays, day=min(max(self.day + days, 1), 31) if self.day else 0, until=until)

    def moved(self, at: datetime, to: datetime, dates: int) -> Repeat:
        """The rule for `dates` dates that begins at `to` and is otherwise as this one is from `at` on."""
        moved = self.shifted((to.date() - at.date()).days)
        if at.date() != to.date() and self.every in (Every.DATE, Every.WEEKDAY):
            is_last = self.nth == LAST and (to + timedelta(days=7)).month != to.month
            moved = replace(moved, day=0, weekdays=(), nth=LAST if is_last else 0).fitted(to)
        return moved if len(moved.dates(to, dates + 1)) == dates else replace(moved, until=None, count=dates)

    def _dates(self, first: datetime) -> Iterator[datetime]:
        latest = _latest(first)
        until = datetime.combine(self.until, clock.max) if self.until else latest
        fitted = self.fitted(first)
        nth = fitted.nth or None
        frequency: Any = {Every.DAY: DAILY, Every.WEEK: WEEKLY}.get(self.every, MONTHLY)
        rule = rrule(
            frequency,
            dtstart=first,
            interval=self.step,
            wkst=0,
            bymonthday=fitted.day or None,
            byweekday=[weekday(one, nth) for one in fitted.weekdays] or None,
            until=min(until, latest),
        )
        return islice(rule, self.count)

    def wrong(self, first: datetime, end: datetime, most: int) -> Wrong | None:
        """What is not right with it where its first date lies from `first` to `end` on the wall, or None.

        `most` dates are the most that may be asked for.
        """
        return self._misspelled(first, end, most) or self._misdated(first, end, most)

    def _misspelled(self, first: datetime, end: datetime, most: int) -> Wrong | None:
        found = (
            (end <= first, "end", N_("The end must come after the start.")),
            (not 1 <= self.step <= MOST_STEPS, "step", N_("Every how many: a whole number from 1 to %(steps)s.")),
            (not set(self.weekdays) <= set(range(7)), "weekdays", N_("Choose from Monday to Sunday.")),
            (not 0 <= self.day <= 31, "day", N_("A day of the month is a number from 1 to 31.")),
            (self.nth not in (0, *NTHS), "nth", N_("Choose the first to the fifth of the month, or the last.")),
            (first.year > _LATEST_YEAR, "start", _TOO_FAR),
            (self.until is None and self.count is None, "ends", N_("Say when it ends: on a day, or after some dates.")),
            (self.until is not None and self.count is not None, "ends", N_("Give a last day or a number, not both.")),
            (self.count is not None and self.count < 1, "count", N_("It needs at least one date.")),
            ((self.count or 0) > most, "count", _TOO_MANY),
            (bool(self.until and self.until < first.date()), "until", N_("It ends before it starts.")),
        )
        values = {"steps": MOST_STEPS, "most": most, "years": MOST_YEARS}
        return next((_wrong(field, text, values) for is_so, field, text in found if is_so), None)

    def _misdated(self, first: datetime, end: datetime, most: int) -> Wrong | None:
        dates = self.dates(first, most + 1)
        ends = "count" if self.until is None else "until"
        is_far = self.until is not None and self.until > _latest(first).date()
        found = (
            (len(dates) > most, ends, _TOO_MANY),
            (is_far or len(dates) < (self.count or 0), ends, _TOO_FAR),
            (not dates, "until", N_("None of its dates comes before its end.")),
            (
                any(later - one < end - first for one, later in pairwise(dates)),
                "step",
                N_("It would overlap itself: it is longer than the time from one date to the next."),
            ),
        )
        values = {"years": MOST_YEARS, "most": most}
        return next((_wrong(field, text, values) for is_so, field, text in found if is_so), None)


_TOO_MANY = N_("It has more than %(most)s dates, which is the most at a time. Let it end sooner.")
_TOO_FAR = N_("Its dates would reach further than %(years)s years.")
_LATEST_YEAR = date.max.year - 2 * MOST_YEARS


def _latest(first: datetime) -> datetime:
    return first + relativedelta(years=min(MOST_YEARS, date.max.year - first.year))


def _wrong(field: str, text: str, values: dict[str, int]) -> Wrong:
    return Wrong(field, Sentence(text, {name: value for name, value in values.items() if f"%({name})s" in text}))


TOO_FAR = _wrong("start", _TOO_FAR, {"years": MOST_YEARS})


def read(rule: str, zone: ZoneInfo | None = None) -> Repeat:
    """A rule back from its text; one whose UNTIL is in UTC needs its zone. Raises ValueError for any other text."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    found = _read(parts, zone)
    if rule not in (found.rule, zone and found.rule_in(zone)):
        raise ValueError(f"not a rule of ours: {rule!r}")
    return found


def _read(parts: dict[str, str], zone: ZoneInfo | None) -> Repeat:
    days = [one for one in parts.get("BYDAY", "").split(",") if one]
    if any(one[-2:] not in _CODES for one in days):
        raise ValueError(f"not weekdays: {days}")
    every = {"DAILY": Every.DAY, "WEEKLY": Every.WEEK}.get(parts.get("FREQ", ""))
    if every is None:
        every = Every.WEEKDAY if days else Every.DATE
    if every is Every.WEEKDAY and days[0] in _CODES:
        raise ValueError("a weekday of the month needs its number")
    return Repeat(
        every,
        int(parts.get("INTERVAL", "1")),
        tuple(_CODES.index(one[-2:]) for one in days),
        int(parts.get("BYMONTHDAY", "0")),
        int((days[0][:-2] or "0") if days else "0"),
        _read_until(parts["UNTIL"], zone) if "UNTIL" in parts else None,
        int(parts["COUNT"]) if "COUNT" in parts else None,
    )


def _read_until(text: str, zone: ZoneInfo | None) -> date:
    if len(text) == 8:
        return date.fromisoformat(text)
    if zone is None:
        raise ValueError("a last instant in UTC needs the zone of its rule")
    at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return at.astimezone(zone).date()


def named(wall: datetime) -> str:
    """A date's name: its wall-clock start."""
    return wall.strftime("%Y-%m-%dT%H:%M")


def wall_of(recurrence_on: str) -> datetime:
    """The naive wall-clock time that a date is named by. Raises ValueError."""
    return datetime.strptime(recurrence_on, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - a wall time has no zone


def occurrences(dates: Sequence[datetime], length: timedelta, zone: ZoneInfo) -> list[Occurrence]:
    """The times of these dates, each from its wall-clock start to the wall-clock end `length` later.

    Wall times never drift over changes of the clock. Of an hour that comes twice it is the first.
    """
    return [Occurrence(named(one), _time(one, one + length, zone)) for one in dates]


def _time(start: datetime, end: datetime, zone: ZoneInfo) -> Interval | None:
    if start.time() == end.time() == clock():  # by whole days, which begin later where the clocks skip midnight
        return Interval(local_day(start.date(), zone).start, local_day(end.date(), zone).start)
    if WallTime.SKIPPED in (wall_time(start, zone), wall_time(end, zone)):
        return None
    return Interval(instant(start, zone), instant(end, zone))
