"""Inviting people: within one's own role, one's own partner, and the places that the agreement allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from ...core.dates import long_day
from ...core.language import listed, person_name
from ...core.permissions import Actor, Do, Matter, Role, require
from ...db import Lock, db, take_locks, transactional
from ...models import Invitation, Letter, OneTimeLink, Partner, Person, RoleGrant, Site
from ...models.audit import Event, happened
from ...models.letter import letter
from .. import directory, invitations
from . import flooding, witnesses

INVITES = {
    Role.SCIENTIST: Do.INVITE_SCIENTIST,
    Role.COORDINATOR: Do.INVITE_COORDINATOR,
    Role.STAFF: Do.INVITE_STAFF,
    Role.MANAGER: Do.INVITE_MANAGER,
}


class NoPlaceLeftError(Exception):
    """The agreements in force allow no more people."""

    def __init__(self, places: directory.Places) -> None:
        super().__init__("no place left")
        self.places = places


class AlreadyThereError(Exception):
    """The person has this role there already."""


class AnsweredError(Exception):
    """It was used, revoked or answered already."""


@transactional
def invite_to_partner(
    actor: Actor, partner_key: str, email: str, role: Role, language: str, *, now: datetime, lasts: timedelta
) -> None:
    """Invite an address to a partner. The same address invited to the same again gets a new letter.

    Raises NotFoundError, ForbiddenError, NoPlaceLeftError, AlreadyThereError, EnoughTodayError.
    """
    partner = directory.partner_by_key(actor, partner_key, now)
    require(actor, INVITES[role], directory.matter_of_partner(partner.id, now=now))
    take_locks([(Lock.AGREEMENT, partner.id)])
    to_partner(actor, partner, email, role, language, now=now, lasts=lasts)


def to_partner(
    actor: Actor, partner: Partner, email: str, role: Role, language: str, *, now: datetime, lasts: timedelta
) -> None:
    """The same for whoever has checked the permission and holds the partner's lock."""
    refuse_double(email, role, now, partner_id=partner.id)
    known = _known(email, role, partner_id=partner.id)
    if known is None or known.expires_at <= now:
        refuse_full(partner.id, email, now)
    found = known or _new(actor, email, role, language, now, partner_id=partner.id)
    _send(actor, found, language, now, lasts)
    if known is None:  # once for each invitation
        witnesses.tell_of_invitation(actor, partner, found, now=now)


@transactional
def invite_to_site(
    actor: Actor, slug: str, email: str, role: Role, language: str, *, now: datetime, lasts: timedelta
) -> None:
    """Invite an address to the staff of a site. Raises NotFoundError, ForbiddenError, AlreadyThereError."""
    site = directory.site_with_people(actor, slug)
    require(actor, INVITES[role], Matter(site.id))
    take_locks([], shared=[(Lock.SITE, site.id)])
    refuse_double(email, role, now, site_id=site.id)
    known = _known(email, role, site_id=site.id)
    _send(actor, known or _new(actor, email, role, language, now, site_id=site.id), language, now, lasts)


@transactional
def resend(actor: Actor, key: str, *, now: datetime, lasts: timedelta) -> tuple[str, str]:
    """Send a new link; the older ones end, and the time to use it begins anew. Returns what `_place` does.

    Raises NotFoundError, ForbiddenError, AnsweredError, NoPlaceLeftError, EnoughTodayError.
    """
    found = _locked(actor, key, now)
    matter = invitations.matter_of_invitation(found, now)
    require(actor, Do.RENEW_INVITATION, matter)
    require(actor, INVITES[found.role], matter)  # nobody brings back to life what they could not have sent
    _refuse_answered(found)
    if found.partner_id is not None and found.expires_at <= now:
        refuse_full(found.partner_id, found.email, now)
    _send(actor, found, found.language, now, lasts, code="invitation-resent")
    return _place(found)


@transactional
def revoke(actor: Actor, key: str, *, now: datetime) -> tuple[str, str]:
    """Take an invitation back; its link opens nothing now. Returns what `_place` does.

    Raises NotFoundError, ForbiddenError, AnsweredError.
    """
    found = _locked(actor, key, now)
    matter = invitations.matter_of_invitation(found, now)
    require(actor, Do.REVOKE_INVITATION, matter)
    require(actor, INVITES[found.role], matter)
    _refuse_answered(found)
    withdraw(found, actor_id=actor.person_id, now=now)
    return _place(found)


def _place(found: Invitation) -> tuple[str, str]:
    """The key of the partner, or the slug of the site, that the invitation is to."""
    partner = db.session.get(Partner, found.partner_id) if found.partner_id else None
    site = db.session.get(Site, found.site_id) if found.site_id else None
    return partner.key if partner else "", site.slug if site else ""


def withdraw(found: Invitation, *, actor_id: int | None, now: datetime) -> None:
    """End an invitation with its links and the letters that have not gone out."""
    found.revoked_at = now
    _end_links(found, now)
    unsent = update(Letter).where(Letter.invitation_id == found.id, Letter.sent_at.is_(None))
    db.session.execute(unsent.values(given_up_at=now, fault=""))
    db.session.add(happening("invitation-revoked", found, actor_id=actor_id, now=now))


