"""The busy times of a feed: of what its owner may not read, of what only may come to stand, and of all where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, not_, select

from ...bookings.besides import rows_besides_of
from ...bookings.offered import rows_of_offers
from ...bookings.scheduled import rows_of_changes
from ...catalogue.queries import places
from ...core.disclosure import BookingRow, Busy, Full, busy_blocks, kept_apart, shown_to
from ...core.ical import Language, Rendered, busy_texts
from ...core.interval import Interval
from ...core.lifecycle import State
from ...core.permissions import Actor
from ...db import db
from ...models import Booking, Hold, Resource, Unit
from .subject import Subject


@dataclass(frozen=True, slots=True)
class Times:
    """What else stands in a feed about resources: rows to be shown in full, and busy times."""

    full: list[BookingRow]
    busy: list[Busy]


def times_beside(subject: Subject, owner: Actor, window: Interval, sees: ColumnElement[bool]) -> Times:
    """Beside the bookings of some resources that the owner sees in full: all else that keeps their units.

    What is kept for somebody who waits is held like a booking; so are units that go with bookings of other resources.
    """
    rows = rows_of_offers(window, Resource.id.in_(subject.resource_ids))
    changes = rows_of_changes(window, subject.bookings)
    of_others = Booking.resource_id.not_in(subject.resource_ids)  # those of its own resources are in it already
    for one in rows_besides_of(subject.resource_ids, window, of_others):
        (rows if one.stands else changes).append(one.row)
    seen = [row for row in rows if isinstance(shown_to(owner, row), Full)]
    hidden = [row for row in rows if row not in seen]
    busy = [Busy(row.unit_id, row.hold) for row in (*hidden, *changes) if row.hold is not None]
    full = list({row.uid: row for row in seen}.values())
    return Times(
        full, [*busy, *held(window, Unit.resource_id.in_(subject.resource_ids), not_(func.coalesce(sees, false())))]
    )


def held(window: Interval, units: ColumnElement[bool], bookings: ColumnElement[bool]) -> list[Busy]:
    """All times for which some bookings hold some units within a window; one statement."""
    rows = db.session.execute(
        select(Hold.unit_id, Hold.starts_at, Hold.ends_at)
        .join(Unit, Unit.id == Hold.unit_id)
        .join(Booking, Booking.claim_id == Hold.claim_id)
        .where(units, bookings, Hold.ends_at > window.start, Hold.starts_at < window.end)
    )
    return [Busy(unit, Interval(start, end)) for unit, start, end in rows]


def held_by(bookings: ColumnElement[bool], window: Interval) -> list[Busy]:
    """The times for which some bookings hold their own units, and those to which they may be moved."""
    own = and_(Hold.unit_id == Booking.unit_id, Booking.state != State.WISHED)
    changes = rows_of_changes(window, bookings)
    return [*held(window, own, bookings), *(Busy(row.unit_id, row.hold) for row in changes if row.hold is not None)]


def all_held(subject: Subject, window: Interval) -> list[Busy]:
    """All times for which units of a feed's resources are held, whatever for; one statement."""
    rows = db.session.execute(
        select(Hold.unit_id, Hold.starts_at, Hold.ends_at)
        .join(Unit, Unit.id == Hold.unit_id)
        .where(Unit.resource_id.in_(subject.resource_ids), Hold.ends_at > window.start, Hold.starts_at < window.end)
    )
    return [Busy(unit, Interval(start, end)) for unit, start, end in rows]


def written(
    busy: Sequence[Busy], *, merges: bool, window: Interval, secret: bytes, language: Language
) -> list[Rendered]:
    """Busy times as entries, made from the block and not from the booking."""
    where = places(one.unit_id for one in busy)
    apart = kept_apart({unit: one.shares_buffers for unit, one in where.items()}, merges=merges)
    by_zone: dict[str, list[tuple[str, Interval]]] = {}
    for unit, times in busy_blocks(busy, apart=apart).items():
        by_zone.setdefault(where[unit].zone, []).extend((str(unit), time) for time in times)
    said = {str(unit): one.text(language) for unit, one in where.items()}
    return [
        text
        for zone in sorted(by_zone)
        for text in busy_texts(
            by_zone[zone], secret=secret, window_start=window.start, zone=zone, language=language, places=said
        )
    ]
