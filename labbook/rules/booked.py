"""The bookings of a site around the present, read at once to be judged again by a limit."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select

from ..core.actor import Role
from ..core.flags import SUSPENDS
from ..core.interval import Interval
from ..core.language import Words
from ..core.lifecycle import HOLDS_TIME, USED, State
from ..core.usage import Use, minute_of
from ..db import db
from ..models import Booking, Partner, Person, Request, ResourceTraining, RoleGrant, TrainingRecord
from ..models.use import counted_until, used_until, was_used

MOST = 4000  # bookings; the oldest are left out
COUNTS = HOLDS_TIME | USED


class Booked(NamedTuple):
    """A booking as a preview needs it."""

    id: int
    request_key: str
    starts_at: datetime
    ends_at: datetime
    counted_until: datetime
    by_day: bool
    resource_id: int
    unit_id: int
    person_id: int
    partner_id: int
    project_id: int | None
    asked_at: datetime
    mode: str
    biosafety: int
    state: State
    counts_anyway: bool
    partner_key: str
    partner_name: Words
    family_name: str
    given_name: str

    @property
    def time(self) -> Interval:
        """From its start to its end."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def counts(self) -> bool:
        """Whether limits count it."""
        return self.state in COUNTS or self.counts_anyway

    @property
    def was_before(self) -> tuple[datetime, int]:
        """Orders bookings by when they were asked for."""
        return self.asked_at, self.id

    @property
    def use(self) -> Use:
        """The same as limits count it."""
        start, end = minute_of(self.starts_at), minute_of(self.counted_until)
        return Use(start, end, self.resource_id, self.person_id, self.project_id, minute_of(self.asked_at), self.mode)


def booked_at(site_id: int, resources: list[int], since: datetime) -> list[Booked]:
    """What is booked of these resources and ends after an instant, by start; one statement."""
    found = db.session.execute(
        select(
            Booking.id,
            Request.key,
            Booking.starts_at,
            Booking.ends_at,
            counted_until(),
            Booking.by_day,
            Booking.resource_id,
            Booking.unit_id,
            Booking.person_id,
            Booking.partner_id,
            Booking.project_id,
            Booking.created_at,
            Booking.mode,
            Booking.biosafety,
            Booking.state,
            Booking.counts_anyway,
            Partner.key,
            Partner.name,
            Person.family_name,
            Person.given_name,
        )
        .join(Request, Request.id == Booking.request_id)
        .join(Partner, Partner.id == Booking.partner_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.site_id == site_id,
            Booking.resource_id.in_(resources),
            Booking.ends_at > since,
            or_(Booking.state.in_(sorted(COUNTS | SUSPENDS)), Booking.counts_anyway),
        )
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(MOST)
    )
    return [Booked._make(row) for row in found][::-1]


def roles_of(people: list[int], now: datetime) -> dict[tuple[int, int | None], frozenset[Role]]:
    """The roles that people hold today, by person and partner; one statement."""
    today = now.date()
    found = select(RoleGrant.person_id, RoleGrant.partner_id, RoleGrant.role).where(
        RoleGrant.person_id.in_(people),
        RoleGrant.partner_id.is_not(None),
        RoleGrant.ended_at.is_(None),
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )
    of: dict[tuple[int, int | None], frozenset[Role]] = {}
    for person, partner, role in db.session.execute(found):
        of[person, partner] = of.get((person, partner), frozenset()) | {role}
    return of


def trainees_of(people: list[int], resources: list[int]) -> frozenset[tuple[int, int]]:
    """Who holds a training that a resource takes, but not yet on their own: person and resource; one statement."""
    found = (
        select(TrainingRecord.person_id, ResourceTraining.resource_id)
        .join(ResourceTraining, ResourceTraining.training_id == TrainingRecord.training_id)
        .where(
            TrainingRecord.person_id.in_(people),
            ResourceTraining.resource_id.in_(resources),
            TrainingRecord.revoked_at.is_(None),
        )
        .group_by(TrainingRecord.person_id, ResourceTraining.resource_id, TrainingRecord.training_id)
        .having(func.count().filter(TrainingRecord.is_trainee) == func.count())
    )
    return frozenset((person, resource) for person, resource in db.session.execute(found))


def used_of(people: list[int], resources: list[int]) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """How many minutes somebody used a resource, with each end of a use, by person and resource; one statement."""
    found = select(Booking.person_id, Booking.resource_id, Booking.starts_at, used_until()).where(
        Booking.person_id.in_(people), Booking.resource_id.in_(resources), was_used()
    )
    used: dict[tuple[int, int], list[tuple[datetime, int]]] = {}
    for person, resource, start, end in db.session.execute(found):
        used.setdefault((person, resource), []).append((end, minute_of(end) - minute_of(start)))
    return used
