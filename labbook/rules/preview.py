"""What a limit would change: each booking is judged as it was asked for, beside what its partner had asked for before.

All bookings are read at once, in a fixed number of statements, however many they are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select

from ..catalogue.calendars import calendar_at
from ..core.actor import Role
from ..core.buffers import held
from ..core.calendar import Calendar
from ..core.facts import Effect, Facts, Said
from ..core.flags import SUSPENDS
from ..core.interval import Interval
from ..core.limits.apart import Apart
from ..core.limits.applied import Applied
from ..core.limits.experience import Experience
from ..core.limits.limit import Who
from ..core.record import Record
from ..core.terms import Terms
from ..core.usage import Ledger, Use, minute_of
from ..db import db
from ..models import Resource, Site
from .booked import COUNTS, Booked, booked_at, roles_of, trainees_of, used_of

MONTH = timedelta(days=31)
_EARLIER = timedelta(days=62)  # what may count together with the first of them: its whole month
_BY_ROLE, _BY_LEVEL = (Who.SCIENTISTS, Who.COORDINATORS), (Who.TRAINEES, Who.INDEPENDENT)


class Judged(NamedTuple):
    """A booking that does not keep a limit, and what the limit says of it."""

    booked: Booked
    effect: Effect
    said: Said
    is_ahead: bool


class _Counted(NamedTuple):
    """What counts together of one partner, by start."""

    rows: list[Booked]
    uses: list[Use]
    starts: list[int]
    longest: int


@dataclass(frozen=True)
class Seen:
    """The bookings of a site around the present, and what limits look at besides."""

    site: Site
    now: datetime
    calendar: Calendar
    terms: dict[int, Terms]
    rows: Sequence[Booked]  # by start
    roles: dict[tuple[int, int | None], frozenset[Role]]  # by person and partner
    trainees: frozenset[tuple[int, int]]  # person and resource
    used: dict[tuple[int, int], list[tuple[datetime, int]]]  # minutes so far, by person and resource

    @cached_property
    def judgeable(self) -> list[Booked]:
        """Those that can be judged: what was used in the past month, runs, or is ahead."""
        since = self.now - MONTH
        return [
            one
            for one in self.rows
            if one.starts_at >= since and (one.state in COUNTS or (one.state in SUSPENDS and one.starts_at > self.now))
        ]

    def judge(self, applied: Applied, partner_id: int | None, only: Collection[int] | None = None) -> list[Judged]:
        """Those that do not keep the limit, by start; `only` names the bookings that matter."""
        about = [
            one
            for one in self.judgeable
            if one.resource_id in applied.resources
            and partner_id in (None, one.partner_id)
            and (only is None or one.id in only)
        ]
        counted = self._counted(applied.resources) if about else {}
        found = []
        for one in about:
            look = applied.look(self._facts(one, applied, counted))
            if look is not None and not look.is_kept:
                found.append(Judged(one, applied.limit.effect, look.tell(), self.is_ahead(one)))
        return found

    def is_ahead(self, one: Booked) -> bool:
        """Whether it is yet to begin."""
        return one.state in SUSPENDS and one.starts_at > self.now

    def _counted(self, resources: Collection[int]) -> dict[int, _Counted]:
        by_partner: dict[int, list[Booked]] = {}
        for one in self.rows:
            if one.counts and one.resource_id in resources:
                by_partner.setdefault(one.partner_id, []).append(one)
        return {
            partner: _Counted(
                rows,
                uses := [one.use for one in rows],
                [one.start for one in uses],
                max(one.end - one.start for one in uses),
            )
            for partner, rows in by_partner.items()
        }

    def _facts(self, one: Booked, applied: Applied, counted: dict[int, _Counted]) -> Facts:
        pair = (one.person_id, one.resource_id)
        record = Record(
            self.calendar,
            one.resource_id,
            one.person_id,
            one.partner_key,
            one.project_id,
            one.mode,
            one.biosafety,
            one.asked_at,
            self._ledger(one, applied, counted.get(one.partner_id)),
            self.roles.get((one.person_id, one.partner_id), frozenset()),
            pair in self.trainees,
            sum(minutes for at, minutes in self.used.get(pair, ()) if at <= one.asked_at),
            {applied.key: self._present(one, applied, counted)} if isinstance(applied.limit, Apart) else {},
        )
        terms = self.terms[one.resource_id]
        zone = self.site.zoneinfo
        return Facts(one.asked_at, zone, one.time, terms, (), (), (), (), True, (), True, record=record)

    def _ledger(self, one: Booked, applied: Applied, counted: _Counted | None) -> Ledger:
        """What the partner had asked for before, as far as the limit looks at it."""
        reach = applied.limit.reach(one.time, self.calendar, one.asked_at)
        if reach is None or counted is None:
            return Ledger()
        after, before = minute_of(reach.start), minute_of(reach.end)
        first = bisect_left(counted.starts, after - counted.longest)
        last = bisect_right(counted.starts, before)
        mine = one.was_before
        uses = [
            use
            for row, use in zip(counted.rows[first:last], counted.uses[first:last], strict=True)
            if use.end > after and row.was_before < mine
        ]
        return Ledger(uses, lambda: self._midnights(uses))

    def _midnights(self, uses: list[Use]) -> list[int]:
        return self.calendar.midnights(self.calendar.interval(uses[0].start, uses[-1].start + 1)) if uses else []

    def _present(self, one: Booked, applied: Applied, counted: dict[int, _Counted]) -> tuple[Interval, ...]:
        assert isinstance(applied.limit, Apart)  # noqa: S101
        others = applied.limit.partners - {one.partner_key}
        zone = self.site.zoneinfo
        return tuple(
            held(row.time, self.terms[row.resource_id], zone)
            for several in counted.values()
            if several.rows[0].partner_key in others
            for row in several.rows
            if row.was_before < one.was_before
        )


def seen_at(site: Site, limits: Iterable[Applied], now: datetime) -> Seen:
    """What is to be known to judge the bookings that these limits are about."""
    several = list(limits)
    resources = sorted({number for one in several for number in one.resources})
    rows = booked_at(site.id, resources, now - MONTH - _EARLIER)
    whose = {one.limit.who for one in several}
    people = sorted({one.person_id for one in rows})
    terms = db.session.scalars(select(Resource).where(Resource.id.in_(resources)))
    return Seen(
        site,
        now,
        calendar_at(site, now),
        {one.id: one.terms for one in terms},
        rows,
        roles_of(people, now) if whose.intersection(_BY_ROLE) else {},
        trainees_of(people, resources) if whose.intersection(_BY_LEVEL) else frozenset(),
        used_of(people, resources) if any(isinstance(one.limit, Experience) for one in several) else {},
    )
