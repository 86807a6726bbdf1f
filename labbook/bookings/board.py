"""The schedule as drawn: stretches of a lane in percent of the day's real length. Pure; no tables, no request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ..core.disclosure import Full, Relation
from ..core.facts import Shut
from ..core.hours import days_of
from ..core.interval import Interval, gaps, local_day
from ..core.language import person_name
from ..core.lifecycle import State
from ..web import times

SIZES = ((1.2, " x n"), (3.2, " n"), (5.4, " s"), (8, " m"))  # widths in percent of the lane
NEAR_THE_EDGE = 78


@dataclass(frozen=True, slots=True)
class Mark:
    """A line behind the lanes, with its word in the ruler."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a lane, free ones too. Numbers are percent of the lane."""

    kind: str
    left: float
    width: float
    start: str
    end: str
    label: str = ""
    note: str = ""
    url: str | None = None
    before: float = 0
    after: float = 0

    @property
    def look(self) -> str:
        """Its kind, its size and whether it is near the right edge, as the stylesheet's classes."""
        size = next((name for limit, name in SIZES if self.width < limit), "")
        return self.kind + size + (" e" if self.left > NEAR_THE_EDGE else "")

    @property
    def style(self) -> str:
        """Its place, as custom properties; a template that prints them one by one takes twice as long."""
        place = f"--l:{self.left};--w:{self.width}"
        return f"{place};--p:{self.before};--q:{self.after}" if self.before or self.after else place

    @property
    def when(self) -> str:
        """From when to when."""
        return f"{self.start}–{self.end}"


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a resource, or all units of one that is booked by the day."""

    name: str
    unit: str
    url: str
    kind: str
    icon: str
    slug: str
    unit_key: str
    bars: list[Bar]
    summary: str = ""
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class AreaRows:
    """An area with its rows."""

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A site's schedule for one day or one week."""

    site_name: str
    site_slug: str
    zone: str
    zone_label: str
    on: date
    heading: str
    previous: str
    today: str
    following: str
    other_view_url: str
    marks: list[Mark]
    now_left: float | None
    now_label: str
    seconds: int
    step: int
    start_iso: str
    kinds: list[Choice]
    areas: list[AreaRows]
    long_day: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that bars are labelled with, in the reader's language, looked up once a page."""

    language: str
    free: str
    busy: str
    closed: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What one unit's lane is drawn from."""

    full: Sequence[Full]
    busy: Sequence[Interval]
    shut: Sequence[Shut]
    outside: Sequence[Interval]  # by the weekly hours
    book_url: str | None  # with the unit, ready for from and to


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
    def now_left(self) -> float | None:
        """Where the now-line stands, if it does."""
        return self.left(self.now) if self.time.start <= self.now < self.time.end else None

    def hours(self) -> list[Mark]:
        """A line at each hour of real time; on a day of 25 hours one of them stands twice."""
        count = round(self.seconds / 3600)
        instants = [self.time.start + timedelta(hours=n) for n in range(count)]
        return [Mark(self.left(at), f"{self.local(at).hour:02}") for at in instants]

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


_KIND = {
    Relation.OWN: "own",
    Relation.PARTNER: "partner",
    Relation.JOINT: "partner",
    Relation.STAFF: "staff",
    Relation.DUTY: "staff",
}


def bars(lane: Lane, window: Window, words: Words) -> list[Bar]:
    """All stretches of a lane, in order: what is booked, busy, closed, and what is free from now on."""
    found = [_full(one, window, words.language) for one in lane.full if _part(one.booking.time, window)]
    # Clipped: what lies beyond the window was not read whole, so its edges would tell neighbours apart.
    busy = [part for one in lane.busy if (part := one.clipped(window.time))]
    found += [_stretch("busy", part, window, words.busy, words.language) for part in busy]
    shut = [(one.time, one.reason.text(words.language)) for one in lane.shut]
    closed = [(part, note) for time, note in shut if (part := time.clipped(window.time))]
    outside = [
        (part, "") for time in lane.outside for part in gaps(time, [one for one, _ in closed]) if _part(part, window)
    ]
    found += [_stretch("closed", part, window, words.closed, words.language, note) for part, note in closed + outside]
    if lane.book_url is not None:
        blocked = [
            *(one.booking.hold for one in lane.full if one.booking.hold),
            *lane.busy,
            *(part for part, _ in closed + outside),
        ]
        found += _free(blocked, window, words, lane.book_url)
    return sorted(found, key=lambda bar: (bar.left, bar.kind == "wished"))


def _part(time: Interval, window: Window) -> bool:
    return time.overlaps(window.time)


def _full(one: Full, window: Window, language: str) -> Bar:
    booking = one.booking
    kind = str(booking.state) if booking.state in (State.WAITING, State.WISHED) else _KIND[one.relation]
    left, right = window.left(booking.time.start), window.left(booking.time.end)
    hold = booking.hold or booking.time
    return Bar(
        kind,
        left,
        round(right - left, 3),
        window.clock(booking.time.start, language),
        window.ends(booking.time.start, booking.time.end, language),
        booking.title,
        _note(one, language),
        f"/requests/{booking.request_key}",
        round(left - window.left(hold.start), 3),
        round(window.left(hold.end) - right, 3),
    )


def _note(one: Full, language: str) -> str:
    name = person_name(one.booking.family_name, one.booking.given_name, language)
    if one.relation is Relation.OWN:
        return ""
    if one.relation is Relation.PARTNER:
        return name
    return f"{one.booking.partner_name.text(language)} · {name}"


def _stretch(kind: str, time: Interval, window: Window, label: str, language: str, note: str = "") -> Bar:
    left = window.left(time.start)
    start, end = window.clock(time.start, language), window.ends(time.start, time.end, language)
    return Bar(kind, left, round(window.left(time.end) - left, 3), start, end, label, note)


def _free(blocked: Iterable[Interval], window: Window, words: Words, book_url: str) -> list[Bar]:
    """Free stretches from the running quarter of an hour on, each a way to book."""
    if window.now >= window.time.end:
        return []
    quarter = window.now.replace(minute=window.now.minute - window.now.minute % 15, second=0, microsecond=0)
    ahead = Interval(max(window.time.start, quarter), window.time.end)
    found = []
    for gap in gaps(ahead, blocked):
        left = window.left(gap.start)
        found.append(
            Bar(
                "free",
                left,
                round(window.left(gap.end) - left, 3),
                window.clock(gap.start, words.language),
                window.ends(gap.start, gap.end, words.language),
                words.free,
                "",
                book_url + window.wall(gap.start, "from") + window.wall(gap.end, "to"),
            )
        )
    return found
