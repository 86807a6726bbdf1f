"""Making, changing and ending agreements."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from ...catalogue.queries import site_by_slug
from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, NotFoundError, require
from ...db import Lock, db, take_locks, transactional
from ...models import Agreement, AgreementArea, AgreementResource, Area, Partner, Resource
from ...models.audit import happened
from ...models.columns import new_key
from ...models.people import PartnerKind
from .. import queries
from .ending import flag
from .errors import EndedError, StaleError


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agreement is to say. Both days are included; no last day means open-ended.

    Areas and resources are slugs of the site; none of either means the whole site. Entitlements are pairs of a name and
    what is granted, by language.
    """

    starts_on: date
    ends_on: date | None
    places: int | None
    signs: bool
    entitlements: dict[str, list[list[str]]]
    areas: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewPartner:
    """An organisation that comes into the lab with its first agreement."""

    name: Words
    kind: str


@transactional
def make(actor: Actor, site_slug: str, partner: str | NewPartner, draft: Draft, *, now: datetime) -> str:
    """Make an agreement with a partner, by its key or new; returns the agreement's key.

    Raises NotFoundError, ForbiddenError.
    """
    site = site_by_slug(actor, site_slug)
    require(actor, Do.CHANGE_AGREEMENT, Matter(site.id))
    found = _new(partner, actor, now) if isinstance(partner, NewPartner) else _partner(partner)
    require(actor, Do.CHANGE_AGREEMENT, Matter(site.id, found.id))
    take_locks([(Lock.AGREEMENT, found.id)])
    agreement = Agreement(
        key=new_key(), partner_id=found.id, site_id=site.id, starts_on=draft.starts_on, ends_on=draft.ends_on
    )
    db.session.add(agreement)
    _fill(agreement, draft)
    _note("agreement-made", agreement, actor, now, spelled(agreement))
    return agreement.key


@transactional
def change(actor: Actor, key: str, draft: Draft, *, version: int, now: datetime) -> None:
    """Change what an agreement says; it counts from the very next request.

    Raises NotFoundError, ForbiddenError, StaleError, EndedError.
    """
    agreement = _to_change(actor, key, Do.CHANGE_AGREEMENT, version)
    before = spelled(agreement)
    agreement.starts_on, agreement.ends_on = draft.starts_on, draft.ends_on
    _fill(agreement, draft)
    agreement.version += 1
    _note("agreement-changed", agreement, actor, now, {"before": before, "after": spelled(agreement)})


@transactional
def end(actor: Actor, key: str, *, reason: str, version: int, now: datetime) -> int:
    """End an agreement now, whatever its days say; returns how many future bookings were suspended by it.

    The rights that rest on it are gone on the very next request, of whichever process. Raises NotFoundError,
    ForbiddenError, StaleError, EndedError.
    """
    agreement = _to_change(actor, key, Do.END_AGREEMENT, version)
    agreement.ended_at = now
    agreement.version += 1
    _note("agreement-ended", agreement, actor, now, {"reason": reason} if reason else {})
    return flag(agreement.site_id, [agreement.partner_id], now)


def _to_change(actor: Actor, key: str, do: Do, version: int) -> Agreement:
    seen = queries.agreement_by_key(actor, key).agreement
    require(actor, do, Matter(seen.site_id, seen.partner_id))
    take_locks([(Lock.AGREEMENT, seen.partner_id)])
    agreement = queries.agreement_by_key(actor, key).agreement
    if agreement.ended_at is not None:
        raise EndedError
    if agreement.version != version:
        raise StaleError
    return agreement


def _partner(key: str) -> Partner:
    found = db.session.scalar(select(Partner).where(Partner.key == key))
    if found is None:
        raise NotFoundError
    return found


def _new(partner: NewPartner, actor: Actor, now: datetime) -> Partner:
    stem = re.sub(r"[^a-z0-9]+", "-", partner.name.en.lower()).strip("-")[:40] or "partner"
    is_taken = db.session.scalar(select(Partner.id).where(Partner.slug == stem)) is not None
    slug = f"{stem}-{new_key()[:8]}" if is_taken else stem
    found = Partner(slug=slug, name=partner.name, kind=PartnerKind(partner.kind))
    db.session.add(found)
    db.session.flush()
    said = {"name": {"en": partner.name.en, "ja": partner.name.ja}, "kind": partner.kind}
    db.session.add(
        happened(
            "partner-made",
            at=now,
            actor_id=actor.person_id,
            subject="partner",
            subject_id=found.id,
            body=said,
            partner_id=found.id,
        )
    )
    return found


def _fill(agreement: Agreement, draft: Draft) -> None:
    """Everything that an agreement says besides its days; flushed."""
    agreement.places, agreement.signs = draft.places, draft.signs
    agreement.entitlements = {tag: pairs for tag, pairs in draft.entitlements.items() if pairs} or None
    db.session.flush()
    areas = _ids(Area, draft.areas, agreement.site_id)
    resources = _ids(Resource, draft.resources, agreement.site_id)
    for table in (AgreementArea, AgreementResource):
        db.session.execute(delete(table).where(table.agreement_id == agreement.id))
    db.session.add_all(AgreementArea(agreement_id=agreement.id, area_id=one) for one in areas)
    db.session.add_all(AgreementResource(agreement_id=agreement.id, resource_id=one) for one in resources)
    db.session.flush()


def _ids(table: type[Area] | type[Resource], slugs: Collection[str], site_id: int) -> list[int]:
    """The ids of a site's areas or resources. Raises NotFoundError for one that is not of this site."""
    found = list(db.session.scalars(select(table.id).where(table.slug.in_(list(slugs)), table.site_id == site_id)))
    if len(found) != len(slugs):
        raise NotFoundError
    return sorted(found)


def spelled(agreement: Agreement) -> dict[str, Any]:
    """An agreement as history keeps it."""
    return {
        "starts": agreement.starts_on.isoformat(),
        "ends": agreement.ends_on.isoformat() if agreement.ends_on else "",
        "places": agreement.places,
        "signs": agreement.signs,
        "entitlements": agreement.entitlements or {},
        "areas": [one.slug for one in queries.covered_areas(agreement.id)],
        "resources": [one.slug for one in queries.covered_resources(agreement.id)],
    }


def _note(code: str, agreement: Agreement, actor: Actor, now: datetime, body: dict[str, Any]) -> None:
    db.session.add(
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="agreement",
            subject_id=agreement.id,
            body=body,
            site_id=agreement.site_id,
            partner_id=agreement.partner_id,
        )
    )
    db.session.flush()
