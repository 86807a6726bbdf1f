"""What happens as time goes on: warnings before a proof ends, and flags on the bookings that rested on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select

from ...bookings.flags import raise_flags
from ...core.flags import SUSPENDS, Choice, Lost
from ...core.proofs import Proof
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Flag, Letter, Person, ResourceTraining, RoleGrant, Site, Training, TrainingRecord
from .. import queries
from . import letters

WARNED = (7, 30)  # days before the end, the nearest first


class Due(NamedTuple):
    """A letter that is due, and the name under which it is sent once only."""

    person_id: int
    training_id: int
    proof: Proof
    once: str


@transactional
def watch_lapses(*, now: datetime) -> int:
    """Warn of proofs that end within 30 and within 7 days, and flag bookings whose proof has ended.

    Returns how many letters were written and flags raised. Doing it twice, or twice at once, changes nothing.
    """
    all_ = queries.proofs(_is_still_here())
    return _warn(all_, now) + raise_flags(_unproven(all_, now), Lost.TRAINING, now=now)


def _is_still_here() -> ColumnElement[bool]:
    role = exists().where(RoleGrant.person_id == TrainingRecord.person_id, RoleGrant.ended_at.is_(None))
    return and_(role, exists().where(Person.id == TrainingRecord.person_id, Person.is_active))


def _warn(all_: dict[tuple[int, int], Proof], now: datetime) -> int:
    due = [one for pair, proof in all_.items() if (one := _due(*pair, proof, now.date())) is not None]
    if not due:
        return 0
    take_locks((Lock.PERSON, person) for person in {one.person_id for one in due})
    sent = set(db.session.scalars(select(Letter.once).where(Letter.once.in_([one.once for one in due]))))
    left = [one for one in due if one.once not in sent]
    people = _people({one.person_id for one in left})
    trainings = {one.id: one for one in db.session.scalars(select(Training))}
    for one in left:
        letters.lapses(
            people[one.person_id],
            trainings[one.training_id],
            step="lapses",
            now=now,
            once=one.once,
            on=one.proof.expires_on,
            since=one.proof.unused_since,
        )
    return len(left)


def _due(person_id: int, training_id: int, proof: Proof, today: date) -> Due | None:
    if not proof.is_held or proof.expires_on is None:
        return None
    left = (proof.expires_on - today).days
    step = next((days for days in WARNED if 0 <= left <= days), None)
    if step is None:
        return None
    return Due(person_id, training_id, proof, f"lapses-{step}:{person_id}:{training_id}:{proof.expires_on}")


def _people(ids: Iterable[int]) -> dict[int, Person]:
    return {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(sorted(ids))))}


def _unproven(all_: dict[tuple[int, int], Proof], now: datetime) -> list[int]:
    """Bookings yet to begin that rest on a proof which has ended or was taken away, and are not flagged for it."""
    tomorrow = now.date() + timedelta(days=1)  # somewhere it already is
    ended = {person for (person, _), proof in all_.items() if not proof.is_good(tomorrow)}
    flagged = exists().where(
        Flag.booking_id == Booking.id,
        Flag.code == Lost.TRAINING,
        or_(Flag.choice.is_(None), Flag.choice != Choice.MENDED),
    )
    rows = db.session.execute(
        select(Booking.id, Booking.person_id, ResourceTraining.training_id, Site.zone)
        .join(ResourceTraining, ResourceTraining.resource_id == Booking.resource_id)
        .join(Site, Site.id == Booking.site_id)
        .where(Booking.state.in_(SUSPENDS), Booking.starts_at > now, Booking.person_id.in_(sorted(ended)), ~flagged)
    )
    return [row.id for row in rows if _has_ended(all_.get((row.person_id, row.training_id)), row.zone, now)]


def _has_ended(proof: Proof | None, zone: str, now: datetime) -> bool:
    """A proof that was there and counts no longer, by the calendar of the booking's site."""
    return proof is not None and not proof.is_good(now.astimezone(ZoneInfo(zone)).date())
