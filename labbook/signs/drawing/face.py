"""What a sign shows: names of resources, whether they are free, and until when. Nothing else is in these values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ...bookings.parts import shut_by_parts
from ...catalogue.queries import closures_at, nearest_hours, openings_at
from ...core.hours import Cover, closed_intervals
from ...core.interval import Interval, local_day, local_days
from ...core.language import N_, Words
from ...core.signs import Standing, Stretch, UnitTimes, from_now, stretches
from ...web import times
from .. import queries

DAYS = 7  # that a sign looks ahead
PER_PAGE = 8  # rows that can be read at three metres from a tablet of ten inches
NEXT = 3  # stretches that a sign of one resource tells in advance

WORDS = {Standing.FREE: N_("Free"), Standing.BUSY: N_("In use"), Standing.CLOSED: N_("Closed")}
_ICONS = {Standing.FREE: "check", Standing.BUSY: "hourglass", Standing.CLOSED: "lock"}
_THEN = {
    Standing.FREE: N_("then free until %(time)s"),
    Standing.BUSY: N_("then in use until %(time)s"),
    Standing.CLOSED: N_("then closed until %(time)s"),
}
_THEN_FOR_LONG = {
    Standing.FREE: N_("then free"),
    Standing.BUSY: N_("then in use"),
    Standing.CLOSED: N_("then closed"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the day as a strip shows it; numbers are percent of the day."""

    standing: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch in words."""

    standing: str
    icon: str
    word: str
    when: str


@dataclass(frozen=True, slots=True)
class Row:
    """One resource."""

    slug: str
    name: Words
    standing: str
    icon: str
    word: str
    until: str
    until_epoch: int  # afterwards, what the sign says is no longer known to be true
    count: str  # 3/8: so many of so many units are free; empty where there is one
    then: str
    ahead: list[Line]
    day: list[Block]


@dataclass(frozen=True, slots=True)
class Face:
    """A sign at one moment."""

    name: Words  # of what it is about
    is_area: bool
    area_slug: str
    site: Words
    site_slug: str
    rows: list[Row]
    page: int
    pages: int
    clock: str
    seconds: int  # since midnight, by the clocks on the site's walls
    epoch: int
    date: str
    zone: str
    now_left: float
    hours: list[tuple[float, str]]


class _Day:
    """The site's local day, and how instants are told on it."""

    def __init__(self, zone: ZoneInfo, now: datetime, language: str) -> None:
        self.zone, self.now, self.language = zone, now, language
        self.local = now.astimezone(zone)
        self.today = self.local.date()
        self.time = local_day(self.today, zone)
        self.window = local_days(self.today, self.today + timedelta(days=DAYS - 1), zone)

    def left(self, at: datetime) -> float:
        """Percent of the day that is over at an instant."""
        share = (at - self.time.start) / self.time.length
        return round(min(max(share, 0), 1) * 100, 2)

    def told(self, at: datetime, *, ends: bool) -> str:
        """The clock, with its day where that is not today; at an end midnight belongs to the day that it ends."""
        on, said = times.day_and_clock(at, self.zone, ends=ends)
        if on == self.today:
            return said
        if on == self.today + timedelta(days=1):
            return gettext("tomorrow %(clock)s", clock=said)
        return f"{times.short_date(on, self.language)} {said}"


