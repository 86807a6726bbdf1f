"""Gathers what the rules judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..agreements import queries as contracts
from ..catalogue import queries as catalogue
from ..core.facts import Facts
from ..core.free import longest_end
from ..core.interval import Interval
from ..core.terms import Terms
from ..models import Resource, Site
from ..people import queries as people
from . import queries


@dataclass(frozen=True, slots=True)
class Around:
    """The facts of one resource around a wanted time, for any of its units."""

    facts: Facts
    taken: dict[int, tuple[Interval, ...]]  # by unit
    window: Interval

    def on(self, unit_id: int) -> Facts:
        """The facts for one unit."""
        return replace(self.facts, taken=self.taken[unit_id])


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom, and for which partner; `books` when that person holds a role with the partner.

    Who asks for something new must have accepted the site's conditions; a booking that exists is not held up by a new
    edition of them, least of all when staff move it.
    """

    person_id: int
    partner_id: int
    books: bool = True
    asks_anew: bool = False


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
    but_claim: int | None = None,
) -> Around:
    """Everything that the rules need, in five statements, and one more for what is asked anew.

    `but_claim` names a claim whose holds do not count.
    """
    today = now.astimezone(site.zoneinfo).date()
    window = window_around(wanted, resource.terms, site.zoneinfo)
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
        trainings=people.trainings_of(whose.person_id, resource.id),
        is_visible=catalogue.is_shown_to_partner(resource, whose.partner_id),
        has_accepted=not whose.asks_anew or contracts.has_accepted(whose.person_id, site.id, today),
    )
    return Around(facts, queries.taken_on(units, window, but_claim), window)
