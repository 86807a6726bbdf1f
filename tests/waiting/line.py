"""People who want the plate reader on Tuesday from ten to twelve, and what is kept for whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from labbook.bookings import service as bookings
from labbook.bookings.service import Ask
from labbook.core.interval import Interval
from labbook.db import db
from labbook.models import Booking, Claim, Hold, Letter, Offer, Person, Request, Wait
from labbook.waiting import service
from tests.cast import NOW, Cast, fresh_key

LONGEST = timedelta(hours=4)
TEN = NOW + timedelta(days=1, hours=1)  # Tuesday, 10:00 in Tsukuba
TWO_HOURS = Interval(TEN, TEN + timedelta(hours=2))
PARTNER_OF = {"hana": "aoba", "alan": "aoba", "cora": "aoba", "two": "cedar", "ben": "birch", "chika": "cedar"}


def book(lab: Cast, who: str, resource: str = "tsukuba-plain", time: Interval = TWO_HOURS, now: datetime = NOW) -> str:
    """Somebody books; the request's key."""
    ask = Ask(resource, time.start, time.end, lab.partners[PARTNER_OF[who]], f"Plates of {who}")
    return bookings.request(lab.actor(who, now), ask, key=fresh_key(), now=now)


def cancel(lab: Cast, request_key: str, now: datetime = NOW) -> None:
    """Whoever booked gives it back."""
    booking = booking_of(request_key)
    name = next(name for name, number in lab.people.items() if number == booking.person_id)
    bookings.cancel(lab.actor(name, now), booking.key, reason="", version=booking.version, now=now)


def wait_for(
    lab: Cast,
    who: str,
    what: str = "resource:tsukuba-plain",
    stretch: Interval = TWO_HOURS,
    *,
    minutes: int = 120,
    now: datetime = NOW,
    **more: Any,
) -> str:
    """Somebody gets into the line; the wait's key."""
    wanted = service.Wanted(what, stretch, minutes, lab.partners[PARTNER_OF[who]], f"Wish of {who}", **more)
    return service.join(lab.actor(who, now), wanted, now=now)


def serve(now: datetime = NOW) -> int:
    """One round of the worker."""
    db.session.remove()
    return service.serve(longest=LONGEST, now=now)


def booking_of(request_key: str) -> Booking:
    """The one booking of a request."""
    db.session.expire_all()
    return db.session.scalars(select(Booking).join(Request).where(Request.key == request_key)).one()


def wait_of(key: str) -> Wait:
    """A wait as it stands."""
    db.session.expire_all()
    return db.session.scalars(select(Wait).where(Wait.key == key)).one()


def kept_for(lab: Cast, who: str) -> list[Offer]:
    """The open offers to somebody."""
    db.session.expire_all()
    mine = select(Offer).join(Wait).where(Wait.person_id == lab.people[who], Offer.answered_at.is_(None))
    return list(db.session.scalars(mine.order_by(Offer.id)))


def letters_to(lab: Cast, who: str) -> list[str]:
    """The kinds of the letters to somebody, in order."""
    db.session.expire_all()
    to = select(Letter.kind).join(Person, Person.id == Letter.person_id).where(Person.id == lab.people[who])
    return list(db.session.scalars(to.order_by(Letter.id)))


def unlike_offers() -> list[str]:
    """Open offers that hold nothing, and holds of offers that are not open: there are none, ever."""
    db.session.expire_all()
    held: dict[int, list[Hold]] = {}
    for hold in db.session.scalars(select(Hold).join(Claim).where(Claim.kind == "offer")):
        held.setdefault(hold.claim_id, []).append(hold)
    found = []
    for offer in db.session.scalars(select(Offer)):
        mine = held.pop(offer.claim_id, [])
        covers = any(
            one.unit_id == offer.unit_id and one.starts_at <= offer.starts_at and offer.ends_at <= one.ends_at
            for one in mine
        )
        if offer.answered_at is None and not covers:
            found.append(f"offer {offer.id} is open and holds nothing")
        if offer.answered_at is not None and mine:
            found.append(f"offer {offer.id} is {offer.answer} and holds still")
    return [*found, *(f"a hold of no offer: claim {claim}" for claim in held)]
