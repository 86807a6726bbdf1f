"""Which bookings lie under a closure: of what is closed, and of what is about to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload
from sqlalchemy.sql.base import ExecutableOption

from ..core.closing import ClosureKind
from ..core.flags import SUSPENDS, Choice, Lost
from ..core.hours import Cover
from ..core.interval import Interval
from ..core.lifecycle import State
from ..db import db
from ..models import Booking, Closure, Flag, Hold, Resource, Unit

CONCERNED = SUSPENDS | {State.RUNNING}
"""What a closure concerns: all that is yet to come, and what runs."""

Number = InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | int | None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is closed: a whole site, or an area, a resource or a unit of it."""

    site_id: int
    area_id: int | None = None
    resource_id: int | None = None
    unit_id: int | None = None
    kind: ClosureKind | None = field(default=None, compare=False)

    @classmethod
    def of(cls, closure: Closure) -> Scope:
        """What a closure closes."""
        return cls(closure.site_id, closure.area_id, closure.resource_id, closure.unit_id, closure.kind)

    @property
    def is_whole_site(self) -> bool:
        """Nothing narrower than the site."""
        return self == Scope(self.site_id)


def bookings_under(scope: Scope, times: Iterable[Interval], *, now: datetime) -> list[Booking]:
    """What is booked, wished for or runs there at these times, so far as it is still to come, by start.

    Bookings that hold something there through a link count as well.
    """
    ahead = [one for one in times if one.end > now]
    if not ahead:
        return []
    found = db.session.scalars(
        select(Booking)
        .options(*_WITH_REQUEST)
        .where(
            Booking.state.in_(CONCERNED),
            Booking.ends_at > max(now, min(one.start for one in ahead)),
            Booking.starts_at < max(one.end for one in ahead),
            _lies_in(scope.site_id, scope.area_id, scope.resource_id, scope.unit_id),
            not_(_goes_on()) if scope.kind is ClosureKind.HOLIDAY else true(),
        )
        .order_by(Booking.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    )
    return [one for one in found if any(one.time.overlaps(time) for time in ahead)]


def is_closed_over(now: datetime) -> ColumnElement[bool]:
    """The condition under which some closure that is not over lies over a Booking."""
    return exists().where(
        Closure.ends_at > now,
        Closure.starts_at < Booking.ends_at,
        Closure.ends_at > Booking.starts_at,
        _lies_in(Closure.site_id, Closure.area_id, Closure.resource_id, Closure.unit_id),
        or_(Closure.kind != ClosureKind.HOLIDAY, not_(_goes_on())),
    )


def _goes_on() -> ColumnElement[bool]:
    """The condition under which a public holiday does not interrupt a Booking; as `Shut.binds`."""
    at_any_hour = exists().where(Resource.id == Booking.resource_id, Resource.cover == Cover.NONE)
    return and_(Booking.by_day, at_any_hour.correlate_except(Resource))


def closed_over(booking_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Those of these bookings over which some closure lies."""
    wanted = select(Booking.id).where(Booking.id.in_(list(booking_ids)), is_closed_over(now))
    return frozenset(db.session.scalars(wanted))


def flags_of_closing(closing: str, booking_ids: Iterable[int] = ()) -> list[tuple[Flag, Booking]]:
    """The flags that were raised for what was closed in one go, and those of these bookings, by start."""
    rows = db.session.execute(
        select(Flag, Booking)
        .join(Booking, Booking.id == Flag.booking_id)
        .options(*_WITH_REQUEST)
        .where(Flag.code == Lost.CLOSED, or_(Flag.closing == closing, Flag.booking_id.in_(list(booking_ids))))
        .order_by(Booking.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    )
    return [(flag, booking) for flag, booking in rows]


def was_kept(booking_ids: Sequence[int]) -> frozenset[int]:
    """Those of these bookings that staff keep under a closure."""
    kept = select(Flag.booking_id).where(
        Flag.booking_id.in_(booking_ids), Flag.code == Lost.CLOSED, Flag.choice == Choice.KEPT
    )
    return frozenset(db.session.scalars(kept))


_WITH_REQUEST: tuple[ExecutableOption, ...] = (
    joinedload(Booking.request, innerjoin=True),
    joinedload(Booking.claim, innerjoin=True),
)


def _lies_in(site: Number, area: Number, resource: Number, unit: Number) -> ColumnElement[bool]:
    """The condition under which a Booking has to do with what is closed; the columns of a Closure, or numbers."""
    its_place = and_(_is(area, Resource.area_id), _is(resource, Resource.id))
    own = and_(
        Booking.site_id == site,
        exists().where(Resource.id == Booking.resource_id, its_place).correlate_except(Resource),
        _is(unit, Booking.unit_id),
    )
    linked = (
        exists()
        .where(
            Hold.claim_id == Booking.claim_id,
            Hold.unit_id != Booking.unit_id,
            Unit.id == Hold.unit_id,
            Resource.id == Unit.resource_id,
            Resource.site_id == site,
            its_place,
            _is(unit, Unit.id),
        )
        .correlate_except(Hold, Unit, Resource)
    )
    return or_(own, linked)


def _is(wanted: Number, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Nothing narrower is wanted, or it is this one."""
    if wanted is None:
        return true()
    if isinstance(wanted, int):
        return column == wanted
    return or_(wanted.is_(None), column == wanted)
