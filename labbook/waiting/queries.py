"""Reads about the waiting list: one's own waits and offers, and for the worker what waits; each one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from ..core.interval import Interval
from ..core.language import Words
from ..core.offering import Answer
from ..core.permissions import NotFoundError
from ..db import db
from ..models import Offer, Project, Request, Resource, ResourceGroup, ResourceGroupMember, Site, Unit, Wait

LOOK_AGAIN = timedelta(minutes=10)  # what nothing that is held tells of: allowances, closures, horizons, proofs


class WaitRow(NamedTuple):
    """A wait with the names of what it is for."""

    wait: Wait
    site: Site
    name: Words  # of the resource or of the group
    slug: str
    is_group: bool
    by_day: bool
    request_key: str | None


class OfferRow(NamedTuple):
    """An offer with where it is, and whose wait it answers."""

    offer: Offer
    wait: Wait
    resource: Resource
    site: Site
    unit: str  # empty where the resource has one alone


def waits_of(person_id: int, since: datetime) -> list[WaitRow]:
    """What somebody waits for, and what they waited for since an instant; the newest first."""
    rows = db.session.execute(
        select(Wait, Site, Resource, ResourceGroup, Request.key)
        .join(Site, Site.id == Wait.site_id)
        .outerjoin(Resource, Resource.id == Wait.resource_id)
        .outerjoin(ResourceGroup, ResourceGroup.id == Wait.group_id)
        .outerjoin(Request, Request.id == Wait.request_id)
        .where(Wait.person_id == person_id, or_(Wait.ended_at.is_(None), Wait.ended_at > since))
        .order_by(Wait.ended_at.is_not(None), Wait.starts_at, Wait.id)
    )
    return [_wait_row(*row) for row in rows]


def _wait_row(
    wait: Wait, site: Site, resource: Resource | None, group: ResourceGroup | None, request_key: str | None
) -> WaitRow:
    if resource is not None:
        return WaitRow(wait, site, resource.name, resource.slug, False, resource.by_day, request_key)
    name, slug = (group.name, group.slug) if group is not None else (Words(), "")
    return WaitRow(wait, site, name, slug, True, False, request_key)


def wait_by_key(person_id: int, key: str) -> Wait:
    """One of somebody's own waits, ended ones too. Raises NotFoundError."""
    found = select(Wait).where(Wait.key == key, Wait.person_id == person_id)
    wait = db.session.scalar(found.execution_options(populate_existing=True))
    if wait is None:
        raise NotFoundError
    return wait


def live_count(person_id: int) -> int:
    """How many times somebody waits for now."""
    live = (Wait.person_id == person_id, Wait.ended_at.is_(None))
    return db.session.scalar(select(func.count(Wait.id)).where(*live)) or 0


def same_wait(wait: Wait) -> Wait | None:
    """A wait of the same person for the same."""
    return db.session.scalar(
        select(Wait).where(
            Wait.person_id == wait.person_id,
            Wait.ended_at.is_(None),
            Wait.resource_id == wait.resource_id if wait.resource_id else Wait.group_id == wait.group_id,
            Wait.starts_at == wait.starts_at,
            Wait.ends_at == wait.ends_at,
            Wait.minutes == wait.minutes,
            Wait.partner_id == wait.partner_id,
        )
    )


def open_offers_of(person_id: int, now: datetime) -> list[OfferRow]:
    """What is kept for somebody now, the first to lapse first."""
    return _offer_rows(Wait.person_id == person_id, Offer.answered_at.is_(None), Offer.until > now)


def offer_by_key(person_id: int, key: str) -> OfferRow:
    """One of the offers to somebody, answered ones too. Raises NotFoundError."""
    found = _offer_rows(Offer.key == key, Wait.person_id == person_id)
    if not found:
        raise NotFoundError
    return found[0]


def offer_row(offer_id: int) -> OfferRow:
    """An offer as it stands now."""
    return _offer_rows(Offer.id == offer_id)[0]


