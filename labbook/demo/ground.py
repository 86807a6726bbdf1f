"""What is free in the demo lab at a simulated instant, so that people ask for what they can have."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from sqlalchemy import select

from ..core.hours import is_open
from ..core.interval import Interval
from ..db import db
from ..models import Booking, Closure, Hold, Resource, Unit
from .lab import Thing

_ATTENDED = timedelta(hours=5)  # nobody sits at two instruments at once; longer runs go on by themselves


class Piece(NamedTuple):
    """A unit as it is asked for."""

    id: int
    key: str


class Ground:
    """What is held and closed, read now and then; what is asked for meanwhile is noted by hand."""

    def __init__(self) -> None:
        self.units = self._units()
        self.shut = self._shut()
        self.held: dict[int, list[Interval]] = {}
        self.attended: dict[int, list[Interval]] = {}

    def refresh(self, since: datetime) -> None:
        """Read the holds that reach beyond an instant."""
        self.held, self.attended = defaultdict(list), defaultdict(list)
        rows = db.session.execute(
            select(Hold.unit_id, Hold.starts_at, Hold.ends_at, Booking.person_id)
            .join(Booking, Booking.claim_id == Hold.claim_id)
            .where(Hold.ends_at > since)
        )
        for row in rows:
            self._note(row.unit_id, row.person_id, Interval(row.starts_at, row.ends_at))

    def free_unit(self, dice: Random, thing: Thing, time: Interval, person_id: int) -> Piece | None:
        """A unit that could be had, if the place is open and the person has time; the first ones are liked best."""
        if any(time.overlaps(one) for one in self.shut[thing.slug]):
            return None
        if not is_open(thing.openings, time, thing.cover, thing.zone):
            return None
        if time.length <= _ATTENDED and any(time.overlaps(one) for one in self.attended[person_id]):
            return None
        units = [one for one in self.units[thing.slug] if self.is_free(one.id, thing, time)]
        return units[min(int(dice.expovariate(0.7)), len(units) - 1)] if units else None

    def is_free(self, unit_id: int, thing: Thing, time: Interval) -> bool:
        """Nothing is held then, buffers included."""
        wanted = thing.held(time)
        return not any(wanted.overlaps(other) for other in self.held[unit_id])

    def take(self, unit: Piece, thing: Thing, time: Interval, person_id: int) -> None:
        """Note what has just been booked."""
        self._note(unit.id, person_id, thing.held(time))

    def _note(self, unit_id: int, person_id: int, time: Interval) -> None:
        self.held[unit_id].append(time)
        if time.length <= _ATTENDED:
            self.attended[person_id].append(time)

    @staticmethod
    def _units() -> dict[str, list[Piece]]:
        found: dict[str, list[Piece]] = defaultdict(list)
        rows = db.session.execute(
            select(Resource.slug, Unit.id, Unit.key)
            .join(Unit, Unit.resource_id == Resource.id)
            .where(Unit.is_active, Resource.is_active)
            .order_by(Unit.position, Unit.id)
        )
        for slug, number, key in rows:
            found[slug].append(Piece(number, key))
        return found

    @staticmethod
    def _shut() -> dict[str, list[Interval]]:
        found: dict[str, list[Interval]] = defaultdict(list)
        closures = list(db.session.scalars(select(Closure)))
        for one in db.session.execute(select(Resource.slug, Resource.id, Resource.area_id, Resource.site_id)):
            for closure in closures:
                if (
                    closure.site_id == one.site_id
                    and closure.area_id in (None, one.area_id)
                    and closure.resource_id in (None, one.id)
                ):
                    found[one.slug].append(Interval(closure.starts_at, closure.ends_at))
        return found
