"""What is held on units, as far as it stands in the way of a booking."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select

from ..core.interval import Interval
from ..core.lifecycle import State
from ..db import db
from ..models import Booking, Hold

ByUnit = dict[int, tuple[Interval, ...]]

# Made once: everybody's request asks for one of these.
_TAKEN = (
    select(Hold.unit_id, Hold.starts_at, Hold.ends_at)
    .where(
        Hold.unit_id.in_(bindparam("units", expanding=True)),
        Hold.ends_at > bindparam("after"),
        Hold.starts_at < bindparam("before"),
        Hold.claim_id.not_in(bindparam("but_claims", expanding=True)),
    )
    .order_by(Hold.starts_at)
)
# What a booking holds besides its own unit is shared with nobody.
_TAKEN_BY = _TAKEN.outerjoin(
    Booking,
    and_(Booking.claim_id == Hold.claim_id, Booking.unit_id == Hold.unit_id, Booking.state != State.WISHED),
).add_columns(Booking.person_id, Booking.starts_at.label("begins"), Booking.ends_at.label("ends"), Booking.used_until)


class Taken(NamedTuple):
    """What stands in the way, by unit; and, by unit again, which of it are own bookings that share buffers."""

    all: ByUnit
    own: ByUnit


def taken_on(
    units: Iterable[int], window: Interval, but_claims: Collection[int] = (), *, shared_by: int | None = None
) -> Taken:
    """What is held on these units within the window, but for these claims; one statement.

    Of the bookings of the person by whom buffers are `shared` only the times stand in the way, not their buffers.
    """
    found: dict[int, list[Interval]] = {unit: [] for unit in units}
    own: dict[int, list[Interval]] = {unit: [] for unit in found}
    about = {"units": list(found), "after": window.start, "before": window.end, "but_claims": list(but_claims) or [0]}
    for row in db.session.execute(_TAKEN if shared_by is None else _TAKEN_BY, about):
        time = Interval(row.starts_at, row.ends_at)
        if shared_by is not None and row.person_id == shared_by and _is_own(row, time, own[row.unit_id]):
            time = _used(row)
            own[row.unit_id].append(time)
        found[row.unit_id].append(time)
    return Taken(_fixed(found), _fixed(own))


def _is_own(row: Any, time: Interval, own: list[Interval]) -> bool:
    """Whether it is held for the booking's own time, not for another that it may be moved to."""
    return time.covers(_used(row)) and _used(row) not in own


def _used(row: Any) -> Interval:
    return Interval(row.begins, row.used_until or row.ends)


def _fixed(by_unit: dict[int, list[Interval]]) -> ByUnit:
    return {unit: tuple(times) for unit, times in by_unit.items()}
