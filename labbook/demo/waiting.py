"""The waiting list of the demo lab: a scientist waits for a time that a rival keeps, and another is kept for her."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from ..bookings.service import StaleError, TooLateError, cancel
from ..core.interval import Interval
from ..core.language import Words
from ..core.lifecycle import NotPossibleError, State
from ..core.permissions import Actor, ForbiddenError, NotFoundError
from ..core.terms import ResourceKind
from ..db import db
from ..models import Booking, Offer, Person, Request, Resource, Site, Wait
from ..people.queries import actor_of
from ..waiting.service import FreeNowError, NeverError, PastError, Wanted, join, leave, serve

_SITE, _WHO = "tsukuba", "misaki.sato@kazemori.example"
_AHEAD = timedelta(days=2)  # so far ahead nobody is late who gives something back
_LONGEST = timedelta(hours=4)
_MOST_TRIED = 25
_NOT_READY = Words("The samples will not be ready in time.", "試料の準備が間に合わなくなりました。")
_IN_VAIN = (FreeNowError, NeverError, PastError, NotFoundError, ForbiddenError)
_NOT_TO_BE = (TooLateError, NotPossibleError, StaleError, ForbiddenError, NotFoundError)


def wait(now: datetime) -> None:
    """Let her wait for one time, and let somebody give another back that she waits for; once in the lab's life."""
    number = db.session.scalar(select(Person.id).where(Person.email == _WHO))
    actor = actor_of(number, now) if number else None
    if actor is None or db.session.scalar(select(Wait.id).limit(1)) is not None:
        return
    taken = islice(_taken(actor, now), _MOST_TRIED)
    next((one for one in taken if _offered(actor, one, now)), None)
    next((one for one in taken if _waits(actor, one, now)), None)


def _taken(actor: Actor, now: datetime) -> Iterator[tuple[Booking, str]]:
    """What others keep of what every partner may see, each of another resource, with its slug."""
    rows = db.session.execute(
        select(Booking, Resource.slug)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(Site, Site.id == Booking.site_id)
        .join(Request, Request.id == Booking.request_id)
        .where(
            Site.slug == _SITE,
            Booking.partner_id.not_in(actor.partner_ids),
            Request.project_id.is_(None),
            Resource.kind == ResourceKind.EQUIPMENT,
            Resource.is_hidden.is_(False),
            Booking.by_day.is_(False),
            Booking.state == State.APPROVED,
            Booking.starts_at > now + _AHEAD,
        )
        .order_by(Booking.starts_at, Resource.slug)
    ).all()
    slugs: set[str] = set()
    for booking, slug in rows:
        if slug not in slugs:
            slugs.add(slug)
            yield booking, slug


def _waits(actor: Actor, taken: tuple[Booking, str], now: datetime) -> str:
    """The key of a wait for that time; none where it would be in vain."""
    booking, slug = taken
    time, (partner_id,) = booking.time, actor.partner_ids
    minutes = int(time.length.total_seconds() // 60)
    stretch = Interval(time.start, time.end)
    with suppress(*_IN_VAIN):
        return join(actor, Wanted(f"resource:{slug}", stretch, minutes, partner_id, "再測定"), now=now)
    return ""


def _offered(actor: Actor, taken: tuple[Booking, str], now: datetime) -> bool:
    """She waits for it, its holder gives it back, and it is kept for her."""
    key, holder = _waits(actor, taken, now), actor_of(taken[0].person_id, now)
    if not key or holder is None:
        return False
    with suppress(*_NOT_TO_BE):
        cancel(holder, taken[0].key, reason=_NOT_READY.text(holder.language), version=taken[0].version, now=now)
    serve(longest=_LONGEST, now=now)
    if db.session.scalar(select(Offer.id).limit(1)) is not None:
        return True
    leave(actor, key, now=now)
    return False