def _locked(actor: Actor, key: str, now: datetime) -> Invitation:
    found = invitations.invitation_by_key(actor, key, now)
    if found.partner_id is not None:
        take_locks([(Lock.AGREEMENT, found.partner_id)])
    return invitations.invitation_by_key(actor, key, now)


def _refuse_answered(found: Invitation) -> None:
    if found.used_at is not None or found.revoked_at is not None:
        raise AnsweredError


def refuse_full(partner_id: int, email: str, now: datetime) -> None:
    """Raise NoPlaceLeftError unless the partner may have one more person, or this one is counted already."""
    places = directory.places_of([partner_id], now)[partner_id]
    if places.is_full and not _is_counted(partner_id, email, now):
        raise NoPlaceLeftError(places)


def _is_counted(partner_id: int, email: str, now: datetime) -> bool:
    member = exists().where(
        RoleGrant.person_id == Person.id, RoleGrant.partner_id == partner_id, directory.is_live(now), Person.is_active
    )
    invited = exists().where(Invitation.partner_id == partner_id, Invitation.email == email, directory.is_open(now))
    return bool(
        db.session.scalar(select(invited)) or db.session.scalar(select(Person.id).where(Person.email == email, member))
    )


def refuse_double(
    email: str, role: Role, now: datetime, *, partner_id: int | None = None, site_id: int | None = None
) -> None:
    """Raise AlreadyThereError when the person with this address has the role at the place."""
    has_role = (
        select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(Person.email == email, RoleGrant.role == role, directory.is_live(now))
        .where(RoleGrant.partner_id == partner_id if partner_id else RoleGrant.partner_id.is_(None))
        .where(RoleGrant.site_id == site_id if site_id else RoleGrant.site_id.is_(None))
    )
    if db.session.scalar(has_role.limit(1)) is not None:
        raise AlreadyThereError


def _known(email: str, role: Role, *, partner_id: int | None = None, site_id: int | None = None) -> Invitation | None:
    """The invitation to the same that was neither used nor revoked, expired or not."""
    return db.session.scalar(
        select(Invitation)
        .where(
            Invitation.email == email,
            Invitation.role == role,
            Invitation.partner_id == partner_id if partner_id else Invitation.site_id == site_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    )


def _new(
    actor: Actor,
    email: str,
    role: Role,
    language: str,
    now: datetime,
    *,
    partner_id: int | None = None,
    site_id: int | None = None,
) -> Invitation:
    found = Invitation(
        email=email,
        role=role,
        partner_id=partner_id,
        site_id=site_id,
        language=language,
        invited_by_id=actor.person_id,
        made_at=now,
        expires_at=now,
    )
    db.session.add(found)
    return found


def _send(
    actor: Actor,
    found: Invitation,
    language: str,
    now: datetime,
    lasts: timedelta,
    *,
    code: str = "invitation-sent",
) -> None:
    """Give the invitation its time anew and write its letter; links that went out before open nothing any more."""
    found.language, found.expires_at, found.invited_by_id = language, now + lasts, actor.person_id
    db.session.flush()
    _end_links(found, now)
    if not _is_on_its_way(found):
        if found.partner_id is not None:
            flooding.refuse_more(found.partner_id, now)
        db.session.add(_letter(actor, found, now))
    db.session.add(happening(code, found, actor_id=actor.person_id, now=now))


def _end_links(found: Invitation, now: datetime) -> None:
    older = update(OneTimeLink).where(OneTimeLink.invitation_id == found.id, OneTimeLink.revoked_at.is_(None))
    db.session.execute(older.values(revoked_at=now))


def _is_on_its_way(found: Invitation) -> bool:
    """Whether a letter waits to be sent already: its link will be made then, and one is enough."""
    waiting = exists().where(
        Letter.invitation_id == found.id,
        Letter.sent_at.is_(None),
        Letter.given_up_at.is_(None),
        Letter.tries == 0,  # one that is being sent has the link that has just ended
        Letter.language == found.language,
    )
    return bool(db.session.scalar(select(waiting)))


def _letter(actor: Actor, found: Invitation, now: datetime) -> Letter:
    words, zone = found.language, "UTC"
    if found.partner_id is not None:
        place = db.session.get_one(Partner, found.partner_id).name
        sites = directory.sites_of_partner(found.partner_id)
    else:
        sites = [db.session.get_one(Site, found.site_id)]
        place = sites[0].name
    if sites:
        zone = sites[0].zone
    return letter(
        "invitation",
        found.email,
        words,
        now=now,
        invitation_id=found.id,
        site_id=found.site_id,
        inviter=person_name(actor.family_name, actor.given_name, words),
        place=place.text(words),
        sites=listed([one.name for one in sites]).text(words),
        role=str(found.role),
        is_partner=found.partner_id is not None,
        until=long_day(directory.local_day(zone, found.expires_at), words),
    )


def happening(code: str, found: Invitation, *, actor_id: int | None, now: datetime, **said: str) -> Event:
    """The event of something that happened to an invitation."""
    return happened(
        code,
        at=now,
        actor_id=actor_id,
        subject="invitation",
        subject_id=found.id,
        body={"email": found.email, "role": str(found.role), **said},
        partner_id=found.partner_id,
        site_id=found.site_id,
    )
