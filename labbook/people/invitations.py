"""Reads about invitations and about those who ask to join; each in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from ..core.language import Words
from ..core.permissions import Actor, Matter, NotFoundError, Role
from ..db import db
from ..models import Event, Invitation, JoinRequest, OneTimeLink, Partner, Person, RoleGrant, Site
from ..models.access import Purpose
from .directory import is_live, led_by, matter_of_partner, matters_of_partners, sees_partner, sees_site_people

SHOWN_FOR = timedelta(days=30)  # after an invitation has expired


def invitation_by_key(viewer: Actor, key: str, now: datetime) -> Invitation:
    """An invitation to a place at whose people the viewer may look. Raises NotFoundError."""
    found = db.session.scalar(
        select(Invitation)
        .outerjoin(Partner, Partner.id == Invitation.partner_id)
        .outerjoin(Site, Site.id == Invitation.site_id)
        .where(
            Invitation.key == key,
            or_(
                and_(Invitation.partner_id.is_not(None), sees_partner(viewer, now)),
                and_(Invitation.site_id.is_not(None), sees_site_people(viewer)),
            ),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError
    return found


def matter_of_invitation(found: Invitation, now: datetime) -> Matter:
    """What an invitation is, as far as permission depends on it."""
    if found.partner_id is not None:
        return matter_of_partner(found.partner_id, now=now)
    return Matter(found.site_id)


def pending_at(now: datetime, *, partner_id: int | None = None, site_id: int | None = None) -> list[Invitation]:
    """Invitations to a place that were neither used nor revoked, those that expired lately included; newest first."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(
                Invitation.partner_id == partner_id if partner_id else Invitation.site_id == site_id,
                Invitation.used_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now - SHOWN_FOR,
            )
            .order_by(Invitation.made_at.desc(), Invitation.id.desc())
        )
    )


@dataclass(frozen=True, slots=True)
class Door:
    """What stands behind a link to an invitation."""

    invitation: Invitation
    inviter: Person
    partner: Partner | None
    site: Site | None
    account: Person | None  # of the invited address
    fault: str  # why the link is not good any more; empty: it is good

    @property
    def place(self) -> Words:
        """The name of the organisation or the site."""
        named = self.partner or self.site
        return named.name if named else Words()


