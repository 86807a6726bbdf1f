"""The newest seal goes to every auditor once a day: whoever cuts the trail off cannot call those letters back."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import exists, func, or_, select

from ...core.permissions import Role
from ...db import Lock, db, take_locks, transactional
from ...models import Letter, Person, RoleGrant, Seal
from ...models.letter import letter

KIND = "seal"


def mail_seal(*, now: datetime) -> int:
    """Write today's letters with the newest seal, one for each auditor who has none yet; returns how many.

    The day is that of UTC, since the trail is of all sites.
    """
    return _mail(now) if _without_letter(now) else 0


@transactional
def _mail(now: datetime) -> int:
    take_locks([(Lock.TRAIL, 0)])  # workers take turns
    newest = db.session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))
    if newest is None:
        return 0
    total = db.session.scalar(select(func.sum(Seal.count))) or 0
    told = {
        "digest": newest.digest,
        "number": newest.id,
        "count": int(total),
        "sealed": f"{newest.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
    }
    auditors = _without_letter(now)
    db.session.add_all(
        letter(KIND, one.email, one.language, now=now, person_id=one.id, once=_once(one.key, now), **told)
        for one in auditors
    )
    return len(auditors)


def _once(key: str, now: datetime) -> str:
    return f"{KIND}:{now.astimezone(UTC).date().isoformat()}:{key}"


def _without_letter(now: datetime) -> list[Person]:
    """The auditors of today whom today's letter has not been written to."""
    today = now.astimezone(UTC).date()
    name = f"{KIND}:{today.isoformat()}:"
    return list(
        db.session.scalars(
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(
                RoleGrant.role == Role.AUDITOR,
                RoleGrant.ended_at.is_(None),
                RoleGrant.starts_on <= today,
                or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
                Person.is_active,
                exists().where(Seal.id.is_not(None)),
                ~exists().where(Letter.once == name + Person.key),
            )
            .distinct()
            .order_by(Person.id)
        )
    )
