"""The day list of a site on paper: each resource of an area with what stands on it, in order.

Whoever prints it chooses how much: times alone, which are fit for a wall that everybody passes, or all that they see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ...bookings.parts import TAKEN
from ...bookings.schedule import Schedule, UnitLane
from ...catalogue.queries import areas_at
from ...core.disclosure import Full, Relation
from ...core.interval import Interval, gaps, local_day, merged
from ...core.language import person_name
from ...core.lifecycle import State
from ...web import times
from ...web.sentences import state_label
from .. import queries


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that stands on a resource on that day."""

    when: str
    unit: str
    what: str
    who: str
    state: str  # a word, where it is not settled
    kind: str  # booked, busy, closed


@dataclass(frozen=True, slots=True)
class Listed:
    """One resource."""

    name: str
    entries: list[Entry]
    summary: str = ""  # of benches and shelves, which are too many to list


@dataclass(frozen=True, slots=True)
class AreaList:
    """An area: a sheet of its own."""

    slug: str
    name: str
    resources: list[Listed]


@dataclass(frozen=True, slots=True)
class DayList:
    """A site's day on paper."""

    site: str
    site_slug: str
    on: date
    heading: str
    previous: date
    following: date
    zone: str
    printed: str
    areas: list[AreaList]  # that were asked for
    choices: list[tuple[str, str]]  # slugs and names of all areas in which the reader sees anything


class _Clock:
    """How instants are told on a list about one local day."""

    def __init__(self, on: date, zone: ZoneInfo, language: str) -> None:
        self.on, self.zone, self.language, self.time = on, zone, language, local_day(on, zone)

    def span(self, time: Interval) -> str:
        """From when to when; what reaches over the edge of the day says so with its date."""
        return times.stretch(self._at(time.start, ends=False), self._at(time.end, ends=True), self.language)

    def days(self, time: Interval) -> str:
        """The days of what is booked by days."""
        return times.when(time, self.zone, self.language, by_day=True)

    def _at(self, at: datetime, *, ends: bool) -> str:
        on, said = times.day_and_clock(at, self.zone, ends=ends)
        return said if on == self.on else f"{times.short_date(on, self.language)} {said}"


def day_list(schedule: Schedule, on: date, area: str, *, in_full: bool, now: datetime, language: str) -> DayList:
    """The list of one local day; of one area where its slug is given and known."""
    site, clock = schedule.site, _Clock(on, schedule.site.zoneinfo, language)
    lanes = schedule.lanes(clock.time, [])
    if not in_full:
        hidden = queries.hidden_at(site.id)
        lanes = [one for one in lanes if one.what.resource_id not in hidden]
    places = areas_at(site.id)
    groups = [(places[number], list(group)) for number, group in groupby(lanes, key=lambda one: one.what.area_id)]
    slugs = {one.slug for one, _ in groups}
    return DayList(
        site=site.name.text(language),
        site_slug=site.slug,
        on=on,
        heading=times.long_date(on, language),
        previous=date.fromordinal(on.toordinal() - 1),
        following=date.fromordinal(on.toordinal() + 1),
        zone=times.day_zone_label(site.zoneinfo, clock.time),
        printed=times.moment(now, site.zoneinfo, language),
        areas=[
            AreaList(place.slug, place.name.text(language), list(_resources(group, clock, in_full=in_full)))
            for place, group in groups
            if area not in slugs or place.slug == area
        ],
        choices=[(place.slug, place.name.text(language)) for place, _ in groups],
    )


def _resources(lanes: Sequence[UnitLane], clock: _Clock, *, in_full: bool) -> Iterator[Listed]:
    for _, group in groupby(lanes, key=lambda one: one.what.resource_id):
        units = list(group)
        name = units[0].what.name.text(clock.language)
        if len(units) > 1 and units[0].what.by_day and not in_full:
            yield Listed(name, [], _count(units, clock.time))
            continue
        yield Listed(
            name,
            [
                one
                for lane in units
                for _, one in sorted(_entries(lane, clock, len(units), in_full=in_full), key=lambda pair: pair[0])
            ],
        )


def _count(units: Sequence[UnitLane], time: Interval) -> str:
    taken = sum(any(one.overlaps(time) for one in _held(lane)) for lane in units)
    return ngettext("%(taken)s of %(num)s taken", "%(taken)s of %(num)s taken", len(units), taken=taken)


def _held(lane: UnitLane) -> list[Interval]:
    """When the unit is kept, by whomever."""
    parts = [one.time for one in lane.shut if one.reason == TAKEN]
    return merged([*lane.busy, *parts, *(one.booking.hold for one in lane.full if one.booking.hold)])


def _entries(lane: UnitLane, clock: _Clock, pieces: int, *, in_full: bool) -> Iterator[tuple[datetime, Entry]]:
    unit = lane.what.unit if pieces > 1 else ""
    if in_full:
        booked = [one for one in lane.full if one.booking.time.overlaps(clock.time)]
        yield from ((one.booking.time.start, _full(one, unit, clock)) for one in booked)
    taken = [*lane.busy, *(one.time for one in lane.shut if one.reason == TAKEN)] if in_full else _held(lane)
    for time in _within(taken, clock.time):
        yield time.start, Entry(clock.span(time), unit, gettext("In use"), "", "", "busy")
    for shut in lane.shut:
        if shut.reason != TAKEN and (part := shut.time.clipped(clock.time)):
            note = shut.reason.text(clock.language)
            yield part.start, Entry(clock.span(part), unit, gettext("Closed"), note, "", "closed")
    if lane.outside and not any(gaps(clock.time, lane.outside)):
        yield clock.time.start, Entry(clock.span(clock.time), unit, gettext("Closed"), "", "", "closed")


def _within(several: Iterable[Interval], day: Interval) -> list[Interval]:
    return [part for one in merged(several) if (part := one.clipped(day))]


def _full(one: Full, unit: str, clock: _Clock) -> Entry:
    booking = one.booking
    name = person_name(booking.family_name, booking.given_name, clock.language)
    is_ours = one.relation in (Relation.OWN, Relation.PARTNER)
    who = name if is_ours else f"{booking.partner_name.text(clock.language)} · {name}"
    state = state_label(booking.state) if booking.state in (State.WAITING, State.WISHED) else ""
    when = clock.days(booking.time) if booking.by_day else clock.span(booking.time)
    return Entry(when, unit, booking.title, who, state, "booked")
