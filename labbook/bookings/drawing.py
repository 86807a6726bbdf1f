"""From lanes to the pages' boards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ..core.interval import Interval, local_day, local_days
from ..core.language import N_
from ..core.terms import ResourceKind
from ..web import times
from ..web.prefix import at
from . import agenda
from .board import AreaRows, Bar, Board, Choice, Elsewhere, Lane, Row, Words, bars
from .narrowing import Narrowing
from .schedule import AreaAt, Schedule, UnitLane
from .verdicts import VerdictPanel, with_day
from .window import Window

GRID_SECONDS = 900
KIND_WORDS = {
    ResourceKind.BENCH: N_("Benches"),
    ResourceKind.EQUIPMENT: N_("Instruments"),
    ResourceKind.ROOM: N_("Rooms"),
    ResourceKind.STORAGE: N_("Storage"),
    ResourceKind.SERVICE: N_("Services"),
}


def kind_choices(asked: Sequence[str]) -> list[Choice]:
    """The filter by kind."""
    return [Choice(str(kind), gettext(word), str(kind) in asked) for kind, word in KIND_WORDS.items()]


def _area_choices(areas: Iterable[AreaAt], asked: str, language: str) -> list[Choice]:
    """The filter by area."""
    return [Choice(one.slug, one.name.text(language), one.slug == asked) for one in areas]


def bar_words(language: str) -> Words:
    """The words of bars, looked up once a page."""
    return Words(language, gettext("Free"), gettext("Busy"), gettext("Closed"), gettext("Ask the holder"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at boards, when, and how they want them."""

    language: str
    now: datetime
    zone: str = ""  # their own, IANA; none: no second clock
    folded: frozenset[str] = frozenset()  # the areas that they keep folded


@dataclass(frozen=True, slots=True)
class _View:
    """A day or a week of a site, as asked for."""

    name: str
    other: str
    first: date
    time: Interval
    heading: str
    long_day: str = ""


