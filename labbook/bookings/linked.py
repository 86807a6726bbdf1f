"""Reads what of linked resources stands in the way, for the rules and for the holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, select

from ..catalogue import queries as catalogue
from ..catalogue.links import Need, Ties, hidden_from, needs_of, ties_at
from ..core.interval import Interval, merged
from ..core.language import Words
from ..core.linked import Linked, LinkedUnit
from ..db import db
from ..models import Closure, OpeningRow, Resource, Unit
from .taken import ByUnit, taken_on

_UNITS = (
    select(Unit.resource_id, Unit.id)
    .where(Unit.resource_id.in_(bindparam("resources", expanding=True)), Unit.is_active)
    .order_by(Unit.resource_id, Unit.position, Unit.id)
)


def linked_with(
    resource: Resource,
    window: Interval,
    *,
    options: Collection[int] = (),
    but_claims: Collection[int] = (),
    partner_id: int | None = None,
) -> tuple[Linked, ...]:
    """What is held with bookings of a resource within the window; one statement where nothing is.

    The holds of a claim do not count where one is named, and nothing has a name of which a partner may not know.
    """
    found = linked_among([resource], {resource.id: options}, window, but_claims=but_claims, partner_id=partner_id)
    return found[resource.id]


def linked_among(
    resources: Sequence[Resource],
    options: Mapping[int, Collection[int]],
    window: Interval,
    *,
    but_claims: Collection[int] = (),
    partner_id: int | None = None,
) -> dict[int, tuple[Linked, ...]]:
    """The same of many resources by their ids; a fixed number of statements for each of their sites."""
    ties: dict[int, Ties] = {site: ties_at(site) for site in sorted({one.site_id for one in resources})}
    needs = {one.id: needs_of(one.id, ties[one.site_id], options.get(one.id, ())) for one in resources}
    others = {need.other.id: need.other for several in needs.values() for need in several}
    if not others:
        return {one.id: () for one in resources}
    there = _There(list(others.values()), window, but_claims, partner_id)
    return {number: tuple(there.linked(need) for need in several) for number, several in needs.items()}


class _There:
    """What is known of the linked resources: their units, what is held on them, their hours and closures."""

    def __init__(
        self, others: Sequence[Resource], window: Interval, but_claims: Collection[int], partner_id: int | None
    ) -> None:
        self.window = window
        self.units = _units_among(one.id for one in others)
        self.taken: ByUnit = taken_on(
            (one for several in self.units.values() for one in several), window, but_claims
        ).all
        sites = sorted({one.site_id for one in others})
        self.openings: dict[int, Sequence[OpeningRow]] = {site: catalogue.openings_at(site) for site in sites}
        self.closures: dict[int, Sequence[Closure]] = {site: catalogue.closures_at(site, window) for site in sites}
        self.unnamed = hidden_from(others, partner_id) if partner_id is not None else frozenset()

    def linked(self, need: Need) -> Linked:
        """What the rules look at."""
        other, is_part = need.other, need.pieces is None
        hours = catalogue.nearest_hours(self.openings[other.site_id], other.area_id, other.id)
        return Linked(
            other.id,
            Words() if other.id in self.unnamed else other.name,
            other.terms,
            need.pieces,
            tuple(
                LinkedUnit(one, tuple(merged(self.taken[one])), () if is_part else tuple(self._shut(other, one)))
                for one in self.units.get(other.id, ())
            ),
            self.window,
            None if is_part else tuple(row.opening for row in hours),
        )

    def _shut(self, other: Resource, unit_id: int) -> Iterator[Interval]:
        for row in self.closures[other.site_id]:
            is_here = row.area_id in (None, other.area_id) and row.resource_id in (None, other.id)
            if is_here and row.unit_id in (None, unit_id):
                yield Interval(row.starts_at, row.ends_at)


def _units_among(resource_ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row in db.session.execute(_UNITS, {"resources": list(resource_ids)}):
        found[row.resource_id].append(row.id)
    return found
