"""Sealing the trail, and checking that nobody has touched it.

A seal hashes the seal before it and the events that it covers. Events are chosen by "not yet sealed", never by a range
of ids: a transaction that was still open when the last seal was made is covered by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from ..db import Lock, db, take_locks, transactional
from ..models import Event, EventDetail, Seal, Sealed
from ..models.audit import digest_of

BEGINNING = "0" * 64
MOST_AT_ONCE = 5000


@dataclass(slots=True)
class Verification:
    """What a check of the trail found; `faults` is empty when all is well."""

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    erased: int = 0
    faults: list[str] = field(default_factory=list)


@transactional
def seal(*, now: datetime) -> int:
    """Cover the events that no seal covers yet; returns how many. Workers take turns."""
    take_locks([(Lock.TRAIL, 0)])
    events = db.session.scalars(
        select(Event)
        .outerjoin(Sealed, Sealed.event_id == Event.id)
        .where(Sealed.event_id.is_(None))
        .order_by(Event.id)
        .limit(MOST_AT_ONCE)
    ).all()
    if not events:
        return 0
    previous = db.session.scalar(select(Seal.digest).order_by(Seal.id.desc()).limit(1)) or BEGINNING
    made = Seal(at=now, previous=previous, count=len(events), digest=_digest(previous, events))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(Sealed(event_id=event.id, seal_id=made.id) for event in events)
    return len(events)


def verify() -> Verification:
    """Walk all seals and details. A changed, missing or slipped-in event is a fault; an erased detail is not."""
    found = Verification()
    previous = BEGINNING
    for made in db.session.scalars(select(Seal).order_by(Seal.id)):
        events = db.session.scalars(
            select(Event).join(Sealed, Sealed.event_id == Event.id).where(Sealed.seal_id == made.id).order_by(Event.id)
        ).all()
        found.seals += 1
        found.events += len(events)
        if made.previous != previous:
            found.faults.append(f"seal {made.id} does not follow the seal before it")
        if made.count != len(events) or made.digest != _digest(made.previous, events):
            found.faults.append(f"seal {made.id} does not match its events")
        previous = made.digest
        found.faults.extend(_faults_of_details(events, found))
        db.session.expunge_all()
    rest = db.session.scalars(
        select(Event).outerjoin(Sealed, Sealed.event_id == Event.id).where(Sealed.event_id.is_(None))
    ).all()
    found.unsealed = len(rest)
    found.faults.extend(_faults_of_details(rest, found))
    return found


def _faults_of_details(events: Sequence[Event], found: Verification) -> Iterable[str]:
    details = {
        one.event_id: one
        for one in db.session.scalars(select(EventDetail).where(EventDetail.event_id.in_([e.id for e in events])))
    }
    for event in events:
        detail = details.get(event.id)
        if detail is not None and detail.erased_at is not None:
            found.erased += 1
        elif detail is None or detail.salt is None or digest_of(detail.salt, detail.body or {}) != event.digest:
            yield f"the detail of event {event.id} does not match the event"


def _digest(previous: str, events: Sequence[Event]) -> str:
    trail = hashlib.sha256(previous.encode())
    for event in events:
        trail.update(_spelled(event).encode())
    return trail.hexdigest()


def _spelled(event: Event) -> str:
    """The one canonical spelling of an event."""
    values = (
        event.id,
        event.at.astimezone(UTC).isoformat(),
        event.code,
        event.actor_id,
        event.subject,
        event.subject_id,
        event.site_id,
        event.partner_id,
        event.request_id,
        event.booking_id,
        event.state,
        event.digest,
    )
    return json.dumps(values, separators=(",", ":")) + "\n"
