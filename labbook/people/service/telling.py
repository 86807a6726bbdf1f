"""Those who answer hear of wishes to join: the worker writes to them, so that the public door does the same for all."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...core.permissions import Do, Role, may
from ...db import Lock, db, take_locks, transactional
from ...models import JoinRequest, Partner, Person
from ...models.audit import happened
from ...models.letter import letter
from .. import directory, invitations, queries

TOLD_EVERY = timedelta(hours=1)  # about one partner: whoever asks under many names does not fill anybody's mailbox


def tell_of_wishes(*, now: datetime) -> int:
    """Write to those who may answer wishes that nobody was told of yet; returns how many letters were written.

    A wish is told anew once it is assigned to a partner. While there is nobody who may answer it, it waits.
    """
    places = {one.partner_id for one in invitations.untold()}
    return sum(_tell(place, now) for place in sorted(places, key=lambda number: number or 0) if _is_time(place, now))


def _is_time(partner_id: int | None, now: datetime) -> bool:
    last = invitations.last_told(partner_id)
    return last is None or last <= now - TOLD_EVERY


@transactional
def _tell(partner_id: int | None, now: datetime) -> int:
    """One letter to each, about all wishes for this partner, or for none, at once."""
    take_locks([(Lock.AGREEMENT, partner_id or 0)])  # of two workers the second finds it told
    wishes = [one for one in invitations.untold() if one.partner_id == partner_id]
    readers = _readers(wishes[0], now) if wishes and _is_time(partner_id, now) else []
    if not readers:
        return 0
    partner = db.session.get(Partner, partner_id) if partner_id else None
    for reader in readers:
        db.session.add(
            letter(
                "join-asked",
                reader.email,
                reader.language,
                now=now,
                person_id=reader.id,
                once=f"join-asked-{partner_id or 0}-{wishes[-1].id}-{reader.id}",
                count=len(wishes),
                place=partner.name.text(reader.language) if partner else "",
                path="/joining",
            )
        )
    for wish in wishes:
        db.session.add(
            happened(
                "join-told",
                at=now,
                actor_id=None,
                subject="join-request",
                subject_id=wish.id,
                body={"letters": len(readers)},
                partner_id=partner_id,
            )
        )
    return len(readers)


def _readers(wish: JoinRequest, now: datetime) -> list[Person]:
    """The partner's coordinators; without any, the managers who may answer; without those, the staff who see it."""
    matter = invitations.matter_of_join(wish, now)
    for role, do in (
        (Role.COORDINATOR, Do.ANSWER_JOINING),
        (Role.MANAGER, Do.ANSWER_JOINING),
        (Role.STAFF, Do.SEE_JOINING),
    ):
        place = wish.partner_id if role is Role.COORDINATOR else None
        held = directory.holders_of(role, now, partner_id=place)
        rights = {one.id: queries.actor_of(one.id, now) for one in held}
        found = [one for one in held if (actor := rights[one.id]) is not None and may(actor, do, matter)]
        if found:
            return found
    return []
