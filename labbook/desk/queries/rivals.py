"""Wishes of others for the same time, and what is held there; each read is one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from ...core.interval import Interval
from ...core.language import Words
from ...core.lifecycle import State
from ...db import db
from ...models import Booking, Hold, Partner, PendingChange, Person, Request, Resource, Unit

MOST_READ = 200  # wishes within the window; what is more is more than anybody compares


class Rival(NamedTuple):
    """A wish of another request, as whoever decides compares it."""

    key: str
    request_key: str
    title: str
    partner_id: int
    partner: Words
    person_id: int
    family_name: str
    given_name: str
    people: frozenset[int]  # whose it is, for whom and by whom it was asked for
    resource_id: int
    unit_id: int
    unit_is_fixed: bool
    time: Interval
    by_day: bool
    asked_at: datetime
    findings: list[dict[str, Any]]
    is_offered_else: bool  # another time is proposed instead


_RIVALS = (
    select(
        *(Booking.key, Request.key.label("request_key"), Request.title, Request.partner_id, Partner.name),
        *(Booking.person_id, Person.family_name, Person.given_name, Request.person_id.label("for_id")),
        *(Request.asked_by_id, Booking.resource_id, Booking.unit_id, Booking.unit_is_fixed, Booking.starts_at),
        *(Booking.ends_at, Booking.by_day, Request.created_at, Booking.findings),
        exists().where(PendingChange.booking_id == Booking.id).label("is_offered_else"),
    )
    .join(Request, Request.id == Booking.request_id)
    .join(Partner, Partner.id == Request.partner_id)
    .join(Person, Person.id == Booking.person_id)
    .where(Booking.state == State.WISHED)
    .order_by(Request.created_at, Booking.id)
    .limit(MOST_READ)
)


def rivals_of(resource_ids: Collection[int], but_request: int, around: Interval) -> list[Rival]:
    """What other requests wish for of these resources within a stretch of time; whoever asked first comes first."""
    rows = db.session.execute(
        _RIVALS.where(
            Booking.resource_id.in_(sorted(resource_ids)),
            Booking.request_id != but_request,
            Booking.ends_at > around.start,
            Booking.starts_at < around.end,
        )
    )
    return [
        Rival(
            *(row.key, row.request_key, row.title, row.partner_id, row.name),
            *(row.person_id, row.family_name, row.given_name),
            frozenset({row.person_id, row.for_id, row.asked_by_id}),
            *(row.resource_id, row.unit_id, row.unit_is_fixed),
            Interval(row.starts_at, row.ends_at),
            *(row.by_day, row.created_at, row.findings, bool(row.is_offered_else)),
        )
        for row in rows
    ]


def held_on(resource_ids: Iterable[int], around: Interval, but_claims: Iterable[int]) -> dict[int, list[Interval]]:
    """What is held of the units of these resources within a stretch of time, by unit, but for some claims."""
    held: dict[int, list[Interval]] = {}
    rows = db.session.execute(
        select(Hold.unit_id, Hold.starts_at, Hold.ends_at)
        .join(Unit, Unit.id == Hold.unit_id)
        .where(
            Unit.resource_id.in_(sorted(resource_ids)),
            Hold.ends_at > around.start,
            Hold.starts_at < around.end,
            Hold.claim_id.not_in(sorted(but_claims)),
        )
    )
    for row in rows:
        held.setdefault(row.unit_id, []).append(Interval(row.starts_at, row.ends_at))
    return held


def resources_by_id(resource_ids: Iterable[int]) -> dict[int, Resource]:
    """These resources."""
    found = db.session.scalars(select(Resource).where(Resource.id.in_(sorted(set(resource_ids)))))
    return {one.id: one for one in found}
