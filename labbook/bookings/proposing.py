"""Where bookings could go that lie under a closure: the nearest legal time there, or another unit or resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..catalogue.queries import units_of
from ..core.facts import Facts, Shut, Verdict
from ..core.free import nearest_free
from ..core.interval import Interval, merged
from ..core.language import Words
from ..core.lifecycle import State
from ..core.rules import judge
from ..db import db
from ..models import Booking, Resource, ResourceGroupMember, Site, Unit
from .closed import Scope
from .facts import Around, Whose, facts_for

MOST_UNITS = 6  # of one resource that are searched for another time
MOST_ALIKE = 3
MOST_OPTIONS = 3
_NO_WORDS = Words()

Decides = Callable[[Booking, Resource], bool]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place and a time to which a booking could go."""

    resource: Resource
    unit: Unit
    time: Interval


@dataclass(frozen=True, slots=True)
class Closing:
    """What is about to be closed, and when: as long as it is not written, the facts do not know it."""

    scope: Scope
    times: tuple[Interval, ...]

    def shut(self, resource: Resource) -> tuple[Shut, ...]:
        """What of it concerns a resource."""
        there, wanted = (resource.site_id, resource.area_id, resource.id), self.scope
        narrowed = (wanted.site_id, wanted.area_id, wanted.resource_id)
        if any(one not in (None, here) for one, here in zip(narrowed, there, strict=True)):
            return ()
        return tuple(Shut(one, _NO_WORDS, wanted.unit_id) for one in self.times)


def proposals(
    bookings: Iterable[Booking], *, now: datetime, decides: Decides, closing: Closing | None = None
) -> dict[int, list[Spot]]:
    """For each booking, by its id, where it could go: the best first, none twice, and no two to the same place.

    `decides` says whether moving a booking to a resource is a decision already, so that staff need not be asked again.
    """
    search = _Search(now, decides, closing)
    return {one.id: search.spots(one) for one in bookings if one.state is not State.RUNNING}


def around_of(
    booking: Booking, resource: Resource, site: Site, wanted: Interval, units: Sequence[Unit], now: datetime
) -> Around:
    """The facts of a booking at another time, unit or resource: its own holds do not count against it."""
    known = {one.slug for one in resource.kinds_of_work}
    return facts_for(
        resource,
        site,
        wanted,
        whose=Whose(
            booking.person_id,
            booking.partner_id,
            project_id=booking.project_id,
            mode=booking.mode if booking.mode in known else "",
            biosafety=booking.biosafety,
            asked_at=booking.created_at,
            but_bookings=frozenset({booking.id}),
            options=tuple(booking.options or ()) if resource.id == booking.resource_id else (),
        ),
        units=[one.id for one in units],
        now=now,
        but_claims=[booking.claim_id],
    )


