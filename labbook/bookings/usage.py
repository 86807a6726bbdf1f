"""What a partner has used of a site, as limits count it; read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ..core.calendar import Calendar
from ..core.interval import Interval
from ..core.lifecycle import HOLDS_TIME, USED, State
from ..core.limits.applied import Applied
from ..core.usage import Ledger, Use
from ..db import db
from ..models import Booking, Hold, Offer, Partner, Unit, Wait
from ..models.use import counted_until, used_until, was_used

COUNTS = HOLDS_TIME | USED


class _Minute(FunctionElement[int]):
    """An instant as whole minutes since the epoch, worked out by the database: quicker than five thousand datetimes."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Minute)
def _minute(element: _Minute, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)}) AS BIGINT) / 60"


@compiles(_Minute, "sqlite")
def _minute_of_sqlite(element: _Minute, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER) / 60"


# Made once: everybody's request asks for these.
_USES = (
    select(
        _Minute(Booking.starts_at),
        _Minute(counted_until()),
        Booking.resource_id,
        Booking.person_id,
        Booking.project_id,
        _Minute(Booking.created_at),
        Booking.mode,
    )
    .where(
        Booking.partner_id == bindparam("partner_id"),
        Booking.site_id == bindparam("site_id"),
        Booking.ends_at > bindparam("after"),
        Booking.starts_at < bindparam("before"),
        or_(Booking.state.in_(sorted(COUNTS)), Booking.counts_anyway),
        Booking.id.not_in(bindparam("but", expanding=True)),
    )
    .order_by(Booking.starts_at)
)
_EXPERIENCE = select(func.sum(_Minute(used_until()) - _Minute(Booking.starts_at))).where(
    Booking.person_id == bindparam("person_id"),
    Booking.resource_id == bindparam("resource_id"),
    was_used(),
)
_EXPERIENCE_AMONG = (
    select(Booking.resource_id, func.sum(_Minute(used_until()) - _Minute(Booking.starts_at)).label("minutes"))
    .where(
        Booking.person_id == bindparam("person_id"),
        Booking.resource_id.in_(bindparam("resource_ids", expanding=True)),
        was_used(),
    )
    .group_by(Booking.resource_id)
)
_GIVEN = Booking.state.in_(sorted(USED | {State.APPROVED, State.RUNNING}))
_BOOKED = (
    select(Booking.id)
    .where(
        Booking.person_id == bindparam("person_id"),
        Booking.resource_id == bindparam("resource_id"),
        _GIVEN,
    )
    .limit(1)
)
_BOOKED_AMONG = (
    select(Booking.resource_id)
    .where(
        Booking.person_id == bindparam("person_id"),
        Booking.resource_id.in_(bindparam("resource_ids", expanding=True)),
        _GIVEN,
    )
    .distinct()
)
# Whatever holds a unit: bookings, what goes with them of other resources, and offers, which look the same to others.
_PRESENT = (
    select(Partner.key, Unit.resource_id, Hold.starts_at, Hold.ends_at)
    .select_from(Hold)
    .join(Unit, Unit.id == Hold.unit_id)
    .outerjoin(Booking, Booking.claim_id == Hold.claim_id)
    .outerjoin(Offer, Offer.claim_id == Hold.claim_id)
    .outerjoin(Wait, Wait.id == Offer.wait_id)
    .join(Partner, Partner.id == func.coalesce(Booking.partner_id, Wait.partner_id))
    .where(
        Unit.resource_id.in_(bindparam("resources", expanding=True)),
        Partner.key.in_(bindparam("partners", expanding=True)),
        Hold.ends_at > bindparam("after"),
        Hold.starts_at < bindparam("before"),
    )
)


def ledger(partner_id: int, site_id: int, window: Interval, calendar: Calendar, *, but: Collection[int] = ()) -> Ledger:
    """The partner's uses of a site within the window, without some bookings; one statement."""
    about = {
        "partner_id": partner_id,
        "site_id": site_id,
        "after": window.start,
        "before": window.end,
        "but": list(but) or [0],
    }
    uses = list(map(Use._make, db.session.execute(_USES, about)))
    return Ledger(uses, lambda: _midnights(uses, calendar))


def _midnights(uses: list[Use], calendar: Calendar) -> list[int]:
    if not uses:
        return []
    return calendar.midnights(calendar.interval(uses[0].start, uses[-1].start + 1))


def minutes_used(person_id: int, resource_id: int) -> int:
    """How long the person has used a resource so far."""
    return db.session.scalar(_EXPERIENCE, {"person_id": person_id, "resource_id": resource_id}) or 0


def has_booked(person_id: int, resource_id: int) -> bool:
    """Whether the person has, or has had, a booking of a resource that stood; one statement."""
    return db.session.scalar(_BOOKED, {"person_id": person_id, "resource_id": resource_id}) is not None


def minutes_used_among(person_id: int, resource_ids: Iterable[int]) -> dict[int, int]:
    """How long the person has used each of these resources so far; one statement."""
    rows = db.session.execute(_EXPERIENCE_AMONG, {"person_id": person_id, "resource_ids": list(resource_ids)})
    return {row.resource_id: row.minutes or 0 for row in rows}


def booked_among(person_id: int, resource_ids: Iterable[int]) -> frozenset[int]:
    """Those of these resources of which the person has, or has had, a booking that stood; one statement."""
    about = {"person_id": person_id, "resource_ids": list(resource_ids)}
    return frozenset(db.session.scalars(_BOOKED_AMONG, about))


def present(apart: Iterable[tuple[Applied, frozenset[str]]], window: Interval) -> dict[str, tuple[Interval, ...]]:
    """For each limit that keeps partners apart, what the others of them hold within its scope; one statement.

    `apart` pairs a limit with the keys of those others; the answer is by the limits' keys.
    """
    limits = list(apart)
    about = {
        "resources": sorted({resource for one, _ in limits for resource in one.resources}),
        "partners": sorted({key for _, others in limits for key in others}),
        "after": window.start,
        "before": window.end,
    }
    rows = list(db.session.execute(_PRESENT, about))
    return {
        one.key: tuple(
            Interval(row.starts_at, row.ends_at)
            for row in rows
            if row.key in others and row.resource_id in one.resources
        )
        for one, others in limits
    }
