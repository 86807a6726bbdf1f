"""Giving roles and taking them away: never one's own, and the lab never loses its last administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, delete, exists, or_, select, update

from ...bookings.flags import future_bookings, raise_flags
from ...core.dates import long_day
from ...core.flags import SUSPENDS, Lost
from ...core.permissions import LAB_ROLES, PARTNER_ROLES, Actor, Do, Matter, Role, require
from ...db import Lock, db, take_locks, transactional
from ...models import (
    Area,
    AreaApprover,
    Booking,
    Flag,
    Invitation,
    Partner,
    Person,
    Request,
    Resource,
    ResourceApprover,
    RoleGrant,
    Site,
    StandIn,
)
from ...models.audit import happened
from ...models.letter import letter
from .. import directory
from ..members import person_by_key
from . import witnesses
from .inviting import AnsweredError, refuse_double, refuse_full, withdraw


class LastAdministratorError(Exception):
    """Nobody would be left who may give roles."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is held: a partner, a site, or (neither) the whole lab."""

    partner: Partner | None = None
    site: Site | None = None

    def matter(self, person_id: int, now: datetime) -> Matter:
        """What a role of this person here is, as far as permission depends on it."""
        if self.partner is not None:
            return directory.matter_of_partner(self.partner.id, person_id, now=now)
        return Matter(self.site.id if self.site else None, person_ids=frozenset({person_id}))

    @property
    def ids(self) -> dict[str, int | None]:
        """Partner and site, as events and grants name them."""
        return {
            "partner_id": self.partner.id if self.partner else None,
            "site_id": self.site.id if self.site else None,
        }

    def name(self, language: str) -> str:
        """What the place is called; empty for the whole lab."""
        named = self.partner or self.site
        return named.name.text(language) if named else ""


_GIVES = {"partner": Do.GIVE_PARTNER_ROLE, "site": Do.GIVE_SITE_ROLE, "lab": Do.GIVE_LAB_ROLE}
_ENDS = {"partner": Do.END_PARTNER_ROLE, "site": Do.END_SITE_ROLE, "lab": Do.END_LAB_ROLE}


def kind_of(role: Role) -> str:
    """Whether a role is held at a partner, at a site or for the whole lab."""
    if role in PARTNER_ROLES:
        return "partner"
    return "lab" if role in LAB_ROLES else "site"


@transactional
def give_role(
    actor: Actor, person_key: str, role: Role, place_key: str, starts_on: date, ends_on: date | None, *, now: datetime
) -> None:
    """Give somebody a role from one day to another, both included; no last day: until it is taken away.

    Raises NotFoundError, ForbiddenError, NoPlaceLeftError, AlreadyThereError.
    """
    person, place = _person_and_place(actor, person_key, role, place_key, now)
    require(actor, _GIVES[kind_of(role)], place.matter(person.id, now))
    refuse_double(person.email, role, now, **place.ids)
    if place.partner is not None:
        refuse_full(place.partner.id, person.email, now)
    db.session.add(RoleGrant(person_id=person.id, role=role, starts_on=starts_on, ends_on=ends_on, **place.ids))
    until = ends_on.isoformat() if ends_on else ""
    _tell(actor, person, "role-given", place, [role], now, starts=starts_on.isoformat(), ends=until)
    if place.partner is not None:
        witnesses.tell_of_role(actor, place.partner, person, role, now=now)


@transactional
def end_role(actor: Actor, person_key: str, role: Role, place_key: str, *, now: datetime) -> None:
    """Take a role away, at once. Raises NotFoundError, ForbiddenError, AnsweredError, LastAdministratorError."""
    person, place = _person_and_place(actor, person_key, role, place_key, now)
    require(actor, _ENDS[kind_of(role)], place.matter(person.id, now))
    if role is Role.ADMINISTRATOR:
        _refuse_last(person.id, now)
    _end(actor, person, place, _live(person.id, place, now, role), "role-ended", now)


@transactional
def remove_from_partner(actor: Actor, person_key: str, partner_key: str, *, now: datetime) -> None:
    """Take away every role that somebody has at a partner. Raises NotFoundError, ForbiddenError, AnsweredError."""
    person, place = _person_and_place(actor, person_key, Role.SCIENTIST, partner_key, now)
    require(actor, Do.END_PARTNER_ROLE, place.matter(person.id, now))
    _end(actor, person, place, _live(person.id, place, now), "person-removed", now)


def _person_and_place(actor: Actor, person_key: str, role: Role, place_key: str, now: datetime) -> tuple[Person, Place]:
    """Both through the actor's scope, with the locks taken."""
    member, kind = person_by_key(actor, person_key, now), kind_of(role)
    if kind == "partner":
        place = Place(partner=directory.partner_by_key(actor, place_key, now))
        locks = [(Lock.AGREEMENT, place.partner.id)] if place.partner else []
    else:
        place = Place(site=directory.site_with_people(actor, place_key)) if kind == "site" else Place()
        locks = [] if place.site else [(Lock.PERSON, number) for number in administrators(now)]
    take_locks([*locks, (Lock.PERSON, member.id)])
    return db.session.get_one(Person, member.id, populate_existing=True), place


