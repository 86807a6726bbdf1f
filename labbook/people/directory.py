"""The partners and sites at whose people a viewer may look, and their places; a fixed number of statements each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from ..core.language import Words
from ..core.permissions import PARTNER_ROLES, Actor, Matter, NotFoundError, Role
from ..db import db
from ..models import Agreement, Invitation, Partner, Person, RoleGrant, Site

FURTHEST_WEST = timedelta(hours=12)


def is_live(now: datetime) -> ColumnElement[bool]:
    """The condition under which a RoleGrant is not over: neither taken away, nor past its last day everywhere."""
    return and_(RoleGrant.ended_at.is_(None), _not_past(RoleGrant.ends_on, now))


def is_open(now: datetime) -> ColumnElement[bool]:
    """The condition under which an Invitation can still be accepted."""
    return and_(Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)


def _not_past(day: Any, now: datetime) -> ColumnElement[bool]:
    return or_(day.is_(None), day >= (now - FURTHEST_WEST).date())


# --- scopes -----------------------------------------------------------------------------------------------------------


def led_by(viewer: Actor) -> frozenset[int]:
    """The partners that the viewer coordinates and of which some agreement is in force."""
    return frozenset(
        partner
        for partner, role in viewer.partners
        if role is Role.COORDINATOR and any(one == partner for one, _ in viewer.agreements)
    )


def counts(now: datetime) -> ColumnElement[bool]:
    """The condition under which an Agreement is in force, or still to begin: neither ended nor past its last day."""
    return and_(Agreement.ended_at.is_(None), _not_past(Agreement.ends_on, now))


def sees_partner(viewer: Actor, now: datetime) -> ColumnElement[bool]:
    """The condition under which the viewer may look at a Partner's people; as Do.SEE_PEOPLE."""
    if viewer.looks_at_everything:
        return true()
    ways: list[ColumnElement[bool]] = [Partner.id.in_(led_by(viewer))]
    if viewer.is_staff:
        ways.append(
            exists().where(
                Agreement.partner_id == Partner.id, Agreement.site_id.in_(viewer.staffed_sites), counts(now)
            ),
        )
    return or_(*ways)


def sees_site_people(viewer: Actor) -> ColumnElement[bool]:
    """The condition under which the viewer may look at who works at a Site; as Do.SEE_SITE_PEOPLE."""
    return true() if viewer.looks_at_everything else Site.id.in_(viewer.staffed_sites)


def sees_any_people(viewer: Actor) -> bool:
    """Whether there is anybody else whom the viewer may look at."""
    return bool(viewer.looks_at_everything or viewer.is_staff or led_by(viewer))


def partner_by_key(viewer: Actor, key: str, now: datetime) -> Partner:
    """A partner at whose people the viewer may look. Raises NotFoundError."""
    found = db.session.scalar(select(Partner).where(Partner.key == key, sees_partner(viewer, now)))
    if found is None:
        raise NotFoundError
    return found


def site_with_people(viewer: Actor, slug: str) -> Site:
    """A site at whose people the viewer may look. Raises NotFoundError."""
    found = db.session.scalar(select(Site).where(Site.slug == slug, sees_site_people(viewer)))
    if found is None:
        raise NotFoundError
    return found


def sites_with_people(viewer: Actor) -> list[Site]:
    """The sites at whose people the viewer may look, by id."""
    return list(db.session.scalars(select(Site).where(sees_site_people(viewer)).order_by(Site.id)))


def matter_of_partner(partner_id: int, *person_ids: int, now: datetime) -> Matter:
    """What concerns a partner and perhaps somebody in it, as far as permission depends on it."""
    return matters_of_partners([partner_id], *person_ids, now=now)[partner_id]


def matters_of_partners(partner_ids: Iterable[int], *person_ids: int, now: datetime) -> dict[int, Matter]:
    """The same for several partners, in one statement."""
    sites: dict[int, set[int]] = {number: set() for number in partner_ids}
    rows = select(Agreement.partner_id, Agreement.site_id).where(Agreement.partner_id.in_(list(sites)), counts(now))
    for row in db.session.execute(rows):
        sites[row.partner_id].add(row.site_id)
    people = frozenset(person_ids)
    return {
        number: Matter(partner_id=number, person_ids=people, partner_sites=frozenset(found))
        for number, found in sites.items()
    }