def door_by_token(token_hash: str, now: datetime) -> Door | None:
    """What a link leads to, in one statement; None for a link that never was."""
    account = select(Person).subquery()
    row = db.session.execute(
        select(OneTimeLink, Invitation, Person, Partner, Site, account.c.id.label("account_id"))
        .join(Invitation, Invitation.id == OneTimeLink.invitation_id)
        .join(Person, Person.id == Invitation.invited_by_id)
        .outerjoin(Partner, Partner.id == Invitation.partner_id)
        .outerjoin(Site, Site.id == Invitation.site_id)
        .outerjoin(account, account.c.email == Invitation.email)
        .where(OneTimeLink.token_hash == token_hash, OneTimeLink.purpose == Purpose.INVITATION)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    person = db.session.get(Person, row.account_id) if row.account_id else None
    fault = _fault(row.OneTimeLink, row.Invitation, person, now)
    return Door(row.Invitation, row.Person, row.Partner, row.Site, person, fault)


def _fault(link: OneTimeLink, found: Invitation, account: Person | None, now: datetime) -> str:
    """The first reason why a link opens nothing."""
    reasons = {
        "used": link.used_at is not None or found.used_at is not None,
        "revoked": found.revoked_at is not None,
        "replaced": link.revoked_at is not None,
        "expired": min(link.expires_at, found.expires_at) <= now,
        "closed": account is not None and not account.is_active,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


# --- those who ask to join --------------------------------------------------------------------------------------------


def partner_of_coordinator(email: str, now: datetime) -> int | None:
    """The one partner that the person with this address coordinates; None when there is none, or more than one."""
    found = db.session.scalars(
        select(RoleGrant.partner_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(Person.email == email, Person.is_active, RoleGrant.role == Role.COORDINATOR, is_live(now))
        .distinct()
    ).all()
    return found[0] if len(found) == 1 else None


def _sees_join(viewer: Actor, now: datetime) -> ColumnElement[bool]:
    """The condition under which the viewer may see a JoinRequest: as Do.SEE_JOINING, and auditors nothing."""
    led = led_by(viewer)
    ways: list[ColumnElement[bool]] = [JoinRequest.partner_id.in_(led)] if led else []
    if viewer.is_staff:
        ways += [JoinRequest.partner_id.is_(None), and_(JoinRequest.partner_id.is_not(None), sees_partner(viewer, now))]
    return or_(false(), *ways)


def joining_for(viewer: Actor, now: datetime) -> list[tuple[JoinRequest, Partner | None]]:
    """Who waits for an answer that the viewer may see, oldest first."""
    rows = db.session.execute(
        select(JoinRequest, Partner)
        .outerjoin(Partner, Partner.id == JoinRequest.partner_id)
        .where(JoinRequest.answered_at.is_(None), _sees_join(viewer, now))
        .order_by(JoinRequest.asked_at, JoinRequest.id)
    )
    return [(one.JoinRequest, one.Partner) for one in rows]


def waiting_for(partner_id: int | None) -> int:
    """How many wait for an answer for this partner, or for none; one statement, the same for both."""
    same = JoinRequest.partner_id.is_not_distinct_from(partner_id)
    return db.session.scalar(select(func.count(JoinRequest.id)).where(JoinRequest.answered_at.is_(None), same)) or 0


def untold() -> list[JoinRequest]:
    """Wishes that wait for an answer and of which nobody was told since it is known for which partner they are."""
    told = exists().where(
        _is_told(), Event.subject_id == JoinRequest.id, Event.partner_id.is_not_distinct_from(JoinRequest.partner_id)
    )
    return list(
        db.session.scalars(select(JoinRequest).where(JoinRequest.answered_at.is_(None), ~told).order_by(JoinRequest.id))
    )


def last_told(partner_id: int | None) -> datetime | None:
    """When somebody was last told of wishes for this partner, or for none."""
    same = Event.partner_id.is_not_distinct_from(partner_id)
    return db.session.scalar(select(func.max(Event.at)).where(_is_told(), same))


def _is_told() -> ColumnElement[bool]:
    return and_(Event.subject == "join-request", Event.code == "join-told")


def joining_count(viewer: Actor, now: datetime) -> int:
    """How many wait."""
    return (
        db.session.scalar(
            select(func.count(JoinRequest.id))
            .outerjoin(Partner, Partner.id == JoinRequest.partner_id)
            .where(JoinRequest.answered_at.is_(None), _sees_join(viewer, now))
        )
        or 0
    )


def join_by_key(viewer: Actor, key: str, now: datetime, *, to_answer: bool = False) -> JoinRequest:
    """Somebody's wish to join, answered or not, through the viewer's scope. Raises NotFoundError.

    Who is about to answer it locks it, so that a wish has one answer.
    """
    wish = (
        select(JoinRequest)
        .outerjoin(Partner, Partner.id == JoinRequest.partner_id)
        .where(JoinRequest.key == key, _sees_join(viewer, now))
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(wish.with_for_update(of=JoinRequest) if to_answer else wish)
    if found is None:
        raise NotFoundError
    return found


def matters_of_joining(found: Iterable[JoinRequest], now: datetime) -> dict[int, Matter]:
    """What several wishes to join are, by their ids, in two statements."""
    wishes = list(found)
    partners = matters_of_partners({one.partner_id for one in wishes if one.partner_id}, now=now)
    anywhere = _anywhere()
    return {one.id: partners[one.partner_id] if one.partner_id else anywhere for one in wishes}


def _anywhere() -> Matter:
    return Matter(partner_sites=frozenset(db.session.scalars(select(Site.id))))


def matter_of_join(found: JoinRequest, now: datetime) -> Matter:
    """What a wish to join is, as far as permission depends on it. With no partner yet it concerns every site."""
    if found.partner_id is not None:
        return matter_of_partner(found.partner_id, now=now)
    return _anywhere()
