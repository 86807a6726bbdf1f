"""The units of a resource: adding some, naming them, taking some out of use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from ...core.language import N_
from ...core.permissions import Actor, Do, Matter, require
from ...core.terms import Sentence
from ...db import Lock, db, take_locks, transactional
from ...models import Booking, Hold, Person, Resource, Unit
from ...models.audit import happened
from ...models.booking import named_anew
from .. import queries
from ..units import all_units_of
from .errors import StaleError, UnfitError

MOST = 200


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """A unit as it is to be; one without a key is new."""

    key: str
    name: str
    is_active: bool = True


@transactional
def set_units(actor: Actor, slug: str, drafts: Sequence[UnitDraft], *, version: int, now: datetime) -> None:
    """Add units to a resource, name them, take them out of use or back; none is ever removed.

    What is held to come keeps its unit in use. Raises NotFoundError, ForbiddenError, StaleError, and UnfitError by
    the unit's key; `new` for new ones, and `units` for all of them.
    """
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])  # nobody asks for anything here meanwhile
    db.session.refresh(resource)
    if resource.version != version:
        raise StaleError
    units = {one.key: one for one in all_units_of(resource.id)}
    _require_fit(drafts, units, now)
    before, called = spelled(units.values()), _called(units.values())
    for position, draft in enumerate(drafts, start=1):
        unit = units.get(draft.key) or _added(resource)
        unit.name, unit.is_active, unit.position = draft.name, draft.is_active, position
    db.session.flush()
    after = spelled(all_units_of(resource.id))
    if after == before:
        return
    resource.version += 1
    others = [number for number, name in _called(all_units_of(resource.id)).items() if called.get(number) != name]
    db.session.execute(named_anew(Booking.unit_id.in_(others), now))
    _raise_revisions(resource)
    db.session.add(
        happened(
            "resource-set",
            at=now,
            actor_id=actor.person_id,
            subject="resource",
            subject_id=resource.id,
            body={"before": {"units": before}, "after": {"units": after}},
            site_id=site.id,
        )
    )


def _called(units: Collection[Unit]) -> dict[int, str]:
    """What calendars call each unit, by its id: by its name where there are several."""
    return {one.id: one.name if len(units) > 1 else "" for one in units}


def spelled(units: Collection[Unit]) -> list[str]:
    """The units as history keeps them: their names, and which are out of use."""
    return [one.name if one.is_active else f"({one.name})" for one in sorted(units, key=lambda one: one.position)]


def _added(resource: Resource) -> Unit:
    unit = Unit(resource_id=resource.id)
    db.session.add(unit)
    return unit


def _require_fit(drafts: Sequence[UnitDraft], units: dict[str, Unit], now: datetime) -> None:
    reasons: dict[str, Sentence] = {}
    if {one.key for one in drafts if one.key} != set(units):
        raise StaleError
    names: set[str] = set()
    held = _held({one.key: units[one.key].id for one in drafts if one.key and not one.is_active}, now)
    for draft in drafts:
        place = draft.key or "new"
        if draft.name.casefold() in names:
            reasons[place] = Sentence(N_("This name stands there twice. Each unit needs a name of its own."))
        names.add(draft.name.casefold())
        if draft.key in held:
            count, until = held[draft.key]
            text = N_("Bookings to come hold it: %(count)s, the last until %(until)s. Close it, or move them first.")
            reasons[place] = Sentence(text, {"count": count, "until": until.date()})
    if not any(one.is_active for one in drafts):
        reasons["units"] = Sentence(N_("Keep at least one unit in use; to shut all of them, close the resource."))
    if len(drafts) > MOST:
        reasons["new"] = Sentence(N_("A resource has at most %(most)s units."), {"most": MOST})
    if reasons:
        raise UnfitError(reasons)


def _held(ids: dict[str, int], now: datetime) -> dict[str, tuple[int, Any]]:
    """How many claims hold these units from now on, and until when, by the units' keys."""
    keys = {number: key for key, number in ids.items()}
    rows = db.session.execute(
        select(Hold.unit_id, func.count(), func.max(Hold.ends_at))
        .where(Hold.unit_id.in_(sorted(keys)), Hold.ends_at > now)
        .group_by(Hold.unit_id)
    )
    return {keys[row[0]]: (row[1], row[2]) for row in rows}


def _raise_revisions(resource: Resource) -> None:
    """Entries name their unit: the feeds of the resource and of whoever booked it have changed."""
    resource.full_revision += 1
    resource.busy_revision += 1
    db.session.flush()
    people = db.session.scalars(select(Booking.person_id).where(Booking.resource_id == resource.id).distinct())
    for number in sorted(people):
        raised = {"full_revision": Person.full_revision + 1, "busy_revision": Person.busy_revision + 1}
        db.session.execute(update(Person).where(Person.id == number).values(raised))
