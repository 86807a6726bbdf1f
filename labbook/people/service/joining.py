"""Coming in through the link of an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from ...core.language import person_name
from ...core.permissions import Actor
from ...core.tokens import token_hash
from ...db import Lock, db, take_locks, transactional
from ...models import Event, OneTimeLink, Person, RoleGrant, Site
from ...models.letter import letter
from .. import directory, invitations
from ..invitations import Door
from .inviting import happening
from .origin import Origin
from .passwords import password_hash
from .signing_in import Entry, enter

REFUSAL_NOTED_EVERY = timedelta(hours=1)


class GoneError(Exception):
    """The link opens nothing, or nothing any more."""


class OtherAccountError(Exception):
    """The invitation is for somebody else than the one who is signed in."""


class HasAccountError(Exception):
    """The invited address has an account: it is to sign in."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody without an account says about themselves."""

    family_name: str
    given_name: str
    reading: str
    language: str
    home_site: str  # slug
    password: str


@transactional
def note_refusal(token: str, reason: str, *, actor_id: int | None, now: datetime) -> None:
    """Write down that a known invitation was refused; once in a while, however often it is tried."""
    door = invitations.door_by_token(token_hash(token), now)
    if door is None:
        return
    lately = exists().where(
        Event.subject == "invitation",
        Event.subject_id == door.invitation.id,
        Event.code == "invitation-refused",
        Event.at > now - REFUSAL_NOTED_EVERY,
    )
    if not db.session.scalar(select(lately)):
        db.session.add(happening("invitation-refused", door.invitation, actor_id=actor_id, now=now, reason=reason))


def accept_as_newcomer(token: str, newcomer: Newcomer, origin: Origin, *, now: datetime) -> Entry:
    """Make an account of one's own and take the role that the invitation gives; returns a session.

    Raises GoneError, HasAccountError.
    """
    hashed = password_hash(newcomer.password)  # takes its time, so before and outside the writing transaction
    try:
        return _accept_as_newcomer(token, newcomer, hashed, origin, now=now)
    except IntegrityError as error:  # two links to one address at the same instant
        raise HasAccountError from error


@transactional
def _accept_as_newcomer(token: str, newcomer: Newcomer, hashed: str, origin: Origin, *, now: datetime) -> Entry:
    door = _opened(token, now)
    if door.account is not None:
        raise HasAccountError
    home = {site.slug: site.id for site in sites_behind(door)}
    person = Person(
        email=door.invitation.email,
        family_name=newcomer.family_name,
        given_name=newcomer.given_name,
        reading=newcomer.reading,
        language=newcomer.language,
        home_site_id=home.get(newcomer.home_site),
        password_hash=hashed,
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    _take(door, person, now)
    return enter(person, origin, now=now)


@transactional
def accept(actor: Actor, token: str, *, now: datetime) -> None:
    """Take the role that the invitation gives besides those that one has. Raises GoneError, OtherAccountError."""
    door = _opened(token, now)
    if door.account is None or door.account.id != actor.person_id:
        raise OtherAccountError
    _take(door, door.account, now)


def sites_behind(door: Door) -> list[Site]:
    """The sites at which whoever accepts may work."""
    return [door.site] if door.site else directory.sites_of_partner(door.invitation.partner_id or 0)


def _opened(token: str, now: datetime) -> Door:
    """What a good link leads to, with its lock taken. Raises GoneError."""
    hashed = token_hash(token)
    door = invitations.door_by_token(hashed, now)
    if door is None:
        raise GoneError
    if door.partner is not None:
        take_locks([(Lock.AGREEMENT, door.partner.id)])
    unused = update(OneTimeLink).where(OneTimeLink.token_hash == hashed, OneTimeLink.used_at.is_(None))
    door = invitations.door_by_token(hashed, now)
    if door is None or door.fault:
        raise GoneError
    if db.session.scalar(unused.values(used_at=now).returning(OneTimeLink.id)) is None:  # somebody was faster
        raise GoneError
    return door


def _take(door: Door, person: Person, now: datetime) -> None:
    found = door.invitation
    found.used_at = now
    db.session.flush()
    has_role = exists().where(
        RoleGrant.person_id == person.id,
        RoleGrant.role == found.role,
        RoleGrant.partner_id == found.partner_id if found.partner_id else RoleGrant.site_id == found.site_id,
        directory.is_live(now),
    )
    if not db.session.scalar(select(has_role)):
        db.session.add(
            RoleGrant(
                person_id=person.id,
                role=found.role,
                partner_id=found.partner_id,
                site_id=found.site_id,
                starts_on=first_day(sites_behind(door), now),
            )
        )
    db.session.add(happening("invitation-accepted", found, actor_id=person.id, now=now))
    db.session.add(
        letter(
            "joined",
            door.inviter.email,
            door.inviter.language,
            now=now,
            person_id=door.inviter.id,
            name=person_name(person.family_name, person.given_name, door.inviter.language),
            place=door.place.text(door.inviter.language),
            role=str(found.role),
        )
    )


def first_day(sites: list[Site], now: datetime) -> date:
    """Today, at whichever of the sites it is earliest: a role that begins today begins at once everywhere."""
    return min((directory.local_day(site.zone, now) for site in sites), default=now.date())
