"""From lanes to the view of residencies: months across, units down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from flask_babel import ngettext

from ..catalogue import queries as catalogue
from ..core.interval import local_day
from ..core.residency import Months
from ..web import times
from ..web.prefix import at
from .board import AreaRows, Bar, Choice, Row, Words
from .drawing import bar_words, drawn_from, kind_choices
from .months import MonthWindow, stays
from .narrowing import known_kinds
from .schedule import Schedule, UnitLane
from .window import Mark

LENGTHS = (1, 3, 6, 12)
"""How many months may be looked at."""
USUAL = 3


@dataclass(frozen=True, slots=True)
class Length:
    """How many months may be looked at instead."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MonthBoard:
    """A site's residencies over some months."""

    site_name: str
    site_slug: str
    zone: str
    zone_label: str
    heading: str
    first: str  # 2026-11
    count: int
    usual: int
    previous: str
    today: str
    following: str
    lengths: list[Length]
    day_url: str
    week_url: str
    months: list[Mark]
    days: list[Mark]
    shut: list[Bar]
    now_left: float | None
    now_label: str
    seconds: int
    start_iso: str
    kinds: list[Choice]
    areas: list[AreaRows]


def address(slug: str, months: Months | None = None, kinds: Sequence[str] = (), *, count: int = USUAL) -> str:
    """Where a site's residencies stand; from this month on unless `months` says otherwise."""
    months_asked = months.count if months else count
    query = [
        *([("from", f"{months.first:%Y-%m}")] if months else []),
        *([("months", str(months_asked))] if months_asked != USUAL else []),
        *(("kind", kind) for kind in kinds),
    ]
    return at(f"/sites/{slug}/residencies") + (f"?{urlencode(query)}" if query else "")


def month_board(
    schedule: Schedule, months: Months, asked: Sequence[str], *, now: datetime, language: str
) -> MonthBoard:
    """What is booked by half days, days, weeks or months, as far as the viewer may know."""
    site, kinds = schedule.site, known_kinds(asked)
    slug, zone = site.slug, site.zoneinfo
    window = MonthWindow(months, zone, now, site.first_weekday)
    lanes = schedule.stays(window.time, kinds)
    hours = [row.opening for row in catalogue.openings_at(site.id) if row.area_id is None and row.resource_id is None]
    found = catalogue.closures_at(site.id, window.time)
    closures = [one.time for one in found if one.area_id is None and one.resource_id is None]
    return MonthBoard(
        site_name=site.name.text(language),
        site_slug=slug,
        zone=site.zone,
        zone_label=_zone_label(window),
        heading=_heading(months, language),
        first=f"{months.first:%Y-%m}",
        count=months.count,
        usual=USUAL,
        previous=address(slug, months.moved(-months.count), kinds),
        today=address(slug, None, kinds, count=months.count),
        following=address(slug, months.moved(months.count), kinds),
        lengths=[
            Length(_months_label(count), address(slug, replace(months, count=count), kinds), count == months.count)
            for count in LENGTHS
        ],
        day_url=at(f"/sites/{slug}/day"),
        week_url=at(f"/sites/{slug}/week"),
        months=window.month_marks(language),
        days=window.day_marks(),
        shut=window.shut_days(hours, closures),
        now_left=window.now_left,
        now_label=times.short_date(now.astimezone(zone).date(), language),
        seconds=int(window.seconds),
        start_iso=window.time.start.isoformat(),
        kinds=kind_choices(kinds),
        areas=_areas(schedule, lanes, window, language),
    )


def _zone_label(window: MonthWindow) -> str:
    """The zone through these months; each time that its clocks change it has another name."""
    starts = [window.months.moved(number).first for number in range(window.months.count + 1)]
    labels = [times.zone_label(window.zone, local_day(on, window.zone).start) for on in starts]
    return " → ".join(label for label, _ in groupby(labels))


def _heading(months: Months, language: str) -> str:
    return times.months_label(months.first, months.last_on, language)


def _months_label(count: int) -> str:
    return ngettext("%(num)s month", "%(num)s months", count)


def _areas(schedule: Schedule, lanes: list[UnitLane], window: MonthWindow, language: str) -> list[AreaRows]:
    areas, words = schedule.areas(), bar_words(language)
    return [
        AreaRows(areas[area_id].name.text(language), _rows(list(group), window, words))
        for area_id, group in groupby(lanes, key=lambda lane: lane.what.area_id)
    ]


def _rows(lanes: list[UnitLane], window: MonthWindow, words: Words) -> list[Row]:
    """Units on which something lies, each with its lane; those of a resource that are all alike free share one."""
    rows = []
    for _, group in groupby(lanes, key=lambda lane: lane.what.resource_id):
        units = list(group)
        drawn = [(lane, stays(drawn_from(lane), lane.what.slot, window, words)) for lane in units]
        used = [one for one in drawn if any(bar.kind not in ("free", "closed") for bar in one[1])]
        numbers = {lane.what.unit_id for lane, _ in used}
        unused = [lane for lane in units if lane.what.unit_id not in numbers]
        rows += [_row(lane, found, words, lane.what.unit if len(units) > 1 else "") for lane, found in used]
        if unused:
            rows.append(_unused(unused, len(units), window, words))
    return rows


def _unused(unused: list[UnitLane], of: int, window: MonthWindow, words: Words) -> Row:
    lane, is_any = unused[0], len(unused) > 1
    found = stays(drawn_from(lane, is_any=is_any), lane.what.slot, window, words)
    label = ngettext("%(num)s free", "%(num)s free", len(unused)) if is_any else lane.what.unit
    return _row(lane, found, words, label if of > 1 else "")


def _row(lane: UnitLane, found: list[Bar], words: Words, unit: str) -> Row:
    what = lane.what
    url = at(f"/resources/{what.slug}")
    return Row(what.name.text(words.language), unit, url, str(what.kind), what.icon, what.slug, what.unit_key, found)