def holders_of(role: Role, now: datetime, *, partner_id: int | None = None) -> list[Person]:
    """Who holds a role that is not over: at this partner, or wherever; each once, by id."""
    holds = select(RoleGrant.person_id).where(RoleGrant.role == role, is_live(now))
    if role in PARTNER_ROLES:
        holds = holds.where(RoleGrant.partner_id == partner_id)
    return list(db.session.scalars(select(Person).where(Person.id.in_(holds), Person.is_active).order_by(Person.id)))


# --- partners and their places ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Places:
    """How many people a partner has or has invited, and how many its agreements in force allow; None: no limit."""

    used: int
    most: int | None

    @property
    def is_full(self) -> bool:
        """Nobody more may be invited."""
        return self.most is not None and self.used >= self.most


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A partner in a list."""

    id: int
    key: str
    name: Words
    sites: tuple[Words, ...]  # whose agreement with it is in force
    places: Places


def partners_for(viewer: Actor, now: datetime) -> list[PartnerLine]:
    """The partners at whose people the viewer may look, in four statements."""
    partners = list(db.session.scalars(select(Partner).where(sees_partner(viewer, now)).order_by(Partner.slug)))
    numbers = [one.id for one in partners]
    sites: dict[int, list[Words]] = {}
    for agreement, site in _in_force(numbers, now):
        if site.name not in sites.setdefault(agreement.partner_id, []):
            sites[agreement.partner_id].append(site.name)
    places = places_of(numbers, now)
    return [PartnerLine(one.id, one.key, one.name, tuple(sites.get(one.id, ())), places[one.id]) for one in partners]


def places_of(partner_ids: Iterable[int], now: datetime) -> dict[int, Places]:
    """The places of these partners, in three statements. To be relied on only after the lock on their agreements."""
    numbers = list(partner_ids)
    people: dict[int, set[str]] = {number: set() for number in numbers}
    for row in db.session.execute(
        select(RoleGrant.partner_id, Person.email)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.partner_id.in_(numbers), is_live(now), Person.is_active)
    ):
        people[row.partner_id].add(row.email)
    for row in db.session.execute(
        select(Invitation.partner_id, Invitation.email).where(Invitation.partner_id.in_(numbers), is_open(now))
    ):
        people[row.partner_id].add(row.email)
    most: dict[int, list[int | None]] = {number: [] for number in numbers}
    for agreement, _ in _in_force(numbers, now):
        most[agreement.partner_id].append(agreement.places)
    return {number: Places(len(people[number]), _largest(most[number])) for number in numbers}


def _largest(places: list[int | None]) -> int | None:
    return None if None in places else max((one for one in places if one is not None), default=0)


def _in_force(partner_ids: list[int], now: datetime) -> list[tuple[Agreement, Site]]:
    """The agreements of these partners that are in force today at their site, by site."""
    rows = db.session.execute(
        select(Agreement, Site)
        .join(Site, Site.id == Agreement.site_id)
        .where(Agreement.partner_id.in_(partner_ids), Agreement.ended_at.is_(None))
        .order_by(Site.id, Agreement.id)
    ).all()
    return [(one.Agreement, one.Site) for one in rows if _covers(one.Agreement, local_day(one.Site.zone, now))]


def _covers(agreement: Agreement, day: date) -> bool:
    return agreement.starts_on <= day and (agreement.ends_on is None or day <= agreement.ends_on)


def local_day(zone: str, now: datetime) -> date:
    """The day that a calendar in this zone shows."""
    return now.astimezone(ZoneInfo(zone)).date()


def sites_of_partner(partner_id: int) -> list[Site]:
    """The sites with which the partner has an agreement that was not ended, by id."""
    return list(
        db.session.scalars(
            select(Site)
            .where(
                exists().where(
                    Agreement.site_id == Site.id, Agreement.partner_id == partner_id, Agreement.ended_at.is_(None)
                )
            )
            .order_by(Site.id)
        )
    )
