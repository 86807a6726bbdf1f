"""What is free at a site right now for one person, among everything that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..bookings.many import facts_of_many, units_among
from ..bookings.whose import Whose
from ..catalogue import queries as catalogue
from ..core.amount import Measure
from ..core.facts import Facts, Finding
from ..core.interval import Interval
from ..core.permissions import Actor, Do, Matter, may
from ..core.rules import judge
from ..core.terms import Asks
from ..core.walking_up import Chance, Presence, presence, running_slot, soon

SOON = timedelta(hours=1)
_BACK, _AHEAD = timedelta(days=2), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Near:
    """A resource as it stands; the first time that one may have of it soon or, where there is none, why not now."""

    resource: Any
    area: Any
    presence: Presence
    chance: Chance | None
    why_not: Finding | None


def near(actor: Actor, site: Any, now: datetime) -> list[Near]:
    """Everything at a site that one could walk up to, by area and position.

    What is booked by months, or run by staff, is nothing that one walks up to. A fixed number of statements for each
    partner for which one books here.
    """
    found = catalogue.resources_for(actor)
    rows = [(one, area) for one, area, where in found if where.id == site.id and _is_walked_up_to(one)]
    units = units_among([one.id for one, _ in rows])
    rows = [(one, area) for one, area in rows if one.id in units]
    window = _window([one for one, _ in rows], site, now)
    books = [
        one for one in catalogue.partners_at(actor, site.id) if may(actor, Do.REQUEST_BOOKING, Matter(site.id, one))
    ]
    facts = [_facts([one for one, _ in rows], site, actor, partner, units, window, now) for partner in books or [0]]
    return [_near(one, area, [of_one[one.id] for of_one in facts], window, bool(books)) for one, area in rows]


def _is_walked_up_to(resource: Any) -> bool:
    return resource.slot.measure is not Measure.MONTH and resource.asks is not Asks.FORM


def _window(resources: Sequence[Any], site: Any, now: datetime) -> Interval:
    """As far as anything is to be known: a booking that begins within the hour ends within it, buffers and all."""
    ends = [one.shortest.after(now, site.zoneinfo) for one in resources]
    return Interval(now - _BACK, max([now, *ends]) + _AHEAD)


def _facts(
    resources: Sequence[Any],
    site: Any,
    actor: Actor,
    partner_id: int,
    units: Mapping[int, Sequence[int]],
    window: Interval,
    now: datetime,
) -> dict[int, list[Facts]]:
    whose = Whose(actor.person_id, partner_id, partner_id in actor.partner_ids, asks_anew=True)
    around = facts_of_many([(one, site) for one in resources], whose=whose, units=units, window=window, now=now)
    return {one.id: [around[one.id].on(unit) for unit in units[one.id]] for one in resources}


def _near(resource: Any, area: Any, ways: Sequence[Sequence[Facts]], window: Interval, books: bool) -> Near:
    stands = presence(ways[0], window)
    if not books:
        return Near(resource, area, stands, None, None)
    chances = [one for units in ways if (one := soon(units, window, SOON)) is not None]
    if chances:
        return Near(resource, area, stands, min(chances, key=lambda one: one.start), None)
    return Near(resource, area, stands, None, _why_not(ways[0]) if stands.free else None)


def _why_not(units: Sequence[Facts]) -> Finding | None:
    facts, start = units[0], running_slot(units[0])
    shortest = Interval(start, facts.terms.shortest.after(start, facts.zone))
    refusals = judge(replace(facts, wanted=shortest)).refusals
    return refusals[0] if refusals else None