class _Search:
    """Looks booking by booking; what it has proposed before counts as taken."""

    def __init__(self, now: datetime, decides: Decides, closing: Closing | None) -> None:
        self.now, self.decides, self.closing = now, decides, closing
        self.given: dict[int, list[Interval]] = {}  # by unit

    def spots(self, booking: Booking) -> list[Spot]:
        """The best of what there is."""
        site = db.session.get_one(Site, booking.site_id)
        own = db.session.get_one(Resource, booking.resource_id)
        found = list(self._at_own(booking, own, site))
        if not any(one.time == booking.time for one, _ in found):
            found += [spot for other in _alike(own) for spot in self._at_same_time(booking, other, site)]
        found.sort(key=lambda one: _distance(booking, one[0]))
        best = _apart(found)[:MOST_OPTIONS]
        if best:
            spot, facts = best[0]
            self.given.setdefault(spot.unit.id, []).append(replace(facts, wanted=spot.time).held)
        return [spot for spot, _ in best]

    def _at_own(self, booking: Booking, resource: Resource, site: Site) -> Iterator[tuple[Spot, Facts]]:
        units = _its_own_first(units_of(resource.id), booking)
        if not units or not self.decides(booking, resource):
            return
        around = self._around(booking, resource, site, booking.time, units)
        found = list(self._free(around, resource, units, booking.time))
        if not any(spot.unit.id == booking.unit_id for spot, _ in found):
            later = self._after(around, booking.time)
            if later is not None:
                again = self._around(booking, resource, site, later, units[:1])
                found += self._free(again, resource, units[:1], later)
        yield from found

    def _free(
        self, around: Around, resource: Resource, units: Sequence[Unit], wanted: Interval
    ) -> Iterator[tuple[Spot, Facts]]:
        for number, unit in enumerate(units):
            facts = self._on(around, unit)
            if _would_do(judge(facts)):
                yield Spot(resource, unit, wanted), facts
            elif number < MOST_UNITS:
                for time in nearest_free(facts, around.window, count=1):
                    yield Spot(resource, unit, time), facts

    def _at_same_time(self, booking: Booking, resource: Resource, site: Site) -> Iterator[tuple[Spot, Facts]]:
        units = units_of(resource.id)
        if not units or not self.decides(booking, resource):
            return
        around = self._around(booking, resource, site, booking.time, units)
        for unit in units:
            facts = self._on(around, unit)
            if _would_do(judge(facts)):
                yield Spot(resource, unit, booking.time), facts
                return

    def _around(
        self, booking: Booking, resource: Resource, site: Site, wanted: Interval, units: Sequence[Unit]
    ) -> Around:
        around = around_of(booking, resource, site, wanted, units, self.now)
        extra = self.closing.shut(resource) if self.closing else ()
        return replace(around, facts=replace(around.facts, shut=(*around.facts.shut, *extra)))

    def _on(self, around: Around, unit: Unit) -> Facts:
        facts = around.on(unit.id)
        return replace(facts, taken=(*facts.taken, *self.given.get(unit.id, ())))

    @staticmethod
    def _after(around: Around, wanted: Interval) -> Interval | None:
        """The same length right after a closure that is longer than what facts are read for."""
        over = [one for one in merged(one.time for one in around.facts.shut) if one.overlaps(wanted)]
        if not over or over[-1].end < around.window.end:
            return None
        return Interval(over[-1].end, over[-1].end + wanted.length)


def _would_do(verdict: Verdict) -> bool:
    return not verdict.is_refused


def _its_own_first(units: list[Unit], booking: Booking) -> list[Unit]:
    return sorted(units, key=lambda one: one.id != booking.unit_id)


def _distance(booking: Booking, spot: Spot) -> tuple[timedelta, bool, bool]:
    """How far it is from what was booked: in time, then by unit, then by resource."""
    apart = abs(spot.time.start - booking.starts_at)
    return apart, spot.resource.id != booking.resource_id, spot.unit.id != booking.unit_id


def _apart(found: list[tuple[Spot, Facts]]) -> list[tuple[Spot, Facts]]:
    """One for each time and resource: which of alike units it is does not matter."""
    known: set[tuple[int, Interval]] = set()
    best = []
    for spot, facts in found:
        about = (spot.resource.id, spot.time)
        if about not in known:
            known.add(about)
            best.append((spot, facts))
    return best


_place, _own = aliased(ResourceGroupMember), aliased(ResourceGroupMember)


def _alike(resource: Resource) -> list[Resource]:
    """Active resources of the same site that share a group with it; those of its area first."""
    shared = (
        select(_place.resource_id)
        .join(_own, _own.group_id == _place.group_id)
        .where(_own.resource_id == resource.id, _place.resource_id != resource.id)
    )
    rows = db.session.scalars(
        select(Resource)
        .where(
            Resource.id.in_(shared),
            Resource.site_id == resource.site_id,
            Resource.by_day == resource.by_day,
            Resource.is_active,
        )
        .order_by(Resource.area_id != resource.area_id, Resource.id)
        .limit(MOST_ALIKE)
    )
    return list(rows)
