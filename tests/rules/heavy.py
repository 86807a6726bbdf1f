"""A partner that uses a site all the time: thousands of bookings in the weeks around a wish."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sqlalchemy import insert, select

from labbook.core.calendar import Span
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.lifecycle import State
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.counting import Subject
from labbook.core.limits.in_a_row import InARow
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit, spelled
from labbook.core.weekly import Stretch, When
from labbook.db import db, transactional
from labbook.models import Booking, Claim, Request, Resource, RuleSet, Unit
from labbook.models.booking import new_uid
from labbook.models.columns import new_key
from tests.cast import NOW, Cast, add_resource

PEAK = When((Stretch(frozenset(range(5)), 9 * 60, 19 * 60),), name=Words("peak", "ピーク時間"))
WANTED = Interval(NOW + timedelta(days=8, hours=1), NOW + timedelta(days=8, hours=3))
WEEKS = 4
SPANS = (Span.DAY, Span.WEEK, Span.MONTH, Span.AHEAD)
SUBJECTS = (Subject.PARTNER, Subject.PERSON, Subject.PARTNER, Subject.PROJECT)


def thirty_limits() -> list[Limit]:
    """Of each kind that counts something, in turns, generous enough to be kept."""
    return [_limit(number) for number in range(30)]


def _limit(number: int) -> Limit:
    span, subject = SPANS[number % 4], SUBJECTS[number // 4 % 4]
    free = 24 if number % 3 == 0 else 0
    return (
        Allowance(most=10**6, span=span, subject=subject, when=PEAK, free_hours=free),
        Allowance(most=10**6, span=span, subject=Subject.PARTNER, same_day_free=bool(free)),
        Bookings(most=10**6, span=span, subject=subject, when=PEAK, free_hours=free),
        Days(most=10**4, span=Span.MONTH, subject=subject),
        AtOnce(most=10**4, subject=subject),
        InARow(most=10**5),
        Length(longest=180, when=PEAK),
    )[number % 7]


@transactional
def make_rule_sets(site_id: int, limits: list[Limit]) -> None:
    """Each in a set of its own, for the whole site."""
    db.session.add_all(
        RuleSet(site_id=site_id, name=Words(f"Set {n}", f"規則{n}"), limits=[{"id": "1", **spelled(one)}], made_at=NOW)
        for n, one in enumerate(limits)
    )


@transactional
def make_resources(site_id: int, count: int) -> list[str]:
    """Resources that nobody has booked; their slugs."""
    slugs = [f"heavy-{number}" for number in range(count)]
    for slug in slugs:
        add_resource(site_id, slug)
    return slugs


@transactional
def use_heavily(lab: Cast, partner: str, names: list[str], slugs: list[str], count: int) -> None:
    """Bookings of a partner's people in the weeks around the wish, an hour before it and after it none."""
    dice, site_id, partner_id = Random(5), lab.sites["tsukuba"], lab.partners[partner]
    rows = db.session.execute(
        select(Resource.id, Unit.id).join(Unit, Unit.resource_id == Resource.id).where(Resource.slug.in_(slugs))
    ).all()
    first = WANTED.start - timedelta(weeks=WEEKS / 2)
    requests, claims, bookings = [], [], []
    base = (db.session.scalar(select(Request.id).order_by(Request.id.desc()).limit(1)) or 0) + 1
    claim = (db.session.scalar(select(Claim.id).order_by(Claim.id.desc()).limit(1)) or 0) + 1
    for number in range(count):
        start = first + timedelta(minutes=30 * dice.randrange(48 * 7 * WEEKS))
        end = start + timedelta(minutes=30 * dice.randint(1, 8))
        asked = start - timedelta(hours=dice.randint(1, 400))
        person, (resource_id, unit_id) = lab.people[dice.choice(names)], dice.choice(rows)
        requests.append(
            {
                "id": base + number,
                "key": new_key(),
                "site_id": site_id,
                "partner_id": partner_id,
                "person_id": person,
                "asked_by_id": person,
                "title": "Heavy",
                "purpose": "",
                "created_at": asked,
            }
        )
        claims.append({"id": claim + number, "kind": "booking"})
        bookings.append(
            {
                "key": new_key(),
                "uid": new_uid(),
                "request_id": base + number,
                "claim_id": claim + number,
                "site_id": site_id,
                "partner_id": partner_id,
                "resource_id": resource_id,
                "unit_id": unit_id,
                "person_id": person,
                "state": State.APPROVED,
                "starts_at": start,
                "ends_at": end,
                "wall_start": "",
                "wall_end": "",
                "created_at": asked,
                "changed_at": asked,
            }
        )
    for table, made in ((Request, requests), (Claim, claims), (Booking, bookings)):
        db.session.execute(insert(table), made)
