"""A request that waits, what staff propose for it, and what is held."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from labbook.core.closing import ClosureKind
from labbook.core.language import Words
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Booking, Closure, Event, Hold, Notice, PendingChange, Resource
from tests.bookings.test_changes import wall
from tests.browsing import Visitor, times
from tests.cast import NOW, Cast

ASKED, PROPOSED = ("2026-11-24T10:00", "2026-11-24T12:00"), ("2026-11-24T15:00", "2026-11-24T17:00")
QUARTER = timedelta(minutes=15)


def first() -> Booking:
    """The booking that was asked for first."""
    return nth(0)


def nth(number: int) -> Booking:
    """One of the bookings, in order of asking."""
    db.session.remove()
    return db.session.scalars(select(Booking).order_by(Booking.id)).all()[number]


def held(booking: Booking) -> list[tuple[str, str]]:
    """What it holds, without its buffers, on the wall clock."""
    rows = db.session.scalars(select(Hold).where(Hold.claim_id == booking.claim_id).order_by(Hold.starts_at))
    return [(wall(one.starts_at + QUARTER), wall(one.ends_at - QUARTER)) for one in rows]


def proposal() -> PendingChange | None:
    """What is proposed."""
    db.session.remove()
    return db.session.scalars(select(PendingChange)).one_or_none()


def codes(booking: Booking) -> list[str]:
    """Its steps, in order."""
    found = select(Event.code).where(Event.booking_id == booking.id).order_by(Event.id)
    return [code.removeprefix("booking-") for code in db.session.scalars(found)]


def told(code: str) -> list[int]:
    """Who is to hear by mail of events of this code, each once a notice."""
    db.session.remove()
    found = select(Notice.person_id).join(Event, Event.id == Notice.event_id)
    return sorted(db.session.scalars(found.where(Event.code == code, Notice.channel == "mail")))


def still_to_be_told(code: str) -> list[int]:
    """Those of them to whom no letter was written yet, and is to be."""
    db.session.remove()
    found = select(Notice.person_id).join(Event, Event.id == Notice.event_id)
    return sorted(
        db.session.scalars(found.where(Event.code == code, Notice.channel == "mail", Notice.sent_at.is_(None)))
    )


@transactional
def wished(slug: str = "tsukuba-asked") -> None:
    """From now on nothing is kept of what is asked for of a resource."""
    about = Resource.slug == slug
    db.session.execute(update(Resource).where(about).values(holds_on_request=False, asks=Asks.ALWAYS))


def ask(visitor: Visitor, slug: str = "tsukuba-asked", time: tuple[str, str] = ASKED, **fields: str) -> str:
    """Ask for it; the address of the request's page."""
    sent = visitor.book(slug, *time, **fields)
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"] or pytest.fail("no address")


def english(visitor: Visitor) -> Visitor:
    """They read English from now on."""
    assert visitor.post("/language", language="en", next="/").status_code == 303
    return visitor


def propose(visitor: Visitor, where: str, time: tuple[str, str] = PROPOSED, **fields: str) -> TestResponse:
    """By the form."""
    return visitor.submit(visitor.get(f"{where}/propose"), "/propose", **times(*time), **fields)


def approve_so(visitor: Visitor, where: str, time: tuple[str, str], **fields: str) -> TestResponse:
    """By the other button of the same form."""
    form = visitor.get(f"{where}/propose")
    return visitor.submit_to(f"{where}/approve-changed", form, "/propose", **times(*time), **fields)


def answer(visitor: Visitor, page: TestResponse, says: str) -> TestResponse:
    """Accept or refuse, by the card on the request's page."""
    return visitor.submit_to(f"/proposals/{first().key}/{says}", page, "/accept")


@transactional
def close(lab: Cast, start: datetime, end: datetime) -> None:
    """All of Tsukuba."""
    db.session.add(
        Closure(
            site_id=lab.sites["tsukuba"],
            starts_at=start,
            ends_at=end,
            kind=ClosureKind.MAINTENANCE,
            reason=Words("Floor", "床"),
            made_at=NOW,
        )
    )
