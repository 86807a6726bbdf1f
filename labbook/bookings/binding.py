"""Which check-ins and deadlines bind bookings: of any number at once, in a fixed number of statements for each site."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, func, select

from ..core.actor import Role
from ..core.arriving import CheckIn, check_in
from ..core.consequences import Due
from ..core.interval import Interval
from ..core.lifecycle import State
from ..core.limits.deadline import Deadline
from ..core.limits.limit import Who
from ..core.limits.no_show import NoShow
from ..db import db
from ..models import Booking, Event, RuleSet, Site
from ..rules.booked import roles_of, trainees_of
from ..rules.queries import SetRow, Stands, limits_of, sets_at, stands_at


class Standing(NamedTuple):
    """A booking, as far as what binds it asks."""

    id: int
    key: str
    site_id: int
    zone: str
    resource_id: int
    partner_id: int
    person_id: int
    state: State
    starts_at: datetime
    ends_at: datetime
    mode: str
    created_at: datetime
    checked_in_at: datetime | None
    counts_anyway: bool
    used_until: datetime | None

    @property
    def time(self) -> Interval:
        """From its start to its end."""
        return Interval(self.starts_at, self.ends_at)

    @property
    def zoneinfo(self) -> ZoneInfo:
        """The zone of its site."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Binding:
    """What binds one booking after it was asked for."""

    check_in: CheckIn | None = None
    dues: tuple[Due, ...] = ()


NOTHING = Binding()


def standing(*conditions: ColumnElement[bool]) -> list[Standing]:
    """Bookings that meet the conditions; one statement."""
    found = (
        select(
            *(Booking.id, Booking.key, Booking.site_id, Site.zone, Booking.resource_id, Booking.partner_id),
            *(Booking.person_id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.mode),
            *(Booking.created_at, Booking.checked_in_at, Booking.counts_anyway, Booking.used_until),
        )
        .join(Site, Site.id == Booking.site_id)
        .where(*conditions)
        .order_by(Booking.starts_at, Booking.id)
    )
    return [Standing._make(row) for row in db.session.execute(found)]


def binding_of(keys: Collection[str], now: datetime) -> dict[str, tuple[Standing, Binding]]:
    """These bookings with what binds them, by their keys."""
    several = standing(Booking.key.in_(sorted(keys)))
    bound = binding(several, now)
    return {one.key: (one, bound[one.id]) for one in several}


def binding(bookings: Sequence[Standing], now: datetime) -> dict[int, Binding]:
    """What binds each of these bookings, by their ids.

    A rule binds what it could be kept for: a check-in what began after the rule set was last changed, a deadline what
    was asked for after that, or could still be cancelled freely then. Nobody loses a time by a rule made afterwards.
    """
    found: dict[int, Binding] = dict.fromkeys((one.id for one in bookings), NOTHING)
    for site_id in sorted({one.site_id for one in bookings}):
        sets = [row for row in sets_at(site_id) if any(isinstance(one, NoShow | Deadline) for _, one in limits_of(row))]
        if sets:
            here = [one for one in bookings if one.site_id == site_id]
            found |= _bound(here, sets, stands_at(site_id), now)
    return found


def _bound(
    bookings: Sequence[Standing], sets: Sequence[SetRow], stands: dict[int, Stands], now: datetime
) -> dict[int, Binding]:
    since = _last_changed(sets)
    kinds = {limit.who for row in sets for _, limit in limits_of(row) if isinstance(limit, NoShow | Deadline)}
    people = sorted({one.person_id for one in bookings})
    roles = roles_of(people, now) if kinds & {Who.SCIENTISTS, Who.COORDINATORS} else {}
    trainees: frozenset[tuple[int, int]] = frozenset()
    if kinds & {Who.TRAINEES, Who.INDEPENDENT}:
        trainees = trainees_of(people, sorted({one.resource_id for one in bookings}))
    found = {}
    for one in bookings:
        day = one.starts_at.astimezone(one.zoneinfo).date()
        its_roles: frozenset[Role] = roles.get((one.person_id, one.partner_id), frozenset())
        is_trainee = (one.person_id, one.resource_id) in trainees
        limits = [
            (limit, row)
            for row in sets
            if row.is_about(stands[one.resource_id]) and row.holds_between(day, day, one.partner_id)
            for _, limit in limits_of(row)
            if limit.is_for(its_roles, one.mode, is_trainee=is_trainee)
        ]
        shows = [limit for limit, row in limits if isinstance(limit, NoShow) and since[row.key] <= one.starts_at]
        dues = [(Due(limit, row.name), since[row.key]) for limit, row in limits if isinstance(limit, Deadline)]
        found[one.id] = Binding(
            check_in(shows, one.time),
            tuple(due for due, at in dues if at <= max(due.until(one.starts_at), one.created_at)),
        )
    return found


def _last_changed(sets: Iterable[SetRow]) -> dict[str, datetime]:
    """When each rule set was made, or changed or switched on for the last time; one statement."""
    since = {row.key: row.made_at for row in sets}
    rows = db.session.execute(
        select(RuleSet.key, func.max(Event.at))
        .join(Event, Event.subject_id == RuleSet.id)
        .where(Event.subject == "rules", RuleSet.key.in_(sorted(since)))
        .group_by(RuleSet.key)
    )
    return since | {row.key: row[1] for row in rows}


def sites_with_check_ins() -> list[int]:
    """The sites of which some rule set that is switched on may ask for a check-in; one statement."""
    asks = cast(RuleSet.limits, String).contains(f'"{NoShow.code}"')
    return list(db.session.scalars(select(RuleSet.site_id).where(RuleSet.is_active, asks).distinct()))
