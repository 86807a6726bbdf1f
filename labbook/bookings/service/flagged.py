"""Settling flags: staff keep or cancel a suspended booking; what is there again mends by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...core.flags import SUSPENDING, SUSPENDS, Choice, Lost
from ...core.lifecycle import OPEN, Action
from ...core.permissions import Actor, Do, NotFoundError, require
from ...core.rules import judge
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Flag, Person, Site
from ...models.audit import happened
from ...models.letter import letter
from ...people.queries import actor_of
from ..closed import closed_over
from ..flags import mendable
from .ending import end
from .errors import StaleError
from .matters import matter_of_booking, matter_to_decide, own_facts
from .signing import UnsignedError, is_signed

_REPEATS = {  # the findings that say that what a flag is about is still lost
    Lost.AGREEMENT: ("agreement", "not-covered"),
    Lost.TRAINING: ("training", "training-expired"),
}

Flagged = tuple[Flag, Booking]


@transactional
def settle_flags(actor: Actor, keys: Collection[str], choice: Choice, *, reason: str, now: datetime) -> int:
    """Keep or cancel suspended bookings, all of them or none; returns how many flags were settled.

    Raises NotFoundError, ForbiddenError (one's own are for somebody else), StaleError when one is settled already,
    and as `_require_decider` does.
    """
    flagged = _to_settle(actor, keys)
    _lock(booking for _, booking in flagged)
    flagged = _to_settle(actor, keys)
    for flag, booking in flagged:
        require(actor, Do.SETTLE_FLAG, matter_of_booking(booking))
        if flag.settled_at is not None or booking.state not in SUSPENDS:
            raise StaleError
    if choice is Choice.CANCELLED:
        flagged = _all_of({booking.id for _, booking in flagged})
        _require_decider(actor, [booking for _, booking in flagged if booking.state in OPEN], now)
        _cancel(actor, {booking.id: booking for _, booking in flagged}.values(), reason, now)
    _settle(flagged, choice, actor_id=actor.person_id, reason=reason, now=now)
    return len(flagged)


def _to_settle(actor: Actor, keys: Collection[str]) -> list[Flagged]:
    found = _flagged(Flag.key.in_(list(keys)), Flag.site_id.in_(sorted(actor.staffed_sites)))
    if not keys or len(found) != len(set(keys)):
        raise NotFoundError
    return found


def _all_of(booking_ids: Iterable[int]) -> list[Flagged]:
    return _flagged(Flag.booking_id.in_(list(booking_ids)), Flag.settled_at.is_(None))


def _flagged(*conditions: object) -> list[Flagged]:
    rows = db.session.execute(
        select(Flag, Booking)
        .join(Booking, Booking.id == Flag.booking_id)
        .options(joinedload(Booking.request, innerjoin=True))
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(Booking.starts_at, Flag.id)
        .execution_options(populate_existing=True)
    )
    return [(flag, booking) for flag, booking in rows]


def _lock(bookings: Iterable[Booking]) -> None:
    several = list(bookings)
    take_locks(
        [
            *((Lock.AGREEMENT, one.request.partner_id) for one in several),
            *((Lock.PERSON, one.person_id) for one in several),
            *((Lock.UNIT, one.unit_id) for one in several),
        ],
        shared={(Lock.SITE, one.site_id) for one in several},
    )


def _require_decider(actor: Actor, waiting: Iterable[Booking], now: datetime) -> None:
    """Ending what still waits is declining it, and is for whoever may decline it on the request's page.

    Raises ForbiddenError, and UnsignedError where a decision is signed: that is done on the request's page alone.
    """
    for booking in waiting:
        require(actor, Do.DECIDE_REQUEST, matter_to_decide(booking, now))
        if is_signed(booking.request, now):
            raise UnsignedError


def _cancel(actor: Actor, bookings: Iterable[Booking], reason: str, now: datetime) -> None:
    """What is approved is cancelled, what still waits is declined."""
    for booking in bookings:
        action = Action.DECLINE if booking.state in OPEN else Action.CANCEL
        end(booking.request, [booking], action, actor, now, reason)


def _settle(flagged: list[Flagged], choice: Choice, *, actor_id: int | None, reason: str, now: datetime) -> None:
    for flag, booking in flagged:
        flag.settled_at, flag.choice = now, str(choice)
        db.session.add(
            happened(
                "flag-settled",
                at=now,
                actor_id=actor_id,
                subject="booking",
                subject_id=booking.id,
                body={"code": flag.code, "choice": str(choice), **({"reason": reason} if reason else {})},
                site_id=booking.site_id,
                partner_id=booking.request.partner_id,
                request_id=booking.request_id,
                booking_id=booking.id,
                state=str(booking.state),
            )
        )
    if choice is not Choice.CANCELLED:  # of what is cancelled or declined people hear anyway
        suspended = [one for one in flagged if one[0].code in SUSPENDING and not _is_known(one[0])]
        _write(suspended, choice, actor_id, now)


def _is_known(flag: Flag) -> bool:
    """Whoever moved a booking out of a closure knows it, and of a closure that is lifted all are told at once."""
    return flag.code == Lost.CLOSED and flag.choice == Choice.MENDED


def _write(flagged: list[Flagged], choice: Choice, actor_id: int | None, now: datetime) -> None:
    """One letter a person and site, however many bookings; what they were for is read after signing in."""
    counts: dict[tuple[int, int], int] = {}
    for person_id, site_id, _ in {(booking.person_id, booking.site_id, booking.id) for _, booking in flagged}:
        counts[person_id, site_id] = counts.get((person_id, site_id), 0) + 1
    for (person_id, site_id), count in sorted(counts.items()):
        person, site = db.session.get_one(Person, person_id), db.session.get_one(Site, site_id)
        if person.is_active and person_id != actor_id:
            said = {"count": count, "choice": str(choice), "site": site.name.text(person.language)}
            about = {"person_id": person_id, "site_id": site_id}
            db.session.add(letter("flag-settled", person.email, person.language, now=now, **about, **said))


# --- what mends by itself ---------------------------------------------------------------------------------------------


def mend_flags(*, now: datetime) -> int:
    """Settle the flags whose cause is gone; returns how many. The rules themselves are asked, one booking at a time."""
    ids = mendable(now)
    return _mend(ids, now) if ids else 0


@transactional
def _mend(flag_ids: list[int], now: datetime) -> int:
    flagged = _flagged(Flag.id.in_(flag_ids))
    _lock(booking for _, booking in flagged)
    flagged = _flagged(Flag.id.in_(flag_ids), Flag.settled_at.is_(None), Booking.state.in_(SUSPENDS))
    mended = [(flag, booking) for flag, booking in flagged if not _is_lost(Lost(flag.code), booking, now)]
    _settle(mended, Choice.MENDED, actor_id=None, reason="", now=now)
    return len(mended)


def _is_lost(what: Lost, booking: Booking, now: datetime) -> bool:
    if what is Lost.CLOSED:
        return booking.id in closed_over([booking.id], now)
    if what is Lost.PERSON:
        actor = actor_of(booking.person_id, now)
        return actor is None or booking.request.partner_id not in actor.partner_ids
    verdict = judge(own_facts(booking, booking.time, now)[0])
    return any(verdict.has(code) for code in _REPEATS[what])
