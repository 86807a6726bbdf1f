"""Some months of a site as the width of a board: its days, weeks and months, and what is free in whole days. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ..core.amount import Amount
from ..core.hours import Opening, days_of, is_midnight
from ..core.interval import Interval, gaps, local_day, merged
from ..core.residency import Months, begins, whole_steps
from ..web import times
from .board import Bar, Lane, Words, bars
from .window import Mark, Window

_WEEKS_ARE_NAMED = 3  # months, up to which there is room for the weeks' dates
_QUARTERS = 12  # months, from which on free time is cut at quarters


class MonthWindow(Window):
    """The width of the board. People read the first and the last day, and a clock only where it is not midnight."""

    def __init__(self, months: Months, zone: ZoneInfo, now: datetime, first_weekday: int) -> None:
        super().__init__(months.window(zone), zone, now)
        self.months, self.first_weekday = months, first_weekday

    def _clock(self, at: datetime, language: str) -> str:
        local = self.local(at)
        is_shown = self.time.start <= at <= self.time.end
        day = (times.short_date if is_shown else times.dated)(local.date(), language)
        return day if is_midnight(at, self.zone) else f"{day} {times.clock(local)}"

    def ends(self, start: datetime, end: datetime, language: str) -> str:
        """The last day, or the clock at the end; nothing where a single day says it all."""
        if not is_midnight(end, self.zone):
            return self.clock(end, language)
        last = self.clock(local_day((self.local(end) - timedelta(microseconds=1)).date(), self.zone).start, language)
        return "" if last == self.clock(start, language) else last

    def month_marks(self, language: str) -> list[Mark]:
        """A line at the first of each month; without the year where there is no room for it."""
        named = times.month_name if self.months.count > _WEEKS_ARE_NAMED else times.month_label
        firsts = [self.months.moved(number).first for number in range(self.months.count)]
        return [Mark(self._at(on), named(on, language)) for on in firsts]

    def day_marks(self) -> list[Mark]:
        """A line at each day of one month, else at each first day of a week; its number where there is room for it."""
        days = [on for on in days_of(self.time, self.zone) if self._is_marked(on)]
        is_named = self.months.count <= _WEEKS_ARE_NAMED
        return [Mark(self._at(on), str(on.day) if is_named else "") for on in days]

    def shut_days(self, openings: Sequence[Opening], closures: Iterable[Interval]) -> list[Bar]:
        """The days of the week on which the site does not open, and its closures, for the lines behind all lanes."""
        open_on = {one.weekday for one in openings} or set(range(7))
        days = [local_day(on, self.zone) for on in days_of(self.time, self.zone) if on.weekday() not in open_on]
        shut = [*days, *(part for one in closures if (part := one.clipped(self.time)))]
        return [Bar("shut", self.left(one.start), self._width(one), "", "") for one in merged(shut)]

    def _is_marked(self, on: date) -> bool:
        return self.months.count == 1 or on.weekday() == self.first_weekday

    def _at(self, on: date) -> float:
        return self.left(local_day(on, self.zone).start)

    def _width(self, time: Interval) -> float:
        return round(self.left(time.end) - self.left(time.start), 3)

    def free(self, blocked: Iterable[Interval], slot: Amount, words: Words, book_url: str) -> list[Bar]:
        """Whole days, or half days, that are free from today on, each a way to book them; cut at weeks or months."""
        if self.now >= self.time.end:
            return []
        ahead = Interval(max(self.time.start, begins(self.now, slot, self.zone)), self.time.end)
        whole = (whole_steps(gap, slot, self.zone) for gap in gaps(ahead, blocked))
        parts = (part for one in whole if one is not None for part in self._cut(one))
        return [
            Bar(
                "free",
                self.left(part.start),
                self._width(part),
                self.clock(part.start, words.language),
                self.ends(part.start, part.end, words.language),
                words.free,
                "",
                book_url + self.wall(part.start, "from") + self.wall(part.end, "to"),
            )
            for part in parts
        ]

    def _cut(self, time: Interval) -> list[Interval]:
        """A stretch in parts that one would book: the weeks of one month, the months of several, quarters of a year."""
        every = 3 if self.months.count >= _QUARTERS else 1
        if self.months.count == 1:
            edges = [on for on in days_of(time, self.zone) if on.weekday() == self.first_weekday]
        else:
            edges = [self.months.moved(number).first for number in range(0, self.months.count, every)]
        inner = [at for on in edges if time.start < (at := local_day(on, self.zone).start) < time.end]
        return [Interval(start, end) for start, end in pairwise([time.start, *inner, time.end])]


def stays(lane: Lane, slot: Amount, window: MonthWindow, words: Words) -> list[Bar]:
    """All stretches of a unit's lane, in order: just what a day's board draws, and the days that are free."""
    found = bars(Lane(lane.full, lane.busy, lane.shut, lane.outside, None, lane.ask_url), window, words)
    if lane.book_url is None:
        return found
    held = [one.booking.hold for one in lane.full if one.booking.hold]
    blocked = [*held, *lane.busy, *(one.time for one in lane.shut), *lane.outside]
    free = window.free(blocked, slot, words, lane.book_url)
    return sorted([*found, *free], key=lambda bar: (bar.left, bar.kind == "wished"))
