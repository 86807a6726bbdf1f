"""Preview: staff see the lab as the people of a partner see it, and nothing that those do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...core.language import Words
from ...core.permissions import Actor, Do, Matter, NotFoundError, Role, may, require
from ...db import db, transactional
from ...models import Agreement, Partner, ProjectPartner, Site
from ...models.audit import Event, happened

NOBODY = 0  # the id of no person: whoever is seen has no bookings, feeds or messages of their own


class Previewable(NamedTuple):
    """A partner, and those of the staff's sites at which its agreement is in force."""

    id: int
    key: str
    name: Words
    sites: frozenset[int]


def previewable(actor: Actor, now: datetime) -> list[Previewable]:
    """The partners as whose people the actor may look; one statement."""
    rows = db.session.execute(
        select(
            Partner.id, Partner.key, Partner.name, Agreement.site_id, Agreement.starts_on, Agreement.ends_on, Site.zone
        )
        .join(Agreement, Agreement.partner_id == Partner.id)
        .join(Site, Site.id == Agreement.site_id)
        .where(Agreement.site_id.in_(actor.staffed_sites), Agreement.ended_at.is_(None))
        .order_by(Partner.slug)
    ).all()
    found: dict[int, Previewable] = {}
    for row in rows:
        today = now.astimezone(ZoneInfo(row.zone)).date()
        if row.starts_on <= today and (row.ends_on is None or today <= row.ends_on):
            before = found.get(row.id) or Previewable(row.id, row.key, row.name, frozenset())
            found[row.id] = before._replace(sites=before.sites | {row.site_id})
    return [one for one in found.values() if may(actor, Do.PREVIEW_AS_PARTNER, _matter(one))]


def seen_as(actor: Actor, partner_key: str, now: datetime) -> tuple[Actor, Words] | None:
    """A scientist of the partner at the actor's sites, and the partner's name; None when the actor may not (any more).

    This scientist is nobody: no name of the partner's people, no bookings of their own. What joint projects do at
    other sites stays closed, since the staff who look may not see it either.
    """
    found = _one(previewable(actor, now), partner_key)
    if found is None:
        return None
    projects = db.session.scalars(select(ProjectPartner.project_id).where(ProjectPartner.partner_id == found.id))
    scientist = Actor(
        person_id=NOBODY,
        key="",
        email=actor.email,
        family_name=actor.family_name,
        given_name=actor.given_name,
        language=actor.language,
        home_site_id=actor.home_site_id,
        partners=frozenset({(found.id, Role.SCIENTIST)}),
        agreements=frozenset((found.id, site) for site in found.sites),
        projects=frozenset(projects),
        project_sites=found.sites,
    )
    return scientist, found.name


@transactional
def begin_preview(actor: Actor, partner_key: str, *, lasts: timedelta, now: datetime) -> None:
    """Record that somebody looks as a partner's people do, for as long as it may last.

    Raises NotFoundError, ForbiddenError.
    """
    found = _one(previewable(actor, now), partner_key)
    if found is None:
        raise NotFoundError
    require(actor, Do.PREVIEW_AS_PARTNER, _matter(found))
    until = (now + lasts).isoformat()
    db.session.add_all(_events("previewed-as", actor, found, now, {"until": until}))


@transactional
def end_preview(actor: Actor, partner_key: str, *, now: datetime) -> None:
    """Record that the look is over before its time; nothing to record when it has ended by itself."""
    found = _one(previewable(actor, now), partner_key)
    if found is not None:
        db.session.add_all(_events("preview-ended", actor, found, now, {}))


def _events(code: str, actor: Actor, found: Previewable, now: datetime, body: dict[str, str]) -> list[Event]:
    """One for each site, since each site's trail is its own."""
    return [
        happened(
            code,
            at=now,
            actor_id=actor.person_id,
            subject="partner",
            subject_id=found.id,
            body=body,
            site_id=site,
            partner_id=found.id,
        )
        for site in sorted(found.sites)
    ]


def _one(found: Sequence[Previewable], partner_key: str) -> Previewable | None:
    return next((one for one in found if one.key == partner_key), None)


def _matter(one: Previewable) -> Matter:
    return Matter(partner_id=one.id, partner_sites=one.sites)
