"""Looks for time that would do for somebody who waits: the same facts and judge as for whoever finds a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ...bookings.facts import Whose
from ...bookings.many import facts_of_many, units_among
from ...catalogue.queries import is_shown
from ...core.amount import Amount, Measure
from ...core.finding_times import Choice, Found, Need, first_times
from ...core.interval import Interval
from ...core.offering import only_within
from ...core.permissions import Actor
from ...core.room import Frame
from ...db import db
from ...models import Area, Resource, Site, Wait
from .. import queries

MARGIN = timedelta(days=9)  # buffers around what begins first or ends last, the longest ones too


@dataclass(frozen=True, slots=True)
class Wish:
    """What would do for somebody: one of these resources, all at one site, for so long within a stretch of time."""

    rows: Sequence[tuple[Resource, Site]]
    stretch: Interval
    minutes: int
    whose: Whose

    @property
    def known(self) -> Interval:
        """How far around the stretch facts are read."""
        return Interval(self.stretch.start - MARGIN, self.stretch.end + MARGIN)


def whose_of(wait: Wait) -> Whose:
    """For whom it would be booked."""
    return Whose(
        wait.person_id,
        wait.partner_id,
        asks_anew=True,
        project_id=wait.project_id,
        mode=wait.mode,
        biosafety=wait.biosafety,
    )


def wish_of(wait: Wait, actor: Actor) -> Wish:
    """What a wait is for, of what the person may see today."""
    ids = {wait.resource_id} if wait.resource_id else queries.group_members(wait.group_id or 0)
    rows = db.session.execute(
        select(Resource, Site)
        .join(Site, Site.id == Resource.site_id)
        .join(Area, Area.id == Resource.area_id)
        .where(Resource.id.in_(ids), Resource.site_id == wait.site_id, Resource.is_active, is_shown(actor))
        .order_by(Area.position, Resource.position, Resource.id)
    ).all()
    return Wish([(row.Resource, row.Site) for row in rows], _stretch(wait), wait.minutes, whose_of(wait))


def first_time(wish: Wish, passed: Mapping[int, Sequence[Interval]], *, now: datetime) -> Found:
    """The first time that no rule refuses, or what stood in the way; nothing is written and nothing locked."""
    units = units_among([one.id for one, _ in wish.rows])
    rows = [(one, site) for one, site in wish.rows if units.get(one.id)]
    if not rows:
        return Found((), ())
    facts = facts_of_many(rows, whose=wish.whose, units=units, window=wish.known, now=now)
    zone = rows[0][1].zoneinfo
    first, last = (at.astimezone(zone).date() for at in (wish.stretch.start, wish.stretch.end))
    choices = [
        Choice(
            one.id,
            site.id,
            rank,
            tuple(
                (unit, only_within(facts[one.id].on(unit), wish.stretch, wish.known, passed.get(one.id, ())))
                for unit in units[one.id]
            ),
        )
        for rank, (one, site) in enumerate(rows)
    ]
    need = Need(tuple(choices), Amount(wish.minutes, Measure.MINUTE))
    return first_times([need], Frame(first, last, wish.known), count=1)


def _stretch(wait: Wait) -> Interval:
    return Interval(wait.starts_at, wait.ends_at)
