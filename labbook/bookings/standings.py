"""How allowances stand now: those of a person at their sites, and those that an agreement grants its partner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from ..catalogue.calendars import calendar_at
from ..catalogue.queries import sites_for
from ..core.actor import Role
from ..core.interval import Interval
from ..core.language import Words
from ..core.limits.applied import Applied
from ..core.limits.limit import Who
from ..core.limits.standing import Standing
from ..core.permissions import Actor
from ..core.record import Record
from ..core.usage import Ledger
from ..db import db
from ..models import Agreement, Resource, ResourceTraining, Site, TrainingRecord
from ..people import queries as people
from ..rules import queries as rules
from . import usage

_MINUTE = timedelta(minutes=1)
_ABOUT_ROLE = (Who.SCIENTISTS, Who.COORDINATORS)
_ABOUT_TRAINING = (Who.TRAINEES, Who.INDEPENDENT)


@dataclass(frozen=True, slots=True)
class Held:
    """What a person may use at a site for a partner, and how much of it is used."""

    partner_id: int
    site: Site
    standings: list[Standing]


@dataclass(frozen=True, slots=True)
class Granted:
    """One allowance of an agreement: how it stands for all together, or what all have used of each one's own."""

    applied: Applied
    together: list[Standing]  # empty where each person counts alone
    is_minutes: bool
    shares: dict[int, int] = field(default_factory=dict)  # by person, in minutes or in what else it counts

    @property
    def used(self) -> int:
        """What all have used."""
        return sum(self.shares.values())


def of_person(actor: Actor, now: datetime) -> list[Held]:
    """Each allowance that concerns the person, by partner and site; a few statements for each site."""
    sites = {site.id: site for site in sites_for(actor)}
    return [
        Held(partner_id, sites[site_id], _personal(actor.person_id, partner_id, sites[site_id], now))
        for partner_id, site_id in sorted(actor.agreements)
        if partner_id in actor.partner_ids and site_id in sites
    ]


def of_agreement(agreement: Agreement, site: Site, now: datetime) -> list[Granted]:
    """What an agreement's rule sets grant, with who has used how much; five statements at most."""
    keys = rules.keys_of_agreement(agreement.id)
    if not keys:
        return []
    applied = [one for one in _in_force(site, agreement.partner_id, now) if one.set_key in keys]
    record = Record(calendar_at(site, now), 0, 0, ledger=_ledger(applied, agreement.partner_id, site, now))
    everybody = sorted({use.person_id for use in record.ledger.uses})
    granted = [_granted(one, record, everybody, now) for one in applied]
    return [one for one in granted if one is not None]


def names_of(standings: Iterable[Standing]) -> dict[int, Words]:
    """The names of the resources that count by themselves, by id."""
    ids = sorted({one.resource_id for one in standings if one.resource_id})
    if not ids:
        return {}
    rows = db.session.execute(select(Resource.id, Resource.name).where(Resource.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _personal(person_id: int, partner_id: int, site: Site, now: datetime) -> list[Standing]:
    applied = _in_force(site, partner_id, now)
    if not applied:
        return []
    asked = {one.limit.who for one in applied}
    roles = people.roles_with(person_id, partner_id, now) if asked & set(_ABOUT_ROLE) else frozenset[Role]()
    learning = _learning(person_id) if asked & set(_ABOUT_TRAINING) else frozenset[int]()
    ledger = _ledger(applied, partner_id, site, now)
    record = Record(calendar_at(site, now), 0, person_id, ledger=ledger, roles=roles)
    return [
        standing
        for one in applied
        if one.limit.is_about(mine := replace(record, is_trainee=bool(learning & one.resources)))
        for standing in one.limit.standing(mine, one, now)
    ]


def _granted(applied: Applied, record: Record, everybody: Sequence[int], now: datetime) -> Granted | None:
    """None for what does not add up."""
    together = applied.limit.standing(record, applied, now)
    if not together:
        return None
    each = {person: applied.limit.standing(replace(record, person_id=person), applied, now) for person in everybody}
    shares = {person: sum(one.meter.by_you for one in own) for person, own in each.items()}
    used = {person: count for person, count in shares.items() if count}
    return Granted(applied, together if together[0].is_shared else [], together[0].meter.is_minutes, used)


def _in_force(site: Site, partner_id: int, now: datetime) -> list[Applied]:
    """What the rule sets of a site say to the partner today; what only staff read is left out."""
    today = now.astimezone(site.zoneinfo).date()
    sets = [row for row in rules.sets_at(site.id) if row.holds_between(today, today, partner_id)]
    stands = rules.stands_at(site.id) if sets else {}
    found = [one for row in sets for one in rules.applied_of(row, stands)]
    return sorted((one for one in found if not one.limit.is_confidential), key=lambda one: one.key)


def _ledger(applied: Iterable[Applied], partner_id: int, site: Site, now: datetime) -> Ledger:
    calendar, moment = calendar_at(site, now), Interval(now, now + _MINUTE)
    reaches = [reach for one in applied if (reach := one.limit.reach(moment, calendar, now)) is not None]
    if not reaches:
        return Ledger()
    whole = Interval(min(one.start for one in reaches), max(one.end for one in reaches))
    return usage.ledger(partner_id, site.id, whole, calendar)


def _learning(person_id: int) -> frozenset[int]:
    """The resources for which the person holds a training, but not yet on their own."""
    found = (
        select(ResourceTraining.resource_id)
        .join(TrainingRecord, TrainingRecord.training_id == ResourceTraining.training_id)
        .where(TrainingRecord.person_id == person_id, TrainingRecord.is_trainee, TrainingRecord.revoked_at.is_(None))
    )
    return frozenset(db.session.scalars(found))
