"""Changing the standing terms of a resource."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...core.amount import Amount
from ...core.contradictions import Wanted, contradictions
from ...core.deciding import AtDeadline
from ...core.hours import Cover
from ...core.language import N_, Words, folded
from ...core.permissions import Actor, Do, Matter, require
from ...core.terms import Asks, Sentence
from ...core.work import MOST_MODES, Mode, slug_from
from ...db import Lock, db, take_locks, transactional
from ...models import Resource
from ...models.audit import happened
from ...rules.queries import sets_at, stands_at
from .. import queries
from .errors import StaleError, UnfitError

AMOUNTS = {  # by the names that the core gives them, the columns
    "slot": "slot",
    "shortest": "shortest",
    "longest": "longest",
    "before": "buffer_before",
    "after": "buffer_after",
    "notice": "notice",
    "horizon": "horizon",
}


@dataclass(frozen=True, slots=True)
class WantedMode:
    """A kind of work as somebody would like it; an empty slug means a new one."""

    slug: str
    name: Words


@dataclass(frozen=True, slots=True)
class Deciding:
    """In how many working hours staff decide, what becomes of a request after them, and whether two decide."""

    hours: int
    at_deadline: AtDeadline
    two_steps: bool


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """What the terms are to be. Biosafety None: as the area's."""

    amounts: Mapping[str, Amount]
    shares_buffers: bool
    cover: Cover
    asks: Asks
    holds_on_request: bool
    biosafety: int | None
    tags: Words
    modes: Sequence[WantedMode]
    deciding: Deciding


@transactional
def set_terms(actor: Actor, slug: str, draft: TermsDraft, *, version: int, now: datetime) -> None:
    """Change what a resource demands of bookings that are made or moved from now on; those that exist stay as they are.

    Raises NotFoundError, ForbiddenError, StaleError, UnfitError (by amount, `modes-<place>`, or
    `gone-<slug>` for a kind of work that rules name).
    """
    resource, site = queries.resource_by_slug(actor, slug)
    require(actor, Do.SET_RESOURCE, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])  # nobody asks for anything here meanwhile
    db.session.refresh(resource)
    if resource.version != version:
        raise StaleError
    modes = _fitting(resource, draft)
    before = spelled(resource)
    for name, column in AMOUNTS.items():
        setattr(resource, column, draft.amounts[name])
    resource.shares_buffers, resource.holds_on_request = draft.shares_buffers, draft.holds_on_request
    resource.cover, resource.asks, resource.biosafety = draft.cover, draft.asks, draft.biosafety
    resource.decide_hours, resource.at_deadline = draft.deciding.hours, str(draft.deciding.at_deadline)
    resource.two_steps, resource.tags = draft.deciding.two_steps, draft.tags
    resource.modes = [one.spelled() for one in modes] or None
    after = spelled(resource)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    resource.version += 1
    if "shares_buffers" in changed:  # on which it rests what is shown as one busy time
        resource.busy_revision += 1
    said = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    db.session.add(
        happened(
            "resource-set",
            at=now,
            actor_id=actor.person_id,
            subject="resource",
            subject_id=resource.id,
            body=said,
            site_id=site.id,
        )
    )


def spelled(resource: Resource) -> dict[str, Any]:
    """The terms as history keeps them."""
    return {
        **{name: str(getattr(resource, column)) for name, column in AMOUNTS.items()},
        "shares_buffers": resource.shares_buffers,
        "cover": str(resource.cover),
        "asks": str(resource.asks),
        "holds_on_request": resource.holds_on_request,
        "decide_hours": resource.decide_hours,
        "at_deadline": resource.at_deadline,
        "two_steps": resource.two_steps,
        "biosafety": resource.biosafety,
        "tags": {"en": resource.tags.en, "ja": resource.tags.ja},
        "modes": [one.spelled() for one in resource.kinds_of_work],
    }


def _fitting(resource: Resource, draft: TermsDraft) -> list[Mode]:
    """The kinds of work with their slugs. Raises UnfitError for whatever cannot be."""
    openings = tuple(row.opening for row in queries.opening_rows(resource))
    reasons = contradictions(Wanted(draft.amounts, draft.cover, resource.by_day, openings))
    known = {one.slug for one in resource.kinds_of_work}
    kept = {one.slug for one in draft.modes} & known
    modes: list[Mode] = []
    names: set[str] = set()
    for place, one in enumerate(draft.modes[:MOST_MODES]):
        slug = one.slug if one.slug in known else slug_from(one.name.en, kept | {mode.slug for mode in modes})
        if not slug:
            reasons[f"modes-{place}"] = Sentence(N_("Give the name in English too: letters or digits."))
        elif folded(one.name.en) in names or slug in {mode.slug for mode in modes}:
            reasons[f"modes-{place}"] = Sentence(N_("This kind of work is named twice."))
        names.add(folded(one.name.en))
        modes.append(Mode(slug, one.name))
    if draft.deciding.two_steps and draft.deciding.at_deadline is AtDeadline.APPROVE:
        reasons["at_deadline"] = Sentence(N_("The clock does not decide where two people are to: choose another one."))
    reasons |= _named_in_rules(resource, known - {one.slug for one in modes})
    if reasons:
        raise UnfitError(reasons)
    return modes


def _named_in_rules(resource: Resource, gone: Collection[str]) -> dict[str, Sentence]:
    """Why kinds of work cannot be taken out: rule sets about the resource that are switched on name them."""
    if not gone:
        return {}
    here = stands_at(resource.site_id)[resource.id]
    sets = [row for row in sets_at(resource.site_id) if row.is_about(here)]
    reasons = {}
    for slug in gone:
        names = [row.name for row in sets if any(slug in one.get("modes", ()) for one in row.limits)]
        if names:
            said = Words(", ".join(one.text("en") for one in names), "、".join(one.text("ja") for one in names))
            text = N_("Rules name this kind of work: %(sets)s. Change them first.")
            reasons[f"gone-{slug}"] = Sentence(text, {"sets": said})
    return reasons
