"""The record of looks at what is another partner's."""

from __future__ import annotations

from datetime import datetime

from ...core.disclosure import Relation
from ...core.interval import Interval
from ...core.permissions import Actor
from ...db import db, transactional
from ...models import Request
from ...models.audit import happened


@transactional
def note_look(actor: Actor, found: Request, relation: Relation, *, now: datetime) -> None:
    """Record that somebody opened another partner's request; written before the detail is shown."""
    db.session.add(
        happened(
            "request-looked-at",
            at=now,
            actor_id=actor.person_id,
            subject="request",
            subject_id=found.id,
            body={"as": str(relation)},
            site_id=found.site_id,
            partner_id=found.partner_id,
            request_id=found.id,
        )
    )


def note_schedule_look(actor: Actor, site_id: int, window: Interval, *, now: datetime) -> None:
    """Record that somebody who sees by duty alone looks at a site's schedule; written before it is shown."""
    if actor.looks_at_everything and site_id not in actor.staffed_sites:
        _note_schedule_look(actor, site_id, window, now)


@transactional
def _note_schedule_look(actor: Actor, site_id: int, window: Interval, now: datetime) -> None:
    shown = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    looked = happened(
        "schedule-looked-at",
        at=now,
        actor_id=actor.person_id,
        subject="site",
        subject_id=site_id,
        body=shown,
        site_id=site_id,
    )
    db.session.add(looked)
