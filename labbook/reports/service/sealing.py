"""Sealing the trail.

A seal hashes the seal before it, its own instant and the events that it covers. Events are chosen by "not yet sealed",
never by a range of ids: a transaction that was still open when the last seal was made is covered by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from ...db import Lock, db, take_locks, transactional
from ...models import Event, Seal, Sealed

BEGINNING = "0" * 64
MOST_AT_ONCE = 5000


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
    digests = [event_digest(event) for event in events]
    made = Seal(at=now, previous=previous, count=len(events), digest=seal_digest(previous, now, digests))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(
        Sealed(event_id=event.id, seal_id=made.id, digest=digest) for event, digest in zip(events, digests, strict=True)
    )
    return len(events)


def event_digest(event: Event) -> str:
    """SHA-256 of one event, kept beside it when it is sealed: it names the row that was changed."""
    return hashlib.sha256(spelled(event).encode()).hexdigest()


def seal_digest(previous: str, at: datetime, digests: Iterable[str]) -> str:
    """SHA-256 over the seal before, the instant of this one and the digests of its events, in order of their ids."""
    lines = [previous, at.astimezone(UTC).isoformat(), *digests]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def first_seal_digest(previous: str, events: Sequence[Event]) -> str:
    """How seals were made before events had digests of their own."""
    trail = hashlib.sha256(previous.encode())
    for event in events:
        trail.update(spelled(event).encode())
    return trail.hexdigest()


def spelled(event: Event) -> str:
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
