"""What staff have decided lately, and what else the inbox says of a request."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from ...core.facts import Effect
from ...core.language import Words
from ...core.lifecycle import OPEN, State
from ...db import db
from ...models import Booking, Event, Request, Resource
from ...models.audit import DECISIONS


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision on a request."""

    request_id: int
    key: str
    title: str
    site_id: int
    partner_id: int
    person_id: int
    resource_id: int
    starts_at: datetime
    booking_id: int
    at: datetime
    code: str  # of the event
    actor_id: int
    state: State  # in which its booking is now
    version: int  # of the request

    @property
    def resource_ids(self) -> frozenset[int]:
        """What it was about, as of what waits."""
        return frozenset({self.resource_id})


# The index holds for these codes alone, and only where the statement spells them.
_DECIDED = (
    select(
        Event.at,
        Event.code,
        Event.actor_id,
        Booking.id.label("booking_id"),
        Booking.resource_id,
        Booking.starts_at,
        Booking.state,
        Request.id.label("request_id"),
        Request.key,
        Request.title,
        Request.site_id,
        Request.partner_id,
        Request.person_id,
        Request.version,
    )
    .join(Booking, Booking.id == Event.booking_id)
    .join(Request, Request.id == Event.request_id)
    .where(
        Event.code.in_(bindparam("codes", DECISIONS, expanding=True, literal_execute=True)),
        Event.site_id.in_(bindparam("sites", expanding=True)),
        Event.at > bindparam("since"),
        Event.actor_id.is_not(None),
    )
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(bindparam("most"))
)


def decided_at(site_ids: Iterable[int], since: datetime, *, most: int) -> list[Decided]:
    """The last decision on each request of these sites since an instant, the latest first; of so many decisions."""
    rows = db.session.execute(_DECIDED, {"sites": sorted(site_ids), "since": since, "most": most})
    found: dict[int, Decided] = {}
    for row in rows:
        found.setdefault(row.request_id, _decided(row))
    return list(found.values())


def _decided(row: Any) -> Decided:
    return Decided(
        row.request_id,
        row.key,
        row.title,
        row.site_id,
        row.partner_id,
        row.person_id,
        row.resource_id,
        row.starts_at,
        row.booking_id,
        row.at,
        row.code,
        row.actor_id,
        row.state,
        row.version,
    )


def resources_named(resource_ids: Iterable[int]) -> dict[int, tuple[str, Words]]:
    """Slug and name of resources, by id."""
    found = select(Resource.id, Resource.slug, Resource.name).where(Resource.id.in_(sorted(resource_ids)))
    return {row.id: (row.slug, row.name) for row in db.session.execute(found)}


_Other = aliased(Booking)


def rival_counts(request_ids: Collection[int]) -> dict[int, int]:
    """How many other requests wish for the same unit at a time that overlaps; requests without rivals are left out."""
    found = (
        select(Booking.request_id, func.count(_Other.request_id.distinct()).label("rivals"))
        .join(
            _Other,
            (_Other.unit_id == Booking.unit_id)
            & (_Other.state == State.WISHED)
            & (_Other.site_id == Booking.site_id)
            & (_Other.request_id != Booking.request_id)
            & (_Other.starts_at < Booking.ends_at)
            & (_Other.ends_at > Booking.starts_at),
        )
        .where(Booking.request_id.in_(sorted(request_ids)), Booking.state == State.WISHED)
        .group_by(Booking.request_id)
    )
    return {row.request_id: row.rivals for row in db.session.execute(found)}


def findings_of(request_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """What the rules said of what waits first of these requests, and what refuses any other date of them, each once."""
    found = (
        select(Booking.request_id, Booking.findings)
        .where(Booking.request_id.in_(sorted(request_ids)), Booking.state.in_(sorted(OPEN)))
        .order_by(Booking.starts_at, Booking.id)
    )
    said: dict[int, list[dict[str, Any]]] = {}
    for row in db.session.execute(found):
        if row.request_id not in said:
            said[row.request_id] = list(row.findings)
            continue
        known = said[row.request_id]
        codes = {one["code"] for one in known}
        known += [one for one in row.findings if one["effect"] == Effect.REFUSE and one["code"] not in codes]
    return said


def exceptions_among(site_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """What the rules said of all wishes of each request at these sites: exceptions are among them."""
    found = select(Booking.request_id, Booking.findings).where(
        Booking.state == State.WISHED, Booking.site_id.in_(sorted(site_ids))
    )
    said: dict[int, list[dict[str, Any]]] = {}
    for row in db.session.execute(found):
        said.setdefault(row.request_id, []).extend(row.findings)
    return said
