"""Puts a site's schedule together: reads, disclosure, drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..catalogue import queries as catalogue
from ..catalogue.bookable import areas_shown, units_at, units_on_schedule
from ..core.disclosure import BookingRow, Busy, Full, busy_blocks, kept_apart, shown_to
from ..core.facts import Shut
from ..core.hours import Cover, closed_intervals
from ..core.interval import Interval, gaps
from ..core.language import Words
from ..core.lifecycle import Action, is_possible
from ..core.permissions import Actor, Do, Matter, may
from ..core.place import Bookable
from ..home.favourites import favourite_ids
from ..models import Closure, OpeningRow, Resource, Site
from . import scheduled
from .parts import shut_by_parts


@dataclass(frozen=True, slots=True)
class UnitLane:
    """One unit and what lies on it, as far as the viewer may know."""

    what: Bookable
    full: list[Full]
    busy: list[Interval]
    shut: list[Shut]
    outside: list[Interval]
    may_ask: bool  # those who keep what is busy
    movable: frozenset[str] = frozenset()  # the keys of the bookings that the viewer may move

    def covers_all(self, time: Interval) -> bool:
        """Whether it is closed over the whole of a time."""
        return not any(gaps(time, [*(one.time for one in self.shut), *self.outside]))


@dataclass(frozen=True, slots=True)
class AreaAt:
    """What a schedule says of an area."""

    slug: str
    name: Words


@dataclass(frozen=True, slots=True)
class Schedule:
    """A site's schedule for one viewer."""

    viewer: Actor
    site: Site

    def lanes(
        self, window: Interval, kinds: Sequence[str] = (), *, words: Sequence[str] = (), area: str = ""
    ) -> list[UnitLane]:
        """Every unit that the viewer may see, by area and resource; a fixed number of statements."""
        found = units_at(self.viewer, self.site.id, kinds, words=words, area=area)
        return _lanes(self.viewer, found, scheduled.rows_on_schedule(self.site.id, window), self.site, window)

    def stays(self, window: Interval, kinds: Sequence[str]) -> list[UnitLane]:
        """The same of what is booked by half days, days, weeks or months; bookings by the clock are not read."""
        found = units_at(self.viewer, self.site.id, kinds, by_calendar=True)
        rows = scheduled.rows_of_resources({what.resource_id for what in found}, window)
        return _lanes(self.viewer, found, rows, self.site, window)

    def areas(self) -> dict[int, AreaAt]:
        """The areas by id, in their order, in which there is anything for the viewer."""
        return {one.id: AreaAt(one.slug, one.name) for one in areas_shown(self.viewer, self.site.id)}

    def favourites(self) -> frozenset[int]:
        """The ids of the resources that the viewer wants to see first."""
        return favourite_ids(self.viewer.person_id)


def schedule_of(viewer: Actor, slug: str) -> Schedule:
    """The schedule of a site that the viewer may see. Raises NotFoundError."""
    return Schedule(viewer, catalogue.site_by_slug(viewer, slug))


def lanes_of_resource(viewer: Actor, resource: Resource, site: Site, window: Interval) -> list[UnitLane]:
    """The same for one resource."""
    found = units_on_schedule(resource.id)
    return _lanes(viewer, found, scheduled.rows_of_resource(resource.id, window), site, window)


def _lanes(
    viewer: Actor,
    units: Sequence[Bookable],
    rows: Sequence[BookingRow],
    site: Site,
    window: Interval,
) -> list[UnitLane]:
    full: dict[int, list[Full]] = {}
    busy: list[Busy] = []
    for row in rows:
        shown = shown_to(viewer, row)
        if isinstance(shown, Full):
            full.setdefault(row.unit_id, []).append(shown)
        elif shown is not None:
            busy.append(shown)
    apart = kept_apart({what.unit_id: what.shares_buffers for what in units}, merges=site.merges_busy)
    blocks = busy_blocks(busy, apart=apart)
    closures = catalogue.closures_at(site.id, window)
    openings = catalogue.openings_at(site.id)
    outside = _Outside(openings, window, site.zoneinfo)
    may_ask = may(viewer, Do.ASK_HOLDER, Matter(site.id))
    shut = [(one, one.shut) for one in closures]
    parts = shut_by_parts(site.id, {what.resource_id for what in units}, window)
    return [
        UnitLane(
            what,
            full.get(what.unit_id, []),
            blocks.get(what.unit_id, []),
            [*(fact for one, fact in shut if _concerns(one, what)), *parts.get(what.resource_id, ())],
            outside.of(what),
            may_ask,
            frozenset(one.booking.key for one in full.get(what.unit_id, []) if _may_move(viewer, one.booking)),
        )
        for what in units
    ]


def _may_move(viewer: Actor, row: BookingRow) -> bool:
    """Whether it is one that the viewer may move; what is only offered to somebody is not."""
    matter = Matter(row.site_id, row.partner_id, frozenset({row.person_id}))
    return bool(row.request_key) and is_possible(row.state, Action.EXTEND) and may(viewer, Do.MOVE_BOOKING, matter)


class _Outside:
    """When resources are shut by their weekly hours; worked out once for all that share the same hours."""

    def __init__(self, openings: Sequence[OpeningRow], window: Interval, zone: ZoneInfo) -> None:
        self.openings, self.window, self.zone = openings, window, zone
        self.known: dict[tuple[int, ...], list[Interval]] = {}

    def of(self, what: Bookable) -> list[Interval]:
        """The closed stretches to draw; none where hours do not bind the whole booking."""
        if what.cover is not Cover.ALL:
            return []
        rows = catalogue.nearest_hours(self.openings, what.area_id, what.resource_id)
        key = tuple(row.id for row in rows)
        if key not in self.known:
            self.known[key] = closed_intervals([row.opening for row in rows], self.window, self.zone)
        return self.known[key]


def _concerns(closure: Closure, what: Bookable) -> bool:
    is_here = closure.resource_id in (None, what.resource_id) and closure.area_id in (None, what.area_id)
    is_its = is_here and closure.unit_id in (None, what.unit_id)
    return is_its and closure.shut.binds(by_day=what.by_day, cover=what.cover)
