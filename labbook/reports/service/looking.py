"""Looking at the trail is itself an event, written before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...core.permissions import Actor, Do, Matter, require
from ...db import db, transactional
from ...models.audit import happened


@transactional
def look_at_trail(actor: Actor, asked: Mapping[str, str], *, partner_id: int | None, now: datetime) -> None:
    """Somebody looks at the trail of the lab, by the filters in `asked`. Raises ForbiddenError."""
    require(actor, Do.SEE_TRAIL, Matter())
    _note("trail-looked-at", actor, asked, partner_id, now)


@transactional
def look_at_partner_trail(actor: Actor, partner_id: int, *, now: datetime) -> None:
    """Somebody looks at a partner's trail. Raises ForbiddenError."""
    require(actor, Do.SEE_PARTNER_TRAIL, Matter(partner_id=partner_id))
    _note("trail-looked-at", actor, {}, partner_id, now)


@transactional
def export_trail(actor: Actor, asked: Mapping[str, str], *, partner_id: int | None, now: datetime) -> None:
    """Somebody takes the trail along, of the lab or of one partner. Raises ForbiddenError."""
    require(actor, Do.EXPORT_TRAIL, Matter(partner_id=partner_id))
    _note("trail-exported", actor, asked, partner_id, now)


def _note(code: str, actor: Actor, asked: Mapping[str, str], partner_id: int | None, now: datetime) -> None:
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="trail",
            subject_id=partner_id or 0,
            body={name: value for name, value in asked.items() if value},
            partner_id=partner_id,
        )
    )
