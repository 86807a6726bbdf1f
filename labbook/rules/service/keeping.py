"""Making and changing rule sets and their limits. Nothing is deleted but a limit, and its history keeps that too."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ...catalogue.queries import areas_at, site_by_slug
from ...core import limits
from ...core.contradicting import between, contradictions
from ...core.language import N_, Words
from ...core.limits.limit import Limit, Problem, spelled
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...core.terms import ResourceKind
from ...db import Lock, db, take_locks, transactional
from ...models import RuleSet, Site
from ...models.audit import happened
from ...models.columns import new_key
from ..sets import Ground, SetOf, agreements_at, ground_of, groups_at, resources_at, set_by_key
from .errors import ContradictoryError, StaleError
from .marking import Outcome, mark, refusing


@dataclass(frozen=True, slots=True)
class Draft:
    """What a rule set is to be called, about and valid. Slugs and keys of the site's; what is empty does not narrow."""

    name: Words
    resource: str = ""
    area: str = ""
    kind: str = ""
    level: int | None = None
    group: str = ""
    agreement: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@transactional
def make(actor: Actor, site_slug: str, draft: Draft, *, now: datetime) -> str:
    """Make a rule set without limits; returns its key. Raises NotFoundError, ForbiddenError, ContradictoryError."""
    site = site_by_slug(actor, site_slug)
    require(actor, Do.SET_RULES, Matter(site.id))
    take_locks([(Lock.SITE, site.id)])
    made = RuleSet(key=new_key(), site_id=site.id, limits=[], made_at=now)
    _fill(made, draft, site)
    db.session.add(made)
    db.session.flush()
    found = set_by_key(actor, made.key)
    _require(actor, found)
    _check(found, ground_of(found.row, site.id))
    _note(found, actor, now, None)
    return made.key


@transactional
def change(actor: Actor, key: str, draft: Draft, *, version: int, now: datetime) -> Outcome:
    """Give a rule set another name, scope or validity.

    Raises NotFoundError, ForbiddenError, StaleError, ContradictoryError.
    """
    found = _to_change(actor, key, version)
    before, old = said_of(found), refusing(found)
    _fill(found.rules, draft, found.site)
    found.rules.version += 1
    db.session.flush()
    found = set_by_key(actor, key)
    _require(actor, found)
    _check(found, ground_of(found.row, found.site.id))
    _note(found, actor, now, before)
    return mark(found.site, old, refusing(found), now)


@transactional
def switch(actor: Actor, key: str, *, on: bool, version: int, now: datetime) -> Outcome:
    """Switch a rule set on or off; what it is already is no change.

    Raises NotFoundError, ForbiddenError, StaleError, and ContradictoryError for one that cannot count any more.
    """
    found = _to_change(actor, key, version)
    if found.rules.is_active is on:
        return Outcome(0, 0)
    before, old = said_of(found), refusing(found)
    found.rules.is_active = on
    found.rules.version += 1
    db.session.flush()
    if on:
        _check(found, ground_of(found.row, found.site.id))
    _note(found, actor, now, before)
    return mark(found.site, old, refusing(found), now)


@transactional
def put_limit(
    actor: Actor, key: str, limit_id: str | None, limit: Limit, *, version: int, now: datetime
) -> tuple[str, Outcome]:
    """Add a limit to a rule set, or put it in the place of another; returns its id there.

    Raises NotFoundError, ForbiddenError, StaleError, ContradictoryError.
    """
    found = _to_change(actor, key, version)
    ids = [one["id"] for one in found.rules.limits]
    if limit_id is not None and limit_id not in ids:
        raise NotFoundError
    others = [limits.read(one) for one in found.rules.limits if one["id"] != limit_id]
    problems = [*contradictions(limit, ground_of(found.row, found.site.id).place), *between(limit, others)]
    if problems:
        raise ContradictoryError(problems)
    number = limit_id or secrets.token_hex(4)
    plain = {**spelled(limit), "id": number}
    kept = [plain if one["id"] == number else one for one in found.rules.limits]
    return number, _set_limits(found, kept if limit_id else [*kept, plain], actor, now)


