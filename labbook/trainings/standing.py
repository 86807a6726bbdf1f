"""Gathers what an eligibility card is made from: for one person, and any number of resources of one site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..agreements import queries as agreements
from ..catalogue import queries as catalogue
from ..core.eligibility import Card, Demand, Standing, card_of
from ..core.permissions import Actor
from ..core.proofs import Proof, undated
from ..models import Area, Resource, Site, Training, TrainingRecord
from ..people import queries as people
from . import queries

_NONE = Proof(is_held=False)


@dataclass(frozen=True, slots=True)
class Whose:
    """The person of a card, and the partners through which it may speak of agreements."""

    person_id: int
    partner_ids: frozenset[int]
    dates_use: bool = True  # days that depend on use are told; who reads may see for whom the person has used what

    @classmethod
    def own(cls, actor: Actor) -> Whose:
        """One's own card."""
        return cls(actor.person_id, actor.partner_ids)


@dataclass(frozen=True, slots=True)
class Under:
    """What somebody's trainings have come to: proofs, wishes, and sessions; by training."""

    proofs: dict[int, Proof]
    wished: set[int]
    undated: date | None  # the day of which proofs that depend on use are told, without days; none: all days are told
    places: dict[int, datetime]  # when the session begins in which they have a place
    open: set[int]  # some session to come has a free place

    def demand(self, training: Training, site: Site) -> Demand:
        """One training as a card sees it."""
        begins, proof = self.places.get(training.id), self.proofs.get(training.id, _NONE)
        if self.undated is not None and training.disuse_days is not None:
            proof = undated(proof, self.undated)
        return Demand(
            training.slug,
            training.name,
            training.level,
            proof,
            training.id in self.wished,
            begins.astimezone(site.zoneinfo).date() if begins else None,
            training.id in self.open,
        )


def under_way(person_id: int, site: Site, now: datetime, *, dates_use: bool = True) -> Under:
    """What somebody's trainings have come to at a site; four statements."""
    ahead = queries.sessions_at(site.id, person_id, now)
    return Under(
        {training: proof for (_, training), proof in queries.proofs(TrainingRecord.person_id == person_id).items()},
        queries.wished_by(person_id),
        None if dates_use else now.astimezone(site.zoneinfo).date(),
        {one: row.starts_at for one, row in queries.places_of_person(person_id, site.id, now).items()},
        {row.training.id for row in ahead if row.left and row.own is None},
    )


def cards(whose: Whose, site: Site, resources: Sequence[Resource], now: datetime) -> dict[int, Card]:
    """The card of each of these resources of a site; eight statements, however many they are."""
    today = now.astimezone(site.zoneinfo).date()
    demands = queries.demands_of(one.id for one in resources)
    contracts = queries.contracts_of(whose.partner_ids, site.id)
    waiting = agreements.conditions_that_count(site.id, today)
    if waiting is not None and agreements.accepted_at(waiting.id, whose.person_id) is not None:
        waiting = None
    under = under_way(whose.person_id, site, now, dates_use=whose.dates_use)
    return {
        one.id: card_of(
            Standing(
                today,
                tuple(
                    tuple(each.about(one) for each in contracts if each.partner_id == partner)
                    for partner in sorted(whose.partner_ids)
                ),
                waiting.edition if waiting is not None else "",
                tuple(under.demand(training, site) for training in demands.get(one.id, ())),
            )
        )
        for one in resources
    }


def resources_for(viewer: Actor, whose: Whose, site: Site, search: str, now: datetime) -> list[tuple[Resource, Area]]:
    """The resources of a site on a person's card: those that both the viewer and the person may see."""
    rows = catalogue.resources_for(viewer, search=search)
    found = [(resource, area) for resource, area, _ in rows if resource.site_id == site.id]
    if viewer.person_id == whose.person_id:
        return found
    person = people.actor_of(whose.person_id, now)
    theirs = {one.id for one, _, _ in catalogue.resources_for(person)} if person is not None else set()
    return [(one, area) for one, area in found if one.id in theirs or not one.is_hidden]
