"""The schedule as drawn: stretches of a lane in percent of the day's real length. Pure; no tables, no request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..core.disclosure import BookingRow, Full, Relation
from ..core.facts import Shut
from ..core.interval import Interval, gaps
from ..core.language import person_name
from ..core.lifecycle import State
from ..web.prefix import at
from .window import Mark, Window

SIZES = ((1.2, " x n"), (3.2, " n"), (5.4, " s"), (8, " m"))  # widths in percent of the lane
NEAR_THE_EDGE = 78


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
    move: str = ""  # the form that moves it, where one may

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
        return f"{self.start}–{self.end}" if self.end else self.start


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
    slot_minutes: int = 0  # of the grid of its times; 0: by the calendar


@dataclass(frozen=True, slots=True)
class AreaRows:
    """An area with its rows."""

    name: str
    rows: list[Row]
    key: str = ""  # under which browsers remember that it is folded
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One line of what a day is to its reader: a booking of theirs, or what is free just now."""

    when: str
    title: str
    what: str
    url: str
    look: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The reader's own clock, beside the site's."""

    label: str
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Board:
    """A site's schedule for one day or one week."""

    span: str  # day or week
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
    residencies_url: str
    marks: list[Mark]
    now_left: float | None
    now_label: str
    seconds: int
    step: int
    start_iso: str
    kinds: list[Choice]
    within: list[Choice]  # the areas in which there is anything for the reader
    text: str  # that was searched for
    is_narrowed: bool
    areas: list[AreaRows]
    kept: frozenset[str]  # the slugs of favourites
    mine: list[AgendaLine]
    free_now: list[AgendaLine]
    elsewhere: Elsewhere | None = None
    long_day: str = ""
    is_closed: bool = False  # all of it, all the time


@dataclass(frozen=True, slots=True)
class Words:
    """The few words that bars are labelled with, in the reader's language, looked up once a page."""

    language: str
    free: str
    busy: str
    closed: str
    ask: str  # what one may do about a busy time


@dataclass(frozen=True, slots=True)
class Lane:
    """What one unit's lane is drawn from; `movable` are the keys of what the reader may move."""

    full: Sequence[Full]
    busy: Sequence[Interval]
    shut: Sequence[Shut]
    outside: Sequence[Interval]  # by the weekly hours
    book_url: str | None  # with the unit, ready for from and to
    ask_url: str | None  # with the unit, ready for the time that one asks its holder about
    movable: Collection[str] = ()


OFFER = "offer"
_KIND = {
    Relation.OWN: "own",
    Relation.PARTNER: "partner",
    Relation.JOINT: "partner",
    Relation.STAFF: "staff",
    Relation.DUTY: "staff",
}


def bars(lane: Lane, window: Window, words: Words) -> list[Bar]:
    """All stretches of a lane, in order: what is booked, busy, closed, and what is free from now on."""
    shown = [one for one in lane.full if _part(one.booking.time, window)]
    found = [bar_of(one, window, words.language, movable=one.booking.key in lane.movable) for one in shown]
    # Clipped: what lies beyond the window was not read whole, so its edges would tell neighbours apart.
    busy = [part for one in lane.busy if (part := one.clipped(window.time))]
    found += [_busy(part, window, words, lane.ask_url) for part in busy]
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


def _is_whole(time: Interval, window: Window) -> bool:
    """Whether all of it is drawn: what reaches out of the window is not moved by its ends within it."""
    return window.time.covers(time)


def _part(time: Interval, window: Window) -> bool:
    return time.overlaps(window.time)


def bar_of(one: Full, window: Window, language: str, *, movable: bool = False) -> Bar:
    """A booking of which all is shown."""
    booking = one.booking
    kind = _kind(one)
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
        _where(one),
        round(left - window.left(hold.start), 3),
        round(window.left(hold.end) - right, 3),
        _form(booking) if movable and _is_whole(booking.time, window) else "",
    )


def _kind(one: Full) -> str:
    """What it is drawn as; what waits without a request is kept for somebody of the waiting list."""
    if one.booking.state not in (State.WAITING, State.WISHED):
        return _KIND[one.relation]
    return str(one.booking.state) if one.booking.request_key else OFFER


def _form(booking: BookingRow) -> str:
    """The form that gives it another time; what is running can only begin or end at another."""
    return at(f"/bookings/{booking.key}/{'end' if booking.state is State.RUNNING else 'move'}")


def _where(one: Full) -> str | None:
    """Where its page is; what is kept for somebody who waits is on a page of their own."""
    if one.booking.request_key:
        return at(f"/requests/{one.booking.request_key}")
    return at("/waiting") if one.relation is Relation.OWN else None


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


def _busy(time: Interval, window: Window, words: Words, ask_url: str | None) -> Bar:
    """A busy stretch; while it is not over, a way to ask whoever holds it."""
    bar = _stretch("busy", time, window, words.busy, words.language)
    if ask_url is None or time.end <= window.now:
        return bar
    return replace(bar, note=words.ask, url=ask_url + window.wall(max(time.start, window.quarter), "at"))


def _free(blocked: Iterable[Interval], window: Window, words: Words, book_url: str) -> list[Bar]:
    """Free stretches from the running quarter of an hour on, each a way to book."""
    if window.now >= window.time.end:
        return []
    ahead = Interval(max(window.time.start, window.quarter), window.time.end)
    found = []
    for gap in (one for one in gaps(ahead, blocked) if one.end > window.now):
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
