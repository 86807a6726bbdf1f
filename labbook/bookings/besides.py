"""What bookings hold of other resources that are linked to their own, as rows for disclosure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from ..core.disclosure import BookingRow
from ..core.interval import Interval
from ..core.language import Words
from ..db import db
from ..models import Booking, Hold, Partner, Person, Request, Resource, ResourceLink, Unit
from .queries import ROW, each

_HELD: dict[str, Any] = {"unit_id": Hold.unit_id, "resource_id": Unit.resource_id}
_LINKED = select(Unit.id).join(ResourceLink, ResourceLink.other_id == Unit.resource_id)


class Beside(NamedTuple):
    """A booking on a unit that is held with its own; where it only may be moved to, it does not stand there yet."""

    row: BookingRow
    stands: bool


def rows_besides(window: Interval, *conditions: ColumnElement[bool]) -> list[Beside]:
    """Bookings as they stand on units of linked resources within the window, a row for each hold; one statement.

    Of a booking that may be moved a row stands where it holds something for that, as long as that is held.
    """
    columns = [_HELD.get(one.key, one) for one in ROW]
    rows = db.session.execute(
        select(*columns)
        .select_from(Hold)
        .join(Unit, Unit.id == Hold.unit_id)
        .join(Booking, Booking.claim_id == Hold.claim_id)
        .join(Request, Request.id == Booking.request_id)
        .join(Partner, Partner.id == Request.partner_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Hold.unit_id.in_(_LINKED),
            Hold.ends_at > window.start,
            Hold.starts_at < window.end,
            Unit.resource_id != Booking.resource_id,
            *conditions,
        )
        .order_by(Hold.starts_at, Hold.unit_id)
    )
    return [_as_held(each([row])[0]) for row in rows]


def rows_besides_of(resource_ids: Collection[int], window: Interval) -> list[Beside]:
    """The same on units of some resources."""
    return rows_besides(window, Unit.resource_id.in_(sorted(resource_ids)))


def _as_held(row: BookingRow) -> Beside:
    """With the time for which it is held, where that is not the booking's own."""
    if row.hold is None or row.hold.overlaps(row.time):
        return Beside(row, True)
    return Beside(replace(row, time=row.hold), False)


class Together(NamedTuple):
    """A resource that is held with a booking; the names of its units, none where all of them are."""

    name: Words
    units: tuple[str, ...]

    @classmethod
    def spelled(cls, said: Mapping[str, Any]) -> Together:
        """As history keeps it."""
        return cls(Words(said.get("en", ""), said.get("ja", "")), tuple(said.get("units", ())))

    def spell(self) -> dict[str, Any]:
        """The same for history."""
        return {"en": self.name.en, "ja": self.name.ja, "units": list(self.units)}

    def text(self, language: str) -> str:
        """Its name, and those of its units, in a language."""
        return f"{self.name.text(language)} {', '.join(self.units)}".strip()


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
