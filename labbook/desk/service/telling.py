"""What happens to a request as a whole: an event, and a notice for each who is to hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ...db import db
from ...models import Notice, Request
from ...models.audit import happened


def tell(code: str, found: Request, hear: Iterable[int], *, actor_id: int | None, now: datetime, **body: Any) -> None:
    """Write it down. Whoever did it does not hear of it; without an actor it was the clock."""
    event = happened(
        code,
        at=now,
        actor_id=actor_id,
        subject="request",
        subject_id=found.id,
        body=body,
        site_id=found.site_id,
        partner_id=found.partner_id,
        request_id=found.id,
    )
    db.session.add(event)
    db.session.flush()
    db.session.add_all(
        Notice(event_id=event.id, person_id=one, channel="mail", created_at=now, due_at=now)
        for one in sorted(set(hear) - {actor_id})
    )
