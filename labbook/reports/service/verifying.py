"""Checking that nobody has touched the trail, and naming the rows that somebody did touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select

from ...db import db
from ...models import Event, EventDetail, Seal, Sealed
from ...models.audit import digest_of
from .sealing import BEGINNING, event_digest, first_seal_digest, seal_digest

AT_ONCE = 1000


@dataclass(slots=True)
class Verification:
    """What a check of the trail found; `faults` is empty when all is well."""

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    erased: int = 0
    faults: list[str] = field(default_factory=list)


class _Row(NamedTuple):
    """What a seal covers: the event's number, its digest as sealed, and the event as it is now, if it is there."""

    number: int
    digest: str
    event: Event | None
    detail: EventDetail | None


def verify(mailed: Iterable[str] = ()) -> Verification:
    """Walk all seals, events and details. A changed, missing or slipped-in row is a fault; an erased detail is not.

    `mailed` are digests of seals as letters have told them: each must still be in the chain, so that a tail which was
    cut off, or a chain which was made anew, is found as well.
    """
    found = Verification()
    previous, chain = BEGINNING, set()
    for made in db.session.scalars(select(Seal).order_by(Seal.id)).all():
        rows = _covered_by(made)
        found.seals += 1
        found.events += len(rows)
        if made.previous != previous:
            found.faults.append(f"seal {made.id} does not follow the seal before it")
        found.faults.extend(_faults_of_seal(made, rows))
        found.faults.extend(_faults_of_details(((row.event, row.detail) for row in rows), found))
        previous = made.digest
        chain.add(made.digest)
        db.session.expunge_all()
    found.faults.extend(_faults_of_details(_unsealed(found), found))
    found.faults.extend(
        f"the mailed seal {digest} is not in the trail: it was cut off before that seal, or made anew"
        for digest in mailed
        if digest.strip().lower() not in chain
    )
    return found


def _covered_by(made: Seal) -> list[_Row]:
    rows = db.session.execute(
        select(Sealed.event_id, Sealed.digest, Event, EventDetail)
        .outerjoin(Event, Event.id == Sealed.event_id)
        .outerjoin(EventDetail, EventDetail.event_id == Sealed.event_id)
        .where(Sealed.seal_id == made.id)
        .order_by(Sealed.event_id)
    )
    return [_Row(*row) for row in rows]


def _faults_of_seal(made: Seal, rows: Sequence[_Row]) -> Iterator[str]:
    """The rows that were touched, as far as the seal can name them, and always the seal that does not hold."""
    events = [row.event for row in rows if row.event is not None]
    if not any(row.digest for row in rows) and made.digest == first_seal_digest(made.previous, events):
        if made.count != len(events):
            yield f"the count of seal {made.id} was changed"
        return
    for row in rows:
        if row.event is None:
            yield f"event {row.number} was removed after it was sealed"
        elif not row.digest and any(one.digest for one in rows):
            yield f"event {row.number} ({row.event.code}) was slipped into seal {made.id}"
        elif row.digest and row.digest != event_digest(row.event):
            yield f"event {row.number} ({row.event.code}) was changed after it was sealed"
    now = [event_digest(event) for event in events]
    if made.count != len(events) or made.digest != seal_digest(made.previous, made.at, now):
        yield f"seal {made.id} does not match its events"


def _unsealed(found: Verification) -> Iterator[tuple[Event | None, EventDetail | None]]:
    last = 0
    while True:
        rows = db.session.execute(
            select(Event, EventDetail)
            .outerjoin(EventDetail, EventDetail.event_id == Event.id)
            .outerjoin(Sealed, Sealed.event_id == Event.id)
            .where(Sealed.event_id.is_(None), Event.id > last)
            .order_by(Event.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        last = rows[-1][0].id
        found.unsealed += len(rows)
        yield from ((row[0], row[1]) for row in rows)
        db.session.expunge_all()


def _faults_of_details(pairs: Iterable[tuple[Event | None, EventDetail | None]], found: Verification) -> Iterator[str]:
    for event, detail in pairs:
        if event is None:
            continue
        if detail is not None and detail.erased_at is not None and detail.body is None:
            found.erased += 1
        elif detail is None or detail.salt is None or digest_of(detail.salt, detail.body or {}) != event.digest:
            yield f"the detail of event {event.id} ({event.code}) does not match the event"
