"""What is booked is never changed by a rule that comes later: it is flagged, and the flag goes when the reason goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from ...bookings.flags import against_rules, keep_rules_again, raise_flags
from ...core import limits
from ...core.facts import Effect
from ...core.flags import Lost
from ...core.limits.applied import Applied
from ...db import Lock, db, take_locks, transactional
from ...models import Site, Waiver
from ..preview import seen_at
from ..queries import stands_at
from ..sets import SetOf, sets_of


class Outcome(NamedTuple):
    """How many bookings were flagged by a change, and how many were found to keep the rules again."""

    flagged: int
    mended: int


class Refusing(NamedTuple):
    """A limit that refuses, and for which partner alone."""

    applied: Applied
    partner_id: int | None


def refusing(found: SetOf) -> list[Refusing]:
    """The limits of a rule set that refuse; none while it is switched off. Read from the set as it stands now."""
    if not found.rules.is_active or (found.agreement and found.agreement.ended_at):
        return []
    row, partner_id = found.row, found.partner.id if found.partner else None
    about = frozenset(one.id for one in stands_at(found.site.id).values() if row.is_about(one))
    several = [Applied(limits.read(one), row.key, row.name, one["id"], about, row.bounds) for one in found.rules.limits]
    return [Refusing(one, partner_id) for one in several if one.limit.effect is Effect.REFUSE]


def mark(site: Site, before: Iterable[Refusing], after: Iterable[Refusing], now: datetime) -> Outcome:
    """Flag what is ahead and breaks a limit that did not refuse it before, and settle the flags without a reason."""
    old, new = list(before), list(after)
    broken: set[int] = set()
    if new and old != new:
        seen = seen_at(site, [one.applied for one in (*old, *new)], now)
        ahead = {one.id for one in seen.rows if seen.is_ahead(one)}
        was = {one.applied.key: {found.booked.id for found in seen.judge(*one, ahead)} for one in old}
        for one in new:
            broken |= {found.booked.id for found in seen.judge(*one, ahead)} - was.get(one.applied.key, set())
        broken -= waived(one.applied.key for one in new)
    flagged = raise_flags(broken, Lost.RULE, now=now) if broken else 0
    return Outcome(flagged, _mend_at(site, now))


def waived(limit_keys: Iterable[str]) -> set[int]:
    """The bookings that staff have approved in spite of one of these limits."""
    return set(db.session.scalars(select(Waiver.booking_id).where(Waiver.limit_key.in_(list(limit_keys)))))


def mend(*, now: datetime) -> int:
    """Settle the flags of bookings that keep all rules again, at every site; returns how many."""
    sites = sorted({flag.site_id for flag, _ in against_rules()})
    return sum(_mend(site_id, now) for site_id in sites)


@transactional
def _mend(site_id: int, now: datetime) -> int:
    take_locks([(Lock.SITE, site_id)])
    return _mend_at(db.session.get_one(Site, site_id), now)


def _mend_at(site: Site, now: datetime) -> int:
    flagged = against_rules([site.id])
    if not flagged:
        return 0
    lost = _broken(site, {booking.id for _, booking in flagged}, now)
    return keep_rules_again([one for one in flagged if one[1].id not in lost], now=now)


def _broken(site: Site, ids: Collection[int], now: datetime) -> set[int]:
    """Those of these bookings that some rule set of the site is against."""
    several = [one for found in sets_of(site.id) for one in refusing(found)]
    if not several:
        return set()
    seen = seen_at(site, [one.applied for one in several], now)
    known = waived(one.applied.key for one in several)
    return {found.booked.id for one in several for found in seen.judge(*one, ids)} - known
