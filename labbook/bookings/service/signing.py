"""Signatures under decisions, for partners whose agreement asks for them (21 CFR 11.50, 11.70, 11.200)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, tuple_

from ...core.language import person_name
from ...core.lifecycle import Action
from ...core.permissions import Actor
from ...core.signatures import MEANINGS, Meaning
from ...db import db
from ...models import Agreement, Booking, PendingChange, Request, Site
from ...models.audit import happened


class UnsignedError(Exception):
    """This decision has to be signed, with a meaning that fits it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What somebody says with a signature. Whoever makes one has just checked that person's password."""

    meaning: Meaning


def signing(pairs: Iterable[tuple[int, int]], now: datetime) -> frozenset[tuple[int, int]]:
    """Those of the (partner, site) pairs whose decisions are signed, by an agreement in force on the site's day."""
    wanted = sorted(set(pairs))
    if not wanted:
        return frozenset()
    rows = db.session.execute(
        select(Agreement.partner_id, Agreement.site_id, Agreement.starts_on, Agreement.ends_on, Site.zone)
        .join(Site, Site.id == Agreement.site_id)
        .where(
            tuple_(Agreement.partner_id, Agreement.site_id).in_(wanted),
            Agreement.signs,
            or_(Agreement.ended_at.is_(None), Agreement.ended_at > now),
        )
    )
    days = [(row, now.astimezone(ZoneInfo(row.zone)).date()) for row in rows]
    return frozenset(
        (row.partner_id, row.site_id)
        for row, today in days
        if row.starts_on <= today and (row.ends_on is None or today <= row.ends_on)
    )


def is_signed(found: Request, now: datetime) -> bool:
    """Whether decisions on this request are signed."""
    return (found.partner_id, found.site_id) in signing([(found.partner_id, found.site_id)], now)


def sign(
    found: Request,
    bookings: Sequence[Booking],
    action: Action,
    signature: Signature | None,
    *,
    actor: Actor,
    now: datetime,
    change: PendingChange | None = None,
) -> None:
    """Write the signature beside the decision, before the decision is taken; nothing where none is asked for.

    It holds the signer's printed name, the instant, the meaning, and a digest of what was signed, so that it cannot
    stand under anything else. Raises UnsignedError.
    """
    if not is_signed(found, now):
        return
    if signature is None or signature.meaning not in MEANINGS[action]:
        raise UnsignedError
    name = person_name(actor.family_name, actor.given_name, actor.language)
    body = {
        "name": name,
        "meaning": str(signature.meaning),
        "decision": str(action),
        "record": record(found, bookings, change),
    }
    db.session.add(
        happened(
            "request-signed",
            at=now,
            actor_id=actor.person_id,
            subject="request",
            subject_id=found.id,
            body=body,
            site_id=found.site_id,
            partner_id=found.partner_id,
            request_id=found.id,
            state=str(signature.meaning),
        )
    )


def record(found: Request, bookings: Sequence[Booking], change: PendingChange | None = None) -> str:
    """SHA-256 of what is signed: the request's words, unit and time of each booking that is decided, and its change."""
    decided = [(one.key, *_placed(one)) for one in sorted(bookings, key=lambda one: one.key)]
    signed = (found.key, found.title, found.purpose, found.version, decided, *([_placed(change)] if change else []))
    return hashlib.sha256(json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _placed(one: Booking | PendingChange) -> tuple[int, str, str]:
    return one.unit_id, one.starts_at.astimezone(UTC).isoformat(), one.ends_at.astimezone(UTC).isoformat()
