"""The people who work for the partners of a site, and those who work at it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true

from ...core.language import Words
from ...core.permissions import PARTNER_ROLES, SITE_ROLES, Actor, NotFoundError, Role
from ...core.searching import by_reading, finds
from ...db import db
from ...models import Agreement, Partner, Person, RoleGrant


class PersonRow(NamedTuple):
    """Somebody with the partners for which they work at a site."""

    person: Person
    partners: tuple[tuple[int, Words], ...]  # id and name

    @property
    def partner_id(self) -> int:
        """The partner through which something is theirs when nothing else says so."""
        return self.partners[0][0]

    def partner_names(self, language: str) -> str:
        """The partners' names as one text."""
        return (", " if language == "en" else "、").join(name.text(language) for _, name in self.partners)


def _in_force(today: date) -> ColumnElement[bool]:
    return and_(
        RoleGrant.ended_at.is_(None),
        RoleGrant.starts_on <= today,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= today),
    )


def _people(site_id: int, today: date, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Active people with a role in force for a partner that has, or has had, an agreement with the site."""
    agreed = select(Agreement.partner_id).where(Agreement.site_id == site_id, Agreement.starts_on <= today)
    return (
        select(Person, Partner.id.label("partner_id"), Partner.name.label("partner_name"))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Partner, Partner.id == RoleGrant.partner_id)
        .where(
            Person.is_active,
            RoleGrant.role.in_(PARTNER_ROLES),
            _in_force(today),
            RoleGrant.partner_id.in_(agreed),
            *conditions,
        )
        .order_by(Person.id, Partner.id)
    )


def _rows(statement: Select[*tuple[Any, ...]]) -> list[PersonRow]:
    rows = db.session.execute(statement)
    return [_row(list(same)) for _, same in groupby(rows, key=lambda row: row.Person.id)]


def _row(rows: list[Any]) -> PersonRow:
    partners = {row.partner_id: row.partner_name for row in rows}  # somebody may hold two roles for one partner
    return PersonRow(rows[0].Person, tuple(partners.items()))


def people_at(site_id: int, today: date, search: str = "") -> list[PersonRow]:
    """Everybody who works for a partner of the site, by reading; those whose name, address or partner has the words."""
    found = [row for row in _rows(_people(site_id, today)) if finds(search, *_searched(row))]
    return sorted(found, key=lambda row: (by_reading(row.person), row.person.id))


def _searched(row: PersonRow) -> list[str]:
    person = row.person
    names = [text for _, name in row.partners for text in (name.en, name.ja)]
    return [person.family_name, person.given_name, person.family_name, person.reading, person.email, *names]


def person_at(key: str, site_id: int, today: date) -> PersonRow:
    """One of those people by key. Raises NotFoundError."""
    found = _rows(_people(site_id, today, Person.key == key))
    if not found:
        raise NotFoundError
    return found[0]


def people_by_email(emails: Iterable[str], site_id: int, today: date) -> dict[str, PersonRow]:
    """Those of the site's people who have one of these addresses (lower case)."""
    rows = _rows(_people(site_id, today, Person.email.in_(sorted(set(emails)))))
    return {row.person.email: row for row in rows}


def person_for_card(viewer: Actor, key: str, site_id: int, today: date) -> PersonRow:
    """A person whose card at a site the viewer may know of: oneself, one's partner's people, the site's people.

    Only the partners that the viewer may know of are in the row. Raises NotFoundError.
    """
    found = _rows(_people(site_id, today, Person.key == key, _knows(viewer, site_id)))
    if not found:
        raise NotFoundError
    return found[0]


def _knows(viewer: Actor, site_id: int) -> ColumnElement[bool]:
    if viewer.looks_at_everything or site_id in viewer.staffed_sites:
        return true()
    in_force = {partner for partner, _ in viewer.agreements}
    led = sorted(one for one, role in viewer.partners if role is Role.COORDINATOR and one in in_force)
    return or_(false(), Person.id == viewer.person_id, RoleGrant.partner_id.in_(led))


def staff_at(site_id: int, today: date) -> list[Person]:
    """The people who work at a site, by reading: those who teach there."""
    found = db.session.scalars(
        select(Person).where(
            Person.is_active,
            exists().where(
                RoleGrant.person_id == Person.id,
                RoleGrant.site_id == site_id,
                RoleGrant.role.in_(SITE_ROLES),
                _in_force(today),
            ),
        )
    )
    return sorted(found, key=lambda one: (by_reading(one), one.id))
