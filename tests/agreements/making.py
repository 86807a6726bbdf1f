"""What the tests of agreements write straight into the database, and read back."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select, update

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Agreement, AgreementArea, Area, Conditions, Event, Flag, Letter, Request, RoleGrant
from tests.cast import NOW, Cast

RULES = Words("Wear a coat.\nLabel your samples.", "白衣を着用してください。\n試料に名前を書いてください。")


def agreement_of(lab: Cast, partner: str = "aoba", site: str = "tsukuba") -> Agreement:
    """The first agreement of a partner with a site, read afresh."""
    db.session.remove()
    return (
        db.session.scalars(
            select(Agreement)
            .where(Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites[site])
            .order_by(Agreement.id)
        ).first()
        or _missing()
    )


def _missing() -> Agreement:
    raise AssertionError("no such agreement")


@transactional
def change_agreement(lab: Cast, partner: str = "aoba", site: str = "tsukuba", **values: Any) -> None:
    """Give an agreement other values."""
    found = db.session.scalars(
        select(Agreement).where(Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites[site])
    ).one()
    for name, value in values.items():
        setattr(found, name, value)


@transactional
def leave_aoba(lab: Cast) -> None:
    """Let Mio manage Tsukuba and work for Aoba no more: nobody decides about their own organisation's agreement."""
    own = (RoleGrant.person_id == lab.people["mio"], RoleGrant.partner_id == lab.partners["aoba"])
    db.session.execute(update(RoleGrant).where(*own).values(ended_at=NOW))


@transactional
def cover_only(lab: Cast, area: str, partner: str = "aoba", site: str = "tsukuba") -> None:
    """Limit an agreement to a new area of the site, in which nothing stands."""
    found = db.session.scalars(
        select(Agreement).where(Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites[site])
    ).one()
    room = Area(site_id=lab.sites[site], slug=area, name=Words(area.title(), ""), position=9)
    db.session.add(room)
    db.session.flush()
    db.session.add(AgreementArea(agreement_id=found.id, area_id=room.id))


@transactional
def renew(lab: Cast, partner: str = "aoba", site: str = "tsukuba", starts_on: date = date(2026, 11, 1)) -> None:
    """Another agreement for the same partner and site."""
    db.session.add(Agreement(partner_id=lab.partners[partner], site_id=lab.sites[site], starts_on=starts_on))


@transactional
def publish(lab: Cast, edition: str = "2026-11", on: date = date(2026, 11, 1), site: str = "tsukuba") -> str:
    """Conditions of a site; returns their key."""
    made = Conditions(site_id=lab.sites[site], edition=edition, text=RULES, published_on=on)
    db.session.add(made)
    db.session.flush()
    return made.key


def letters(kind: str) -> list[Letter]:
    """The letters of a kind, in their order."""
    db.session.remove()
    return list(db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


def events(code: str) -> list[Event]:
    """The events with a code, in their order."""
    db.session.remove()
    return list(db.session.scalars(select(Event).where(Event.code == code).order_by(Event.id)))


def flags() -> list[tuple[str, str | None]]:
    """Code and choice of every flag."""
    db.session.remove()
    return [(one.code, one.choice) for one in db.session.scalars(select(Flag).order_by(Flag.id))]


def request_state_of(path: str) -> str:
    """The state of the one booking of the request at this address."""
    db.session.remove()
    found = db.session.scalars(select(Request).where(Request.key == path.rsplit("/", 1)[1])).one()
    return str(found.bookings[0].state)