@transactional
def remove_limit(actor: Actor, key: str, limit_id: str, *, version: int, now: datetime) -> Outcome:
    """Take a limit out of a rule set. Raises NotFoundError, ForbiddenError, StaleError."""
    found = _to_change(actor, key, version)
    kept = [one for one in found.rules.limits if one["id"] != limit_id]
    if len(kept) == len(found.rules.limits):
        raise NotFoundError
    return _set_limits(found, kept, actor, now)


def _set_limits(found: SetOf, several: list[dict[str, Any]], actor: Actor, now: datetime) -> Outcome:
    before, old = said_of(found), refusing(found)
    found.rules.limits = several
    found.rules.version += 1
    db.session.flush()
    _note(found, actor, now, before)
    return mark(found.site, old, refusing(found), now)


def place_for(actor: Actor, key: str) -> Ground:
    """What a rule set is about. Raises NotFoundError."""
    found = set_by_key(actor, key)
    return ground_of(found.row, found.site.id)


# --- steps that they share --------------------------------------------------------------------------------------------


def _to_change(actor: Actor, key: str, version: int) -> SetOf:
    seen = set_by_key(actor, key)
    _require(actor, seen)
    take_locks([(Lock.SITE, seen.site.id)])
    found = set_by_key(actor, key)
    _require(actor, found)
    if found.rules.version != version:
        raise StaleError
    return found


def _require(actor: Actor, found: SetOf) -> None:
    require(actor, Do.SET_RULES, Matter(found.site.id, found.partner.id if found.partner else None))


def _fill(rules: RuleSet, draft: Draft, site: Site) -> None:
    """Raises NotFoundError for anything that is not the site's."""
    rules.name, rules.level = draft.name, draft.level
    rules.kind = ResourceKind(draft.kind) if draft.kind else None
    rules.resource_id = _id(draft.resource, ((one.slug, one.id) for one in resources_at(site.id)))
    rules.area_id = _id(draft.area, ((one.slug, one.id) for one in areas_at(site.id).values()))
    rules.group_id = _id(draft.group, ((one.slug, one.id) for one in groups_at(site.id)))
    rules.agreement_id = _id(draft.agreement, ((one.key, one.id) for one, _ in agreements_at(site.id)))
    rules.starts_on, rules.ends_on = draft.starts_on, draft.ends_on


def _id(name: str, known: Iterable[tuple[str, int]]) -> int | None:
    if not name:
        return None
    found = dict(known).get(name)
    if found is None:
        raise NotFoundError
    return found


def _check(found: SetOf, ground: Ground) -> None:
    """Raise ContradictoryError when the rule set is about nothing, or never counts, or a limit of it cannot be kept."""
    if not ground.resources:
        raise ContradictoryError(
            [Problem("scope", N_("No resource is all of this at once: the rule set would be about nothing."))]
        )
    first = max((begins for begins, _ in found.row.bounds if begins), default=None)
    last = min((ends for _, ends in found.row.bounds if ends), default=None)
    if first and last and last < first:
        raise ContradictoryError(
            [
                Problem(
                    "starts_on",
                    N_("The agreement is not in force on any of these days: the rule set would never count."),
                )
            ]
        )
    several = [limits.read(one) for one in found.rules.limits]
    wrong = [problem for limit in several for problem in contradictions(limit, ground.place)]
    if wrong:
        raise ContradictoryError([problem._replace(field="scope") for problem in wrong])


def said_of(found: SetOf) -> dict[str, Any]:
    """A rule set as history keeps it."""
    rules = found.rules
    return {
        "name": {"en": rules.name.en, "ja": rules.name.ja},
        "resource": found.resource.slug if found.resource else "",
        "area": found.area.slug if found.area else "",
        "kind": str(rules.kind or ""),
        "level": rules.level,
        "group": found.group.slug if found.group else "",
        "agreement": found.agreement.key if found.agreement else "",
        "starts": rules.starts_on.isoformat() if rules.starts_on else "",
        "ends": rules.ends_on.isoformat() if rules.ends_on else "",
        "on": rules.is_active,
        "limits": rules.limits,
    }


def _note(found: SetOf, actor: Actor, now: datetime, before: dict[str, Any] | None) -> None:
    body = {"after": said_of(found)} if before is None else {"before": before, "after": said_of(found)}
    db.session.add(
        happened(
            "rules-set",
            at=now,
            actor_id=actor.person_id,
            subject="rules",
            subject_id=found.rules.id,
            body=body,
            site_id=found.site.id,
        )
    )
    db.session.flush()