def day_board(schedule: Schedule, on: date, narrowing: Narrowing, reader: Reader) -> Board:
    """One local day."""
    time = local_day(on, schedule.site.zoneinfo)
    long_day = {
        25: gettext("This day has 25 hours: the clocks go back."),
        23: gettext("This day has 23 hours: the clocks go forward."),
    }.get(int(time.length.total_seconds() // 3600), "")
    view = _View("day", "week", on, time, times.long_date(on, reader.language), long_day)
    return _board(schedule, view, narrowing, reader)


def week_board(schedule: Schedule, monday: date, narrowing: Narrowing, reader: Reader) -> Board:
    """Seven local days from a Monday."""
    sunday = monday + timedelta(days=6)
    first, last = (times.dated(on, reader.language) for on in (monday, sunday))
    heading = gettext("Week %(number)s: %(first)s – %(last)s", number=monday.isocalendar().week, first=first, last=last)
    view = _View("week", "day", monday, local_days(monday, sunday, schedule.site.zoneinfo), heading)
    return _board(schedule, view, narrowing, reader)


def _board(schedule: Schedule, view: _View, narrowing: Narrowing, reader: Reader) -> Board:
    site, language = schedule.site, reader.language
    window = Window(view.time, site.zoneinfo, reader.now)
    step = timedelta(days=1 if view.name == "day" else 7)
    url = partial(_url, site.slug, narrowing=narrowing)
    lanes = schedule.lanes(window.time, narrowing.kinds, words=narrowing.words, area=narrowing.area)
    places, kept = schedule.areas(), schedule.favourites()
    areas = _areas(schedule, lanes, places, kept, window, narrowing, reader)
    return Board(
        span=view.name,
        site_name=site.name.text(language),
        site_slug=site.slug,
        zone=site.zone,
        zone_label=times.day_zone_label(site.zoneinfo, view.time),
        on=view.first,
        heading=view.heading,
        previous=url(view.name, view.first - step),
        today=url(view.name, None),
        following=url(view.name, view.first + step),
        other_view_url=url(view.other, view.first),
        residencies_url=at(f"/sites/{site.slug}/residencies?from={view.first:%Y-%m}"),
        marks=window.hours() if view.name == "day" else window.days(language),
        now_left=window.now_left,
        now_label=times.clock(reader.now.astimezone(site.zoneinfo)),
        seconds=int(window.seconds),
        step=GRID_SECONDS,
        start_iso=view.time.start.isoformat(),
        kinds=kind_choices(narrowing.kinds),
        within=_area_choices(places.values(), narrowing.area, language),
        text=narrowing.text,
        is_narrowed=bool(narrowing),
        areas=areas,
        kept=frozenset(one.what.slug for one in lanes if one.what.resource_id in kept),
        mine=agenda.mine(lanes, window, language),
        free_now=agenda.free_now(areas, window),
        elsewhere=_elsewhere(window, reader),
        long_day=view.long_day,
        is_closed=bool(lanes) and all(one.covers_all(window.time) for one in lanes),
    )


def _elsewhere(window: Window, reader: Reader) -> Elsewhere | None:
    """The clock of the reader's own zone, if it shows other times than the site's."""
    if not reader.zone:
        return None
    zone, edges = ZoneInfo(reader.zone), (window.time.start, window.time.end - timedelta(seconds=1))
    if all(edge.astimezone(zone).utcoffset() == window.local(edge).utcoffset() for edge in edges):
        return None
    marks = window.hours_elsewhere if window.is_day else window.days_elsewhere
    return Elsewhere(times.day_zone_label(zone, window.time), marks(zone, reader.language))


def _url(slug: str, view: str, on: date | None, *, narrowing: Narrowing) -> str:
    return at(f"/sites/{slug}/{view}") + narrowing.query(on)


def _areas(
    schedule: Schedule,
    lanes: list[UnitLane],
    places: Mapping[int, AreaAt],
    kept: Collection[int],
    window: Window,
    narrowing: Narrowing,
    reader: Reader,
) -> list[AreaRows]:
    """The rows by area; those of favourites before all others, unless one area is asked for."""
    words, slug = bar_words(reader.language), schedule.site.slug
    first = [] if narrowing.area else [lane for lane in lanes if lane.what.resource_id in kept]
    groups = [("favourites", gettext("Favourites"), first)] if first else []
    rest = lanes if narrowing.area else [lane for lane in lanes if lane.what.resource_id not in kept]
    for area_id, group in groupby(rest, key=lambda lane: lane.what.area_id):
        groups.append((places[area_id].slug, places[area_id].name.text(reader.language), list(group)))
    found = []
    for name, label, of_area in groups:
        key = f"{slug}.{name}"
        rows = _rows(of_area, window, words)
        found.append(AreaRows(label, rows, key, bool(narrowing) or key not in reader.folded))
    return found


def _rows(lanes: list[UnitLane], window: Window, words: Words) -> list[Row]:
    rows = []
    for _, group in groupby(lanes, key=lambda lane: lane.what.resource_id):
        units = list(group)
        if len(units) == 1:
            rows.append(_drawn(units[0], window, words))
        elif units[0].what.by_day:
            rows.append(_summary(units, window.time, words.language))
        else:
            rows.extend(_pool(units, window, words))
    return rows


def _pool(units: list[UnitLane], window: Window, words: Words) -> list[Row]:
    """Units on which something lies, each with its lane; those that are all alike free share one."""
    used = [lane for lane in units if _something_lies_on(lane, window.time)]
    unused = [lane for lane in units if lane not in used]
    rows = [_drawn(lane, window, words, lane.what.unit) for lane in used]
    if len(unused) == 1:
        rows.append(_drawn(unused[0], window, words, unused[0].what.unit))
    elif unused:
        label = ngettext("%(num)s free", "%(num)s free", len(unused))
        rows.append(_drawn(unused[0], window, words, label, is_any=True))
    return rows


def _something_lies_on(lane: UnitLane, time: Interval) -> bool:
    """Lanes are read with a margin for buffers, which is not shown and not counted. Its own closures count too."""
    own = (one.time for one in lane.shut if one.unit_id is not None)
    busy = (*lane.busy, *own, *(one.booking.hold or one.booking.time for one in lane.full))
    return any(one.overlaps(time) for one in busy)


def _drawn(lane: UnitLane, window: Window, words: Words, label: str = "", *, is_any: bool = False) -> Row:
    """A lane with its bars; one that stands for several units books any of them."""
    drawn = bars(drawn_from(lane, is_any=is_any), window, words)
    return _row(lane, words.language, label, lane.what.unit_key, drawn)


def drawn_from(lane: UnitLane, *, is_any: bool = False) -> Lane:
    """What the board draws of a unit."""
    url = at(f"/resources/{lane.what.slug}/book?unit={'' if is_any else lane.what.unit_key}")
    ask_url = at(f"/messages/new?unit={lane.what.unit_key}") if lane.may_ask else None
    return Lane(lane.full, lane.busy, lane.shut, lane.outside, url, ask_url, lane.movable)


def _summary(units: list[UnitLane], time: Interval, language: str) -> Row:
    """Benches, shelves and racks are too many to draw: how many of them are taken."""
    held = [[*lane.busy, *(one.booking.hold for one in lane.full if one.booking.hold)] for lane in units]
    taken = sum(any(one.overlaps(time) for one in holds) for holds in held)
    text = gettext("%(taken)s of %(all)s taken", taken=taken, all=len(units))
    return _row(units[0], language, "", "", [], summary=text, fill=round(taken / len(units) * 100, 1))


def _row(
    lane: UnitLane,
    language: str,
    unit: str,
    unit_key: str,
    drawn: list[Bar],
    summary: str = "",
    fill: float | None = None,
) -> Row:
    resource = lane.what
    return Row(
        resource.name.text(language),
        unit,
        at(f"/resources/{resource.slug}"),
        str(resource.kind),
        resource.icon,
        resource.slug,
        unit_key,
        drawn,
        summary,
        fill,
        0 if resource.slot.is_by_calendar else resource.slot.count,
    )


def day_around(panel: VerdictPanel, lane: UnitLane, window: Window, wanted: Interval, language: str) -> VerdictPanel:
    """The verdict with the unit's day drawn around the wanted time."""
    return with_day(panel, window, bars(drawn_from(lane), window, bar_words(language)), wanted)