def _offer_rows(*conditions: ColumnElement[bool]) -> list[OfferRow]:
    other = aliased(Unit)
    several = exists().where(other.resource_id == Unit.resource_id, other.id != Unit.id)
    rows = db.session.execute(
        select(Offer, Wait, Resource, Site, Unit.name, several.label("is_of_several"))
        .join(Wait, Wait.id == Offer.wait_id)
        .join(Resource, Resource.id == Offer.resource_id)
        .join(Site, Site.id == Resource.site_id)
        .join(Unit, Unit.id == Offer.unit_id)
        .where(*conditions)
        .order_by(Offer.until, Offer.id)
        .execution_options(populate_existing=True)
    )
    return [
        OfferRow(row.Offer, row.Wait, row.Resource, row.Site, row.name if row.is_of_several else "") for row in rows
    ]


def open_offer(wait_id: int) -> Offer | None:
    """The offer that a wait has an answer to give to."""
    found = select(Offer).where(Offer.wait_id == wait_id, Offer.answered_at.is_(None))
    return db.session.scalar(found.execution_options(populate_existing=True))


def passed_by(wait_id: int) -> dict[int, list[Interval]]:
    """What was offered to a wait and not taken, by resource: it is not offered to it again."""
    found: dict[int, list[Interval]] = {}
    rows = db.session.execute(
        select(Offer.resource_id, Offer.starts_at, Offer.ends_at).where(
            Offer.wait_id == wait_id, Offer.answer.in_([Answer.REFUSED, Answer.LAPSED])
        )
    )
    for row in rows:
        found.setdefault(row.resource_id, []).append(Interval(row.starts_at, row.ends_at))
    return found


# --- for the worker ---------------------------------------------------------------------------------------------------


def lapsed_offers(now: datetime) -> list[int]:
    """The offers that nobody has answered in time, by their ids."""
    found = select(Offer.id).where(Offer.answered_at.is_(None), Offer.until <= now)
    return list(db.session.scalars(found.order_by(Offer.until, Offer.id)))


class Live(NamedTuple):
    """A wait as the worker sees it: for whom, whether it has an offer, and whether time is to be looked for."""

    wait_id: int
    person_id: int
    partner_id: int
    site_id: int
    stretch: Interval
    minutes: int
    has_offer: bool
    is_due: bool
    revision: int  # how busy its resources are now


def live_waits(now: datetime) -> list[Live]:
    """Everybody's waits; who asked first comes first.

    Time is to be looked for unless the resources are held as they were when it was last looked, some minutes ago.
    """
    member = aliased(ResourceGroupMember)
    in_group = exists().where(member.group_id == Wait.group_id, member.resource_id == Resource.id)
    busy = (
        select(func.coalesce(func.sum(Resource.busy_revision), 0))
        .where(or_(Resource.id == Wait.resource_id, in_group))
        .correlate(Wait)
        .scalar_subquery()
    )
    offered = exists().where(Offer.wait_id == Wait.id, Offer.answered_at.is_(None))
    rows = db.session.execute(
        select(Wait, offered.label("offered"), busy.label("revision"))
        .where(Wait.ended_at.is_(None))
        .order_by(Wait.created_at, Wait.id)
    )
    return [_live(row.Wait, bool(row.offered), row.revision, now) for row in rows]


def _live(wait: Wait, has_offer: bool, revision: int, now: datetime) -> Live:
    is_stale = wait.seen_at is None or wait.seen_revision != revision or wait.seen_at <= now - LOOK_AGAIN
    stretch = Interval(wait.starts_at, wait.ends_at)
    whose = wait.person_id, wait.partner_id, wait.site_id
    return Live(wait.id, *whose, stretch, wait.minutes, has_offer, is_stale and not has_offer, revision)


def project_key(project_id: int | None) -> str:
    """The key of a joint project; empty for none."""
    if project_id is None:
        return ""
    return db.session.scalar(select(Project.key).where(Project.id == project_id)) or ""


def group_members(group_id: int) -> set[int]:
    """The ids of the resources of a group."""
    members = select(ResourceGroupMember.resource_id).where(ResourceGroupMember.group_id == group_id)
    return set(db.session.scalars(members))