def face_of(found: queries.Door, page: int, *, now: datetime, language: str) -> Face:
    """A sign as it stands; of an area with many resources one page of them, counted from 0 and round and round."""
    day = _Day(found.site.zoneinfo, now, language)
    pages = max(-(-len(found.resources) // PER_PAGE), 1)
    page %= pages
    shown = found.resources[page * PER_PAGE : (page + 1) * PER_PAGE]
    rows = _rows(found.site.id, shown, day)
    local = day.local
    return Face(
        name=found.area.name if found.area else found.resources[0].name,
        is_area=found.area is not None,
        area_slug=found.area.slug if found.area else "",
        site=found.site.name,
        site_slug=found.site.slug,
        rows=rows,
        page=page,
        pages=pages,
        clock=times.clock(local),
        seconds=local.hour * 3600 + local.minute * 60 + local.second,
        epoch=int(now.timestamp()),
        date=times.long_date(day.today, language),
        zone=times.zone_label(day.zone, now),
        now_left=day.left(now),
        hours=_hours(day),
    )


def _hours(day: _Day) -> list[tuple[float, str]]:
    """Every third hour of the wall's clock, where it stands on the strip."""
    marks = []
    at = day.time.start
    while at < day.time.end:
        local = at.astimezone(day.zone)
        if local.hour % 3 == 0 and local.minute == 0 and local.hour:
            marks.append((day.left(at), str(local.hour)))
        at += timedelta(hours=1)
    return marks


def _rows(site_id: int, resources: Sequence[Any], day: _Day) -> list[Row]:
    ids = {one.id for one in resources}
    pieces = queries.pieces_of(ids)
    taken = queries.held((one.id for one in pieces), day.window)
    closures = closures_at(site_id, day.window)
    openings = openings_at(site_id)
    parts = shut_by_parts(site_id, ids, day.window)
    rows = []
    for resource in resources:
        hours = [one.opening for one in nearest_hours(openings, resource.area_id, resource.id)]
        outside = closed_intervals(hours, day.window, day.zone) if resource.cover is Cover.ALL else []
        in_parts = [one.time for one in parts.get(resource.id, ())]
        units = [
            UnitTimes(
                [*taken.get(piece.id, ()), *in_parts],
                [*outside, *(one.time for one in closures if _concerns(one, resource, piece.id))],
            )
            for piece in pieces
            if piece.resource_id == resource.id
        ]
        rows.append(_row(resource, units, day))
    return rows


def _concerns(closure: Any, resource: Any, unit_id: int) -> bool:
    is_here = closure.area_id in (None, resource.area_id) and closure.resource_id in (None, resource.id)
    is_its = is_here and closure.unit_id in (None, unit_id)
    return is_its and closure.shut.binds(by_day=resource.by_day, cover=resource.cover)


def _row(resource: Any, units: Sequence[UnitTimes], day: _Day) -> Row:
    all_stretches = stretches(units, day.window)
    present, *following = from_now(all_stretches, day.now)
    free = sum(one.is_free(day.now) for one in units)
    count = ""
    if len(units) > 1 and present.standing is not Standing.CLOSED:
        count = f"{free}/{len(units)}"
    return Row(
        slug=resource.slug,
        name=resource.name,
        standing=str(present.standing),
        icon=_ICONS[present.standing],
        word=gettext(WORDS[present.standing]),
        until=_until(present, day),
        until_epoch=int(present.time.end.timestamp()),
        count=count,
        then=_then(following, day),
        ahead=[_line(one, day) for one in following[:NEXT]],
        day=_blocks(all_stretches, day),
    )


def _blocks(all_stretches: Sequence[Stretch], day: _Day) -> list[Block]:
    """What of the day is not free."""
    found = []
    for one in all_stretches:
        part = one.time.clipped(day.time)
        if part is not None and one.standing is not Standing.FREE:
            left = day.left(part.start)
            found.append(Block(str(one.standing), left, round(day.left(part.end) - left, 2)))
    return found


def _until(one: Stretch, day: _Day) -> str:
    if one.time.end >= day.window.end:
        return gettext("for days to come")
    return gettext("until %(time)s", time=day.told(one.time.end, ends=True))


def _then(following: Sequence[Stretch], day: _Day) -> str:
    if not following:
        return ""
    one = following[0]
    if one.time.end >= day.window.end:
        return gettext(_THEN_FOR_LONG[one.standing])
    return gettext(_THEN[one.standing], time=day.told(one.time.end, ends=True))


def _line(one: Stretch, day: _Day) -> Line:
    start, end = day.told(one.time.start, ends=False), day.told(one.time.end, ends=True)
    when = gettext("from %(time)s", time=start) if one.time.end >= day.window.end else _span(one.time, start, end, day)
    return Line(str(one.standing), _ICONS[one.standing], gettext(WORDS[one.standing]), when)


def _span(time: Interval, start: str, end: str, day: _Day) -> str:
    """From when to when; the end without its day where the start has told it."""
    said = start.rpartition(" ")[0]
    if said and end.startswith(f"{said} "):
        end = end[len(said) + 1 :]
    return times.stretch(start, end, day.language)
