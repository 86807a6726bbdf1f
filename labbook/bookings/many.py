"""What the rules judge, for many resources at once: a fixed number of statements, some of them once for each site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from ..agreements import queries as contracts
from ..catalogue import queries as catalogue
from ..core.facts import AgreementFact, Facts, Shut, TrainingFact
from ..core.interval import Interval
from ..core.limits.applied import Applied
from ..core.limits.experience import Experience
from ..core.record import Record
from ..core.terms import Asks
from ..db import db
from ..models import Closure, OpeningRow, Resource, ResourcePartner, Site, Unit
from ..people import queries as people
from ..rules import queries as rules
from . import usage
from .facts import Around
from .linked import linked_among
from .record import record_at
from .taken import Taken, taken_on
from .whose import Whose

Stands = tuple[Resource, Site]


@dataclass(frozen=True, slots=True)
class _AtSite:
    """What is read once for all resources of a site."""

    has_accepted: bool
    hours: Sequence[OpeningRow]
    closures: Sequence[Closure]
    limits: Mapping[int, tuple[Applied, ...]]  # by resource
    record: Record | None  # without what is a resource's own; None where no limits apply


@dataclass(frozen=True, slots=True)
class _OfPerson:
    """What is read once for all resources, by the resource's id."""

    agreements: Mapping[int, tuple[AgreementFact, ...]]
    trainings: Mapping[int, tuple[TrainingFact, ...]]
    hidden: frozenset[int]  # from the partner
    booked: frozenset[int]
    levels: Mapping[int, int | None]  # of samples; empty where the sample has none
    minutes: Mapping[int, int]


def facts_of_many(
    stands: Iterable[Stands], *, whose: Whose, units: Mapping[int, Sequence[int]], window: Interval, now: datetime
) -> dict[int, Around]:
    """The facts of each resource, by its id, for bookings that lie within the window with their buffers.

    The same as `facts_for` gathers of one, but for a wanted time, which means nothing here. `units` is by resource.
    """
    rows = list(stands)
    by_site: dict[int, list[Stands]] = defaultdict(list)
    for resource, site in rows:
        by_site[site.id].append((resource, site))
    sites = {number: _at_site(there, whose, window, now) for number, there in sorted(by_site.items())}
    limits = {number: ones for at in sites.values() for number, ones in at.limits.items()}
    person = _of_person([resource for resource, _ in rows], limits, whose)
    taken = _taken(rows, units, window, whose.person_id)
    linked = linked_among([resource for resource, _ in rows], {}, window, partner_id=whose.partner_id)
    facts = {resource.id: _facts(resource, site, sites[site.id], person, whose, window, now) for resource, site in rows}
    return {number: Around(replace(one, linked=linked[number]), taken, window) for number, one in facts.items()}