def _live(person_id: int, place: Place, now: datetime, role: Role | None = None) -> list[RoleGrant]:
    found = select(RoleGrant).where(RoleGrant.person_id == person_id, directory.is_live(now))
    for column, number in (
        (RoleGrant.partner_id, place.ids["partner_id"]),
        (RoleGrant.site_id, place.ids["site_id"]),
    ):
        found = found.where(column.is_(None) if number is None else column == number)
    if role is not None:
        found = found.where(RoleGrant.role == role)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def _end(actor: Actor, person: Person, place: Place, grants: Sequence[RoleGrant], code: str, now: datetime) -> None:
    """End the grants, and what rests on them. Raises AnsweredError when there is nothing left to end."""
    if not grants:
        raise AnsweredError
    for grant in grants:
        grant.ended_at = now
    db.session.flush()
    if not _live(person.id, place, now):
        _leave(actor, person, place, now)
    _tell(actor, person, code, place, sorted({grant.role for grant in grants}), now)


def _leave(actor: Actor, person: Person, place: Place, now: datetime) -> None:
    """What the person's place in the organisation or on the staff had brought with it."""
    if place.partner is not None:
        own = select(Invitation).where(
            Invitation.email == person.email, Invitation.partner_id == place.partner.id, directory.is_open(now)
        )
        for invitation in db.session.scalars(own):  # no way back that nobody meant
            withdraw(invitation, actor_id=actor.person_id, now=now)
        left = future_bookings(now=now, partner_id=place.partner.id, person_id=person.id)
        raise_flags(left, Lost.PERSON, now=now)
    elif place.site is not None:
        areas = select(Area.id).where(Area.site_id == place.site.id)
        resources = select(Resource.id).where(Resource.site_id == place.site.id)
        for forget in (
            delete(AreaApprover).where(AreaApprover.person_id == person.id, AreaApprover.area_id.in_(areas)),
            delete(ResourceApprover).where(
                ResourceApprover.person_id == person.id, ResourceApprover.resource_id.in_(resources)
            ),
            update(StandIn)
            .where(StandIn.site_id == place.site.id, StandIn.ended_at.is_(None))
            .where(or_(StandIn.person_id == person.id, StandIn.absent_id == person.id))
            .values(ended_at=now),
        ):
            db.session.execute(forget.execution_options(synchronize_session=False))


def administrators(now: datetime) -> list[int]:
    """The ids of those who administrate the lab today and whose account is open; sorted."""
    return sorted(
        set(
            db.session.scalars(
                select(RoleGrant.person_id)
                .join(Person, Person.id == RoleGrant.person_id)
                .where(
                    RoleGrant.role == Role.ADMINISTRATOR,
                    RoleGrant.starts_on <= now.date(),
                    directory.is_live(now),
                    Person.is_active,
                )
            )
        )
    )


def _refuse_last(person_id: int, now: datetime) -> None:
    """After the lock on every administrator: two who end each other's role at once do not both succeed."""
    if not set(administrators(now)) - {person_id}:
        raise LastAdministratorError


def _tell(
    actor: Actor, person: Person, code: str, place: Place, roles: Sequence[Role], now: datetime, **said: str
) -> None:
    """Write down what was changed, and tell the person."""
    words = person.language
    body = {"roles": [str(role) for role in roles], **said}
    db.session.add(
        happened(code, at=now, actor_id=actor.person_id, subject="person", subject_id=person.id, body=body, **place.ids)
    )
    dates = {name: long_day(date.fromisoformat(said[name]), words) if said.get(name) else "" for name in _DATES}
    db.session.add(
        letter(
            "role-changed",
            person.email,
            words,
            now=now,
            person_id=person.id,
            change=code,
            place=place.name(words),
            roles=[str(role) for role in roles],
            **dates,
        )
    )


_DATES = ("starts", "ends")


# --- what the calendar ends -------------------------------------------------------------------------------------------


@transactional
def flag_the_departed(*, now: datetime) -> int:
    """Flag future bookings of those whose role at the partner has run out or whose account is closed; how many."""
    has_role = exists().where(
        RoleGrant.person_id == Booking.person_id,
        RoleGrant.partner_id == Request.partner_id,
        directory.is_live(now),
    )
    is_flagged = exists().where(and_(Flag.booking_id == Booking.id, Flag.code == Lost.PERSON))
    left = db.session.scalars(
        select(Booking.id)
        .join(Request, Request.id == Booking.request_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.state.in_(SUSPENDS), Booking.starts_at > now, or_(~has_role, ~Person.is_active), ~is_flagged)
        .order_by(Booking.id)
    )
    return raise_flags(left.all(), Lost.PERSON, now=now)
