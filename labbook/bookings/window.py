"""A stretch of local days as the width of a board. Pure; no tables, no request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import cache
from zoneinfo import ZoneInfo

from ..core.hours import days_of
from ..core.interval import Interval, local_day
from ..web import times


@dataclass(frozen=True, slots=True)
class Mark:
    """A line behind the lanes, with its word in the ruler."""

    left: float
    label: str


class Window:
    """A stretch of local days, and where an instant lies in it."""

    def __init__(self, time: Interval, zone: ZoneInfo, now: datetime) -> None:
        self.time, self.zone, self.now = time, zone, now
        self.seconds = time.length.total_seconds()
        self.is_day = self.seconds < 30 * 3600
        # Bars begin and end on a few grids: a page asks for the same instants again and again.
        self.left: Callable[[datetime], float] = cache(self._left)
        self.local: Callable[[datetime], datetime] = cache(self._local)
        self.clock: Callable[[datetime, str], str] = cache(self._clock)
        self.wall: Callable[[datetime, str], str] = cache(self._wall)

    def _left(self, at: datetime) -> float:
        """Percent from the left edge, within the window."""
        seconds = (at - self.time.start).total_seconds()
        return round(min(max(seconds / self.seconds, 0), 1) * 100, 3)

    def _local(self, at: datetime) -> datetime:
        """The site's wall time."""
        return at.astimezone(self.zone)

    def _wall(self, at: datetime, name: str) -> str:
        """Site wall time as a link's parameter; the second of two like times says so."""
        local = self.local(at)
        second = f"&{name}_fold=1" if local.fold else ""
        return f"&{name}={local.isoformat(timespec='minutes')[:16]}{second}"

    def _clock(self, at: datetime, language: str) -> str:
        """The site's clock, with the date when it is outside the window."""
        local = self.local(at)
        if self.is_day and self.time.start <= at <= self.time.end:
            return "24:00" if at == self.time.end else times.clock(local)
        return f"{times.short_date(local.date(), language)} {times.clock(local)}"

    def ends(self, start: datetime, end: datetime, language: str) -> str:
        """The clock at an end; its date only when it is another day's than the start's."""
        if self.is_day or self.local(start).date() != self.local(end).date():
            return self.clock(end, language)
        return times.clock(self.local(end))

    @property
    def quarter(self) -> datetime:
        """The running quarter of an hour: what is offered begins then at the earliest."""
        return self.now.replace(minute=self.now.minute - self.now.minute % 15, second=0, microsecond=0)

    @property
    def now_left(self) -> float | None:
        """Where the now-line stands, if it does."""
        return self.left(self.now) if self.time.start <= self.now < self.time.end else None

    def hours(self) -> list[Mark]:
        """A line at each hour of real time; on a day of 25 hours one of them stands twice."""
        count = round(self.seconds / 3600)
        instants = [self.time.start + timedelta(hours=n) for n in range(count)]
        return [Mark(self.left(at), f"{self.local(at).hour:02}") for at in instants]

    def hours_elsewhere(self, zone: ZoneInfo, language: str) -> list[Mark]:
        """The clock of another zone at each hour of real time; the day of the week where another day begins."""
        marks: list[Mark] = []
        before: date | None = None
        for n in range(round(self.seconds / 3600)):
            local = (at := self.time.start + timedelta(hours=n)).astimezone(zone)
            clock = times.clock(local) if local.minute else f"{local.hour:02}"
            day = "" if local.date() == before else times.weekday(local.weekday(), language) + " "
            marks.append(Mark(self.left(at), day + clock))
            before = local.date()
        return marks

    def days_elsewhere(self, zone: ZoneInfo, language: str) -> list[Mark]:
        """A line at each midnight of another zone; none for a day that was left out there, as once in Samoa."""
        begins = {datetime.combine(on, clock(), zone).astimezone(UTC): on for on in days_of(self.time, zone)}
        marks = [Mark(self.left(at), times.short_date(on, language)) for at, on in begins.items()]
        return marks[1:]  # the first begins before the window

    def days(self, language: str) -> list[Mark]:
        """A line at each midnight."""
        return [
            Mark(self.left(local_day(on, self.zone).start), times.short_date(on, language))
            for on in days_of(self.time, self.zone)
        ]

    def weeks(self, language: str) -> list[Mark]:
        """A line at the first midnight of each week."""
        mondays = [on for on in days_of(self.time, self.zone) if on.weekday() == 0]
        return [Mark(self.left(local_day(on, self.zone).start), times.short_date(on, language)) for on in mondays]