def units_among(resource_ids: Iterable[int]) -> dict[int, list[int]]:
    """The bookable units of these resources, in order; one statement."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = db.session.execute(
        select(Unit.resource_id, Unit.id)
        .where(Unit.resource_id.in_(list(resource_ids)), Unit.is_active)
        .order_by(Unit.resource_id, Unit.position, Unit.id)
    )
    for row in rows:
        found[row.resource_id].append(row.id)
    return dict(found)


def _facts(
    resource: Resource, site: Site, at: _AtSite, person: _OfPerson, whose: Whose, window: Interval, now: datetime
) -> Facts:
    trainings = person.trainings.get(resource.id, ())
    limits = at.limits[resource.id]
    record = None
    if limits and at.record is not None:
        record = replace(
            at.record,
            resource_id=resource.id,
            is_trainee=any(one.is_trainee for one in trainings),
            minutes_used=person.minutes.get(resource.id, 0),
        )
    return Facts(
        now=now,
        zone=site.zoneinfo,
        wanted=Interval(window.start, window.start + timedelta(minutes=1)),
        terms=resource.terms,
        openings=tuple(row.opening for row in catalogue.nearest_hours(at.hours, resource.area_id, resource.id)),
        shut=tuple(_shut(at.closures, resource)),
        taken=(),
        agreements=person.agreements.get(resource.id, ()),
        books_for_partner=whose.books,
        trainings=trainings,
        is_visible=resource.id not in person.hidden,
        has_accepted=at.has_accepted,
        has_booked=resource.asks is not Asks.FIRST or resource.id in person.booked,
        biosafety=person.levels.get(resource.id),
        sample=whose.biosafety,
        record=record,
        limits=limits,
    )


def _at_site(there: list[Stands], whose: Whose, window: Interval, now: datetime) -> _AtSite:
    site = there[0][1]
    today, first, last = (one.astimezone(site.zoneinfo).date() for one in (now, window.start, window.end))
    rows = [row for row in rules.sets_at(site.id) if row.holds_between(first, last, whose.partner_id)]
    limits: dict[int, tuple[Applied, ...]] = {resource.id: () for resource, _ in there}
    record = None
    if rows:
        scopes = rules.stands_at(site.id)
        of_sets = [(row, rules.applied_of(row, scopes)) for row in rows]
        for resource, _ in there:
            here = scopes[resource.id]
            limits[resource.id] = tuple(one for row, ones in of_sets if row.is_about(here) for one in ones)
        every = list({one.key: one for ones in limits.values() for one in ones}.values())
        record = record_at(every, site, window, whose=whose, now=now) if every else None
    return _AtSite(
        not whose.asks_anew or contracts.has_accepted(whose.person_id, site.id, today),
        catalogue.openings_at(site.id),
        catalogue.closures_at(site.id, window),
        limits,
        record,
    )


def _of_person(resources: list[Resource], limits: Mapping[int, tuple[Applied, ...]], whose: Whose) -> _OfPerson:
    numbers = [one.id for one in resources]
    first = [one.id for one in resources if one.asks is Asks.FIRST]
    logged = [one for one in numbers if any(isinstance(applied.limit, Experience) for applied in limits[one])]
    return _OfPerson(
        contracts.agreement_facts_among(whose.partner_id, numbers),
        people.trainings_among(whose.person_id, numbers),
        _hidden([one.id for one in resources if one.is_hidden], whose.partner_id),
        usage.booked_among(whose.person_id, first) if first else frozenset(),
        catalogue.biosafety_among(resources) if whose.biosafety else {},
        usage.minutes_used_among(whose.person_id, logged) if logged else {},
    )


def _hidden(hidden: list[int], partner_id: int) -> frozenset[int]:
    """Of the hidden resources those that are not kept for this partner."""
    if not hidden:
        return frozenset()
    kept = select(ResourcePartner.resource_id).where(
        ResourcePartner.partner_id == partner_id, ResourcePartner.resource_id.in_(hidden)
    )
    return frozenset(hidden) - frozenset(db.session.scalars(kept))


def _taken(rows: Iterable[Stands], units: Mapping[int, Sequence[int]], window: Interval, person_id: int) -> Taken:
    """What is held on all units; of those that share buffers in a statement of their own."""
    sharing: dict[bool, list[int]] = defaultdict(list)
    for resource, _ in rows:
        sharing[resource.shares_buffers].extend(units[resource.id])
    parts = [taken_on(there, window, shared_by=person_id if shares else None) for shares, there in sharing.items()]
    return Taken(
        {k: v for one in parts for k, v in one.all.items()}, {k: v for one in parts for k, v in one.own.items()}
    )


def _shut(closures: Iterable[Closure], resource: Resource) -> Iterable[Shut]:
    """Those of the site's closures that shut the resource or a unit of it: its own, its area's, the whole site's."""
    for row in closures:
        is_its = row.area_id in (None, resource.area_id) and row.resource_id in (None, resource.id)
        if is_its and row.shut.binds(by_day=resource.by_day, cover=resource.cover):
            yield row.shut
