"""Letters about offers, in the language of whoever waits. What it was for is read after signing in."""

from __future__ import annotations

from datetime import datetime

from ...core import dates
from ...core.interval import Interval
from ...db import db
from ...models import Person, Resource, Site, Wait
from ...models.letter import letter
from ..queries import OfferRow


def offered(row: OfferRow, *, asks: bool, now: datetime) -> None:
    """Time is kept for somebody, until when, and where to answer."""
    offer = row.offer
    _write("offer", row.wait, row.resource, Interval(offer.starts_at, offer.ends_at), now, until=offer.until, asks=asks)


def lapsed(row: OfferRow, *, now: datetime) -> None:
    """It was not answered in time."""
    _write("offer-lapsed", row.wait, row.resource, Interval(row.offer.starts_at, row.offer.ends_at), now)


def taken(wait: Wait, resource_id: int, time: Interval, request_key: str, *, asks: bool, now: datetime) -> None:
    """It was booked for somebody who had asked for that."""
    resource = db.session.get_one(Resource, resource_id)
    _write("taken-for-you", wait, resource, time, now, path=f"/requests/{request_key}", asks=asks)


def _write(
    kind: str,
    wait: Wait,
    resource: Resource,
    time: Interval,
    now: datetime,
    *,
    until: datetime | None = None,
    path: str = "/waiting",
    asks: bool = False,
) -> None:
    person, site = db.session.get_one(Person, wait.person_id), db.session.get_one(Site, wait.site_id)
    if not person.is_active:
        return
    words, zone = person.language, site.zoneinfo
    db.session.add(
        letter(
            kind,
            person.email,
            words,
            now=now,
            person_id=person.id,
            site_id=site.id,
            site=site.name.text(words),
            resource=resource.name.text(words),
            when=dates.when(time, zone, words, by_day=resource.by_day),
            until=dates.at(until, zone, words) if until else "",
            path=path,
            asks=asks,
        )
    )
