"""What a booking holds besides its own unit: units of resources that are linked to its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from .allocating import best_fit
from .buffers import held
from .hours import Cover, Opening, is_open, open_intervals
from .interval import Interval, gaps, merged
from .language import Words
from .terms import Terms

Place = tuple[int, Interval]  # a unit, and for how long


@dataclass(frozen=True, slots=True)
class LinkedUnit:
    """A unit of a linked resource, with what is held on it: in order, its parts apart; and when it is shut."""

    unit_id: int
    busy: tuple[Interval, ...]
    shut: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """A resource of which so many units are held with every booking of another one; all of them where none is said.

    What is contained is there at any hour; whatever is needed besides has hours of its own, as an operator has.
    """

    resource_id: int
    name: Words  # empty where whoever books may not know of it
    terms: Terms
    pieces: int | None
    units: tuple[LinkedUnit, ...]
    known: Interval  # for which it is known what stands in the way
    openings: tuple[Opening, ...] | None = None  # None: they do not bind

    def hold(self, wanted: Interval, own: Terms, zone: ZoneInfo) -> Interval:
        """What is held of it with a booking on these terms."""
        return hold_of_linked(wanted, own, self.terms, zone)

    def chosen(
        self, wanted: Interval, own: Terms, zone: ZoneInfo, *, stays: Iterable[int] = ()
    ) -> tuple[int, ...] | None:
        """The units to hold with a booking, by best fit; None where there are not enough of them.

        Those that `stays` names are held for this booking already, for this time or longer.
        """
        if self.pieces is None:
            return self._all(wanted, own, zone)
        kept = [one.unit_id for one in self.units if one.unit_id in set(stays)][: self.pieces]
        if (more := self.pieces - len(kept)) == 0:
            return tuple(kept)
        found = best_fit(self.hold(wanted, own, zone), self._usable(wanted, zone, kept), self.known)[:more]
        return (*kept, *found) if len(found) == more else None

    def _usable(self, wanted: Interval, zone: ZoneInfo, but: Sequence[int]) -> Iterator[tuple[int, Sequence[Interval]]]:
        """The units that are open, and not shut, then."""
        if self.openings is not None and not is_open(self.openings, wanted, self.terms.cover, zone):
            return
        for one in self.units:
            if one.unit_id not in but and not any(wanted.overlaps(shut) for shut in one.shut):
                yield one.unit_id, one.busy

    def free(self, wanted: Interval, own: Terms, zone: ZoneInfo) -> list[int]:
        """As many of the units as are to be had, where there are not enough of them."""
        if self.pieces is None:
            return best_fit(self.hold(wanted, own, zone), self._each(), self.known)
        return best_fit(self.hold(wanted, own, zone), self._usable(wanted, zone, ()), self.known)[: self.pieces]

    def _all(self, wanted: Interval, own: Terms, zone: ZoneInfo) -> tuple[int, ...] | None:
        free = self.free(wanted, own, zone)
        return tuple(one.unit_id for one in self.units) if len(free) == len(self.units) else None

    def _each(self) -> list[tuple[int, Sequence[Interval]]]:
        return [(one.unit_id, one.busy) for one in self.units]


def rooms(linked: Iterable[Linked], zone: ZoneInfo) -> Iterator[list[Interval]]:
    """For each of these the time outside of which it is certainly not to be had: a cheap look."""
    for one in linked:
        if one.pieces is None:
            yield list(gaps(one.known, (busy for unit in one.units for busy in unit.busy)))
        elif one.openings is not None and one.terms.cover is Cover.ALL:
            yield open_intervals(one.openings, one.known, zone)


def hold_of_linked(wanted: Interval, own: Terms, other: Terms, zone: ZoneInfo) -> Interval:
    """What is held of a linked resource with a booking: the wider of both buffers.

    What one person's bookings share may be shorter than their buffers: then only those of the linked resource count.
    """
    its = held(wanted, other, zone)
    if own.shares_buffers:
        return its
    full = held(wanted, own, zone)
    return Interval(min(its.start, full.start), max(its.end, full.end))


def missing(linked: Iterable[Linked], wanted: Interval, own: Terms, zone: ZoneInfo) -> Linked | None:
    """The first of what is linked that is not to be had then."""
    return next((one for one in linked if one.chosen(wanted, own, zone) is None), None)


def held_with(linked: Iterable[Linked], wanted: Interval, own: Terms, zone: ZoneInfo) -> list[Place]:
    """What would be held with a booking, as far as it is to be had."""
    return [(unit, one.hold(wanted, own, zone)) for one in linked for unit in one.chosen(wanted, own, zone) or ()]


def with_held(linked: Sequence[Linked], places: Sequence[Place]) -> tuple[Linked, ...]:
    """The same once these units are held, too."""
    if not linked or not places:
        return tuple(linked)
    return tuple(replace(one, units=tuple(_busier(unit, places) for unit in one.units)) for one in linked)


def _busier(unit: LinkedUnit, places: Sequence[Place]) -> LinkedUnit:
    more = [time for number, time in places if number == unit.unit_id]
    return replace(unit, busy=tuple(merged([*unit.busy, *more]))) if more else unit
