"""Gathers what the rules judge."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..agreements import queries as contracts
from ..catalogue import queries as catalogue
from ..core.facts import Facts
from ..core.free import longest_end
from ..core.interval import Interval
from ..core.terms import Asks, Terms
from ..models import Resource, Site
from ..people import queries as people
from ..rules import queries as rules
from .linked import linked_with
from .record import record_for
from .taken import Taken, taken_on
from .usage import has_booked
from .whose import Whose

__all__ = ["Around", "Whose", "facts_for", "window_around"]


@dataclass(frozen=True, slots=True)
class Around:
    """The facts of one resource around a wanted time, for any of its units."""

    facts: Facts
    taken: Taken
    window: Interval

    def on(self, unit_id: int) -> Facts:
        """The facts for one unit."""
        shut = tuple(one for one in self.facts.shut if one.is_about(unit_id))
        return replace(self.facts, taken=self.taken.all[unit_id], own=self.taken.own[unit_id], shut=shut)


def window_around(wanted: Interval, terms: Terms, zone: ZoneInfo) -> Interval:
    """How far around the wanted time facts are read, so that the nearest free times can be named.

    What is longer than the longest booking is refused for that: then no more is read than for the longest.
    """
    before, after = (40, 200) if terms.by_day else (2, 8)
    end = min(wanted.end, longest_end(terms, wanted.start, zone))
    return Interval(wanted.start - timedelta(days=before), end + timedelta(days=after))


def facts_for(
    resource: Resource,
    site: Site,
    wanted: Interval,
    *,
    whose: Whose,
    units: Iterable[int],
    now: datetime,
    but_claims: Collection[int] = (),
    window: Interval | None = None,
) -> Around:
    """Everything that the rules need, in seven statements, and one more for what is asked anew.

    Where limits apply, a few more, for what those look at, and where other resources are linked; one more each where
    staff look at first bookings, and where a sample has a level. Holds of `but_claims` do not count. Where several
    times are looked at by the same facts, the `window` is around all of them.
    """
    today = now.astimezone(site.zoneinfo).date()
    window = window or window_around(wanted, resource.terms, site.zoneinfo)
    trainings = people.trainings_of(whose.person_id, resource.id)
    first, last = (at.astimezone(site.zoneinfo).date() for at in (window.start, window.end))
    trainee = any(one.is_trainee for one in trainings)
    applied = rules.applied_to(resource, whose.partner_id, first, last)
    record = record_for(applied, resource, site, window, whose=whose, is_trainee=trainee, now=now) if applied else None
    facts = Facts(
        now=now,
        zone=site.zoneinfo,
        wanted=wanted,
        terms=resource.terms,
        openings=tuple(row.opening for row in catalogue.opening_rows(resource)),
        shut=catalogue.closures_of(resource, window),
        taken=(),
        agreements=contracts.agreement_facts(whose.partner_id, resource),
        books_for_partner=whose.books,
        trainings=trainings,
        is_visible=catalogue.is_shown_to_partner(resource, whose.partner_id),
        has_accepted=not whose.asks_anew or contracts.has_accepted(whose.person_id, site.id, today),
        biosafety=catalogue.biosafety_of(resource) if whose.biosafety else None,
        sample=whose.biosafety,
        has_booked=resource.asks is not Asks.FIRST or has_booked(whose.person_id, resource.id),
        record=record,
        limits=applied,
        linked=linked_with(resource, window, options=whose.options, but_claims=but_claims, partner_id=whose.partner_id),
    )
    shared_by = whose.person_id if resource.shares_buffers else None
    return Around(facts, taken_on(units, window, but_claims, shared_by=shared_by), window)
