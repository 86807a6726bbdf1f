"""What a day is to its reader, before all else: what is theirs, and what is free just now. For small screens."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from ..core.disclosure import Relation
from ..core.interval import Interval
from .board import AgendaLine, AreaRows, Bar, Row, bar_of
from .schedule import UnitLane
from .window import Window

MOST_FREE = 8
"""How many free resources are named; the others are on their rows."""


def mine(lanes: Iterable[UnitLane], window: Window, language: str) -> list[AgendaLine]:
    """The reader's own bookings within the window, in the order of their times; what lasts for all of it comes last."""
    found = []
    for lane in lanes:
        what = f"{lane.what.name.text(language)} {lane.what.unit}".strip()
        for one in lane.full:
            within = one.booking.time.clipped(window.time)
            if one.relation is Relation.OWN and within is not None:
                bar, is_all = bar_of(one, window, language), within == window.time
                line = AgendaLine(_when(within, window, language), bar.label, what, bar.url or "", bar.kind)
                found.append((is_all, within.start, what, line))
    return [line for *_, line in sorted(found, key=lambda one: one[:3])]


def _when(time: Interval, window: Window, language: str) -> str:
    if time == window.time:
        return gettext("All day") if window.is_day else gettext("All week")
    return f"{window.clock(time.start, language)}–{window.ends(time.start, time.end, language)}"


def free_now(areas: Iterable[AreaRows], window: Window) -> list[AgendaLine]:
    """What is free just now and until when, of what is booked by the clock; favourites first."""
    quarter, now = window.left(window.quarter), window.now_left
    if not window.is_day or now is None:
        return []
    found: dict[str, tuple[Row, Bar]] = {}
    for row in (row for area in areas for row in area.rows if row.slot_minutes):
        bar = next((bar for bar in row.bars if bar.kind == "free" and bar.left <= quarter), None)
        if bar is None or not bar.url or _end(bar) <= now:
            continue
        if row.slug in found and _end(bar) > _end(found[row.slug][1]):
            found[row.slug] = row, bar  # of several units that which is free for longest
        elif len(found) < MOST_FREE:
            found.setdefault(row.slug, (row, bar))
    return [
        AgendaLine(gettext("until %(time)s", time=bar.end), row.name, "", bar.url or "", "free")
        for row, bar in found.values()
    ]


def _end(bar: Bar) -> float:
    return bar.left + bar.width
