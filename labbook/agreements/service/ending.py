"""What the worker does about the end of agreements: it tells people before, and suspends bookings after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...bookings.flags import future_bookings, raise_flags
from ...core.contracts import first_uncovered_day
from ...core.dates import long_day
from ...core.facts import AgreementFact
from ...core.flags import Lost
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Letter, Person
from ...models.letter import letter
from .. import queries
from ..queries import Ending

DAYS_BEFORE = (7, 30, 60)

# --- before the end ---------------------------------------------------------------------------------------------------


def tell_ends(*, now: datetime) -> int:
    """Write to those who should know 60, 30 and 7 days before an agreement's end; returns how many letters were added.

    A day that was missed is made up for, by the latest of the letters that are due; none is sent twice.
    """
    everything = queries.endings()
    due = [(one, mark) for one in everything if (mark := _mark(one, everything, now))]
    return sum(_tell(one, mark, now) for one, mark in due if _unwritten(one, mark, now))


def _mark(one: Ending, everything: Sequence[Ending], now: datetime) -> int | None:
    """The letter that is due, by its days before the end; None when none is, or when the agreement is renewed."""
    if one.ended_at is not None or one.ends_on is None:
        return None
    left = (one.ends_on - _today(one, now)).days
    if left < 0 or one.starts_on > _today(one, now):
        return None
    after = one.ends_on + timedelta(days=1)
    if first_uncovered_day(_facts(everything, one.partner_id, one.site_id), after, after) is None:
        return None
    return next((mark for mark in DAYS_BEFORE if left <= mark), None)


def _unwritten(one: Ending, mark: int, now: datetime) -> list[Person]:
    """Those who should have this letter and have not."""
    today = _today(one, now)
    people = queries.readers_of(today, partner_id=one.partner_id, site_id=one.site_id, managers_only=True)
    names = {_once(one, mark, person): person for person in people}
    written = set(db.session.scalars(select(Letter.once).where(Letter.once.in_(list(names)))))
    return [person for name, person in names.items() if name not in written]


@transactional
def _tell(one: Ending, mark: int, now: datetime) -> int:
    take_locks([(Lock.AGREEMENT, one.partner_id)])  # of two workers the second finds it written
    people, ends_on = _unwritten(one, mark, now), one.ends_on or date.max
    for person in people:
        words = person.language
        db.session.add(
            letter(
                "agreement-ends",
                person.email,
                words,
                now=now,
                person_id=person.id,
                site_id=one.site_id,
                once=_once(one, mark, person),
                partner=one.partner_name.text(words),
                site=one.site_name.text(words),
                ends=long_day(ends_on, words),
                days=(ends_on - _today(one, now)).days,
                path=f"/agreements/{one.key}",
            )
        )
    return len(people)


def _once(one: Ending, mark: int, person: Person) -> str:
    return f"agreement-ends-{one.agreement_id}-{one.ends_on}-{mark}-{person.id}"


# --- after the end ----------------------------------------------------------------------------------------------------


def flag_ended(*, now: datetime) -> int:
    """Suspend what is booked under agreements that have ended, and tell each site's staff; returns how many."""
    by_site: dict[int, list[Ending]] = {}
    for one in queries.endings():
        by_site.setdefault(one.site_id, []).append(one)
    flagged = 0
    for site_id, here in sorted(by_site.items()):
        partners = sorted({one.partner_id for one in here if _is_over(one, here, now)})
        if partners and _uncovered(site_id, partners, here, now):
            flagged += flag(site_id, partners, now)
    return flagged


@transactional
def flag(site_id: int, partner_ids: Sequence[int], now: datetime) -> int:
    """Suspend these partners' bookings at a site that no agreement covers any more; returns how many."""
    take_locks((Lock.AGREEMENT, one) for one in partner_ids)
    here = [one for one in queries.endings() if one.site_id == site_id]
    return raise_flags(_uncovered(site_id, partner_ids, here, now), Lost.AGREEMENT, now=now)


def _is_over(one: Ending, here: Iterable[Ending], now: datetime) -> bool:
    """It has ended, and no other agreement of the partner with the site is in force in its place."""
    today = _today(one, now)
    has_ended = one.ended_at is not None or (one.ends_on is not None and one.ends_on < today)
    return has_ended and first_uncovered_day(_facts(here, one.partner_id, one.site_id), today, today) is not None


def _uncovered(site_id: int, partner_ids: Sequence[int], here: Sequence[Ending], now: datetime) -> list[int]:
    """Bookings yet to begin on days that no agreement covers, but for those that were flagged before."""
    found: list[int] = []
    for partner_id in partner_ids:
        ids = future_bookings(now=now, partner_id=partner_id, site_id=site_id, unflagged=Lost.AGREEMENT)
        facts = _facts(here, partner_id, site_id)
        zone = next(ZoneInfo(one.zone) for one in here)
        times = db.session.execute(select(Booking.id, Booking.starts_at, Booking.ends_at).where(Booking.id.in_(ids)))
        found += [row.id for row in times if _is_uncovered(facts, row.starts_at, row.ends_at, zone)]
    return found


def _is_uncovered(facts: Sequence[AgreementFact], starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> bool:
    last = ends_at - timedelta(microseconds=1)
    return first_uncovered_day(facts, starts_at.astimezone(zone).date(), last.astimezone(zone).date()) is not None


def _facts(endings: Iterable[Ending], partner_id: int, site_id: int) -> list[AgreementFact]:
    return [
        AgreementFact(one.starts_on, one.ends_on)
        for one in endings
        if (one.partner_id, one.site_id) == (partner_id, site_id) and one.ended_at is None
    ]


def _today(one: Ending, now: datetime) -> date:
    return now.astimezone(ZoneInfo(one.zone)).date()
