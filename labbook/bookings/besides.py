"""What bookings hold of other resources that are linked to their own, as rows for disclosure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, select

from ..core.disclosure import BookingRow
from ..core.interval import Interval
from ..core.lifecycle import State
from ..core.links import Together
from ..db import db
from ..models import Booking, Hold, Partner, Person, Request, Resource, ResourceLink, Unit
from .queries import ROW, each

_HELD: dict[str, Any] = {"unit_id": Hold.unit_id, "resource_id": Unit.resource_id}
_LINKED = (
    select(Unit.id)
    .distinct()
    .join(Resource, Resource.id == Unit.resource_id)
    .join(ResourceLink, ResourceLink.other_id == Resource.id)
)
_BESIDES = (
    select(*(_HELD.get(one.key, one) for one in ROW))
    .select_from(Hold)
    .join(Unit, Unit.id == Hold.unit_id)
    .join(Booking, Booking.claim_id == Hold.claim_id)
    .join(Request, Request.id == Booking.request_id)
    .join(Partner, Partner.id == Request.partner_id)
    .join(Person, Person.id == Booking.person_id)
    .where(
        Hold.unit_id.in_(bindparam("units", expanding=True)),
        Hold.ends_at > bindparam("after"),
        Hold.starts_at < bindparam("before"),
        Unit.resource_id != Booking.resource_id,
    )
    .order_by(Hold.starts_at, Hold.unit_id)
)


class Beside(NamedTuple):
    """A booking on a unit that is held with its own; where it only may be moved to, it does not stand there yet."""

    row: BookingRow
    stands: bool


def rows_besides(site_id: int, window: Interval) -> list[Beside]:
    """Bookings as they stand on units of a site's linked resources within the window, a row for each hold.

    Of a booking that may be moved a row stands where it holds something for that, as long as that is held.
    """
    return _rows_besides(window, Resource.site_id == site_id)


def rows_besides_of(resource_ids: Collection[int], window: Interval, *conditions: ColumnElement[bool]) -> list[Beside]:
    """The same on units of some resources. The conditions are about the Booking."""
    return _rows_besides(window, Resource.id.in_(sorted(resource_ids)), *conditions)


def _rows_besides(window: Interval, about: ColumnElement[bool], *conditions: ColumnElement[bool]) -> list[Beside]:
    """Two statements, or one where nothing is linked: with the units named, the holds are looked up by them."""
    units = list(db.session.scalars(_LINKED.where(about)))
    if not units:
        return []
    values = {"units": units, "after": window.start, "before": window.end}
    return [_as_held(each([row])[0]) for row in db.session.execute(_BESIDES.where(*conditions), values)]


def _as_held(row: BookingRow) -> Beside:
    """With the time for which it is held, where that is not the booking's own."""
    stands = row.state is not State.WISHED  # which holds just what staff propose for it
    if row.hold is None or (stands and row.hold.overlaps(row.time)):
        return Beside(row, stands)
    return Beside(replace(row, time=row.hold), False)


_SIZE = select(func.count(Unit.id)).where(Unit.resource_id == Resource.id, Unit.is_active).correlate(Resource)
_TOGETHER = (
    select(Booking.key, Resource.id, Resource.name, Unit.name.label("unit"), _SIZE.scalar_subquery().label("size"))
    .distinct()
    .select_from(Booking)
    .join(Hold, Hold.claim_id == Booking.claim_id)
    .join(Unit, Unit.id == Hold.unit_id)
    .join(Resource, Resource.id == Unit.resource_id)
    .where(Unit.resource_id != Booking.resource_id)
    .order_by(Resource.id, Unit.name)
)


def together_with(keys: Iterable[str], *conditions: ColumnElement[bool]) -> dict[str, list[Together]]:
    """What of other resources is held with these bookings, by their keys; `conditions` are on a Resource."""
    found: dict[str, dict[int, list[Any]]] = {}
    for row in db.session.execute(_TOGETHER.where(Booking.key.in_(list(keys)), *conditions)):
        found.setdefault(row.key, {}).setdefault(row.id, []).append(row)
    return {key: [_together(rows) for rows in by_resource.values()] for key, by_resource in found.items()}


def _together(rows: list[Any]) -> Together:
    is_all = len(rows) >= rows[0].size
    return Together(rows[0].name, () if is_all else tuple(row.unit for row in rows))
