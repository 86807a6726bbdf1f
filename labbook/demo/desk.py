"""The approval desk of the demo lab: reasons, questions, a proposal, and an instrument on which two decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import case, select

from ..bookings.service import NotClearedError, RefusedError, Signature, StaleError, UnsignedError, clear
from ..core.lifecycle import NotPossibleError, State
from ..core.permissions import Actor, ForbiddenError, NotFoundError
from ..core.signatures import Meaning
from ..db import db, transactional
from ..desk.service.places import Otherwise, free_places
from ..desk.service.proposals import propose
from ..desk.service.remarks import ClosedError, File, answer, ask_about
from ..models import Booking, CannedReason, Person, Remark, Request, Resource, ResourceApprover, Site
from ..people.queries import actor_of
from .catalogue import Ids
from .content import said, words

SAFETY, TWO_STEPS = "lena.novak@hinoki-commons.example", "tsukuba-sorter-1"
_KEIKO, _MARCUS = "keiko.tanaka@hinoki-commons.example", "marcus.reed@hinoki-commons.example"
_KNOWN = ("misaki.sato@kazemori.example", "olivia.hartwell@quillfern.example", "amara.diallo@tallowmere.example")
_STANDS = timedelta(hours=48)
_NOT_TO_BE = (
    *(RefusedError, StaleError, UnsignedError, NotClearedError, ClosedError),
    *(NotPossibleError, ForbiddenError, NotFoundError),
)


class _Waiting(NamedTuple):
    """A request that waits, with its one booking."""

    key: str
    version: int
    booking_key: str
    person_id: int
    asked_by_id: int
    slug: str


def write_reasons(places: Ids) -> None:
    """What each site often says when it declines."""
    db.session.add_all(
        CannedReason(site_id=places[row["site"]], words=words(row["words"]), position=position)
        for position, row in enumerate(said("desk")["reason"], start=1)
    )


def work_at_desk(now: datetime) -> None:
    """Ask, answer, propose and clear a little of what waits; once in the lab's life."""
    if db.session.scalar(select(Remark.id).limit(1)) is not None:
        return
    began = max(datetime.combine(now.astimezone(UTC).date(), time(), UTC), now - timedelta(hours=2))
    tsukuba = list(_waiting("tsukuba", began))
    _decide_in_two_steps()
    sorters = [one for one in tsukuba if one.slug == TWO_STEPS]
    others = iter([one for one in tsukuba if one.slug != TWO_STEPS])
    next((one for one in others if _asked_and_answered(one, began, now)), None)
    next((one for one in others if _proposed(one, now)), None)
    next((one for one in sorters if _cleared(one, now)), None)
    next((one for one in _waiting("cambridge", began) if _asked(one, _MARCUS, "open", now)), None)


def _waiting(site: str, before: datetime) -> Iterator[_Waiting]:
    """What keeps its time and waits at a site, of the people first whose accounts are printed."""
    rows = db.session.execute(
        select(
            *(Request.key, Request.version, Booking.key.label("booking_key")),
            *(Booking.person_id, Request.asked_by_id, Resource.slug),
        )
        .join(Booking, Booking.request_id == Request.id)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Site, Site.id == Request.site_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Site.slug == site,
            Booking.state == State.WAITING,
            Booking.by_day.is_(False),
            Booking.starts_at > before + timedelta(days=2),
            Request.created_at < before,
        )
        .order_by(case((Person.email.in_(_KNOWN), 0), else_=1), Request.created_at.desc(), Person.email)
    ).all()
    return (_Waiting(*row) for row in rows)


def _actor(email: str, now: datetime) -> Actor:
    number = db.session.scalar(select(Person.id).where(Person.email == email))
    found = actor_of(number, now) if number else None
    if found is None:
        raise NotFoundError
    return found


def _asked(one: _Waiting, email: str, what: str, at: datetime) -> bool:
    """One of the staff asks about it, in the language of whoever has to answer."""
    with suppress(*_NOT_TO_BE):
        asker, asked = _actor(email, at), actor_of(one.person_id, at)
        if asked is not None:
            question = words(said("desk")[what]["question"]).text(asked.language)
            ask_about(asker, one.key, question, is_question=True, now=at)
            return True
    return False


def _asked_and_answered(one: _Waiting, began: datetime, now: datetime) -> bool:
    asked = actor_of(one.person_id, now)
    if asked is None or not _asked(one, _KEIKO, "answered", began):
        return False
    told = said("desk")["answered"]
    name, text = (words(told[part]).text(asked.language) for part in ("name", "answer"))
    file = File(f"{name}.csv", "text/csv", told["lots"].encode())
    with suppress(*_NOT_TO_BE):
        answer(asked, one.key, text, [file], now=began + (now - began) / 2)
    return True


def _proposed(one: _Waiting, now: datetime) -> bool:
    """Staff propose the nearest other time that is free."""
    with suppress(*_NOT_TO_BE):
        keiko, asked = _actor(_KEIKO, now), actor_of(one.person_id, now)
        spots = free_places(keiko, one.booking_key, now=now)
        if spots and asked is not None:
            note = words(said("desk")["proposed"]["note"]).text(asked.language)
            way = Otherwise(one.booking_key, spots[0].time, spots[0].unit.key)
            signed = Signature(Meaning.REVIEWED)
            propose(keiko, one.key, way, note=note, version=one.version, longest=_STANDS, now=now, signature=signed)
            return True
    return False


@transactional
def _decide_in_two_steps() -> None:
    """The sorter makes aerosols: safety looks at what is to be sorted before it is approved."""
    sorter = db.session.scalars(select(Resource).where(Resource.slug == TWO_STEPS)).one()
    safety = db.session.scalars(select(Person.id).where(Person.email == SAFETY)).one()
    sorter.two_steps = True
    db.session.add(ResourceApprover(resource_id=sorter.id, person_id=safety, for_safety=True))


def _cleared(one: _Waiting, now: datetime) -> bool:
    with suppress(*_NOT_TO_BE):
        clear(_actor(SAFETY, now), one.key, version=one.version, now=now, signature=Signature(Meaning.REVIEWED))
        return True
    return False
