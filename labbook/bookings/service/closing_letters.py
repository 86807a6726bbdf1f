"""What people are told when something is closed, opened again, or decided under a closure: one letter each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ...catalogue import queries as catalogue
from ...core.dates import when
from ...core.interval import Interval
from ...core.language import Words
from ...core.place import Place
from ...db import db
from ...models import Booking, Closure, Event, Notice, Person, Site
from ...models.letter import letter

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What one booking's person is told of it: `fate` is open, kept, moved, cancelled or again (open again)."""

    booking: Booking
    fate: str
    before: Interval | None = None  # where it was, when it was moved


def tell(
    action: str,
    closures: Iterable[Closure],
    place: tuple[Words, str],
    told: Iterable[Told],
    *,
    event: Event,
    actor_id: int,
    note: str,
    now: datetime,
) -> int:
    """Write one letter to each person whose bookings these are, but for the one who did it; returns how many.

    `action` is closed, changed, lifted or decided. The event's notices say that it was told.
    """
    by_person: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        by_person[one.booking.person_id].append(one)
    by_person.pop(actor_id, None)
    people = db.session.scalars(select(Person).where(Person.id.in_(sorted(by_person)), Person.is_active))
    dates, count = list(closures), 0
    for person in people.all():
        own = sorted(by_person[person.id], key=lambda one: (one.booking.starts_at, one.booking.id))
        values = _values(action, _their_dates(dates, own), place, own, person.language)
        whose = {"person_id": person.id, "site_id": own[0].booking.site_id}
        db.session.add(letter("closing", person.email, person.language, now=now, **whose, note=note, **values))
        db.session.add(Notice(event_id=event.id, person_id=person.id, channel="mail", created_at=now, sent_at=now))
        count += 1
    return count


def _their_dates(closures: list[Closure], told: list[Told]) -> list[Closure]:
    """Of many dates those that lie over this person's bookings."""
    times = [one.before or one.booking.time for one in told]
    return [one for one in closures if any(one.time.overlaps(time) for time in times)] or closures[:1]


def _values(
    action: str, closures: list[Closure], place: tuple[Words, str], told: list[Told], language: str
) -> dict[str, Any]:
    site = db.session.get_one(Site, told[0].booking.site_id)
    counts = {
        fate: sum(1 for one in told if one.fate == fate) for fate in ("open", "kept", "moved", "cancelled", "again")
    }
    first, places = closures[0], catalogue.places(one.booking.unit_id for one in told[:MOST_LINES])
    return {
        "action": action,
        "sort": str(first.kind),
        "site": site.name.text(language),
        "place": f"{place[0].text(language)} {place[1]}".strip(),
        "when": [when(one.time, site.zoneinfo, language, by_day=False) for one in closures[:3]],
        "more_dates": max(len(closures) - 3, 0),
        "reason": first.reason.text(language),
        "counts": counts,
        "lines": [_line(one, places, site.zoneinfo, language) for one in told[:MOST_LINES]],
        "more": max(len(told) - MOST_LINES, 0),
    }


def _line(told: Told, places: dict[int, Place], zone: ZoneInfo, language: str) -> dict[str, str]:
    """Where it is now; when it is, or was before it was moved, and to when."""
    booking, place = told.booking, places[told.booking.unit_id]
    at = when(told.before or booking.time, zone, language, by_day=booking.by_day)
    to = when(booking.time, zone, language, by_day=booking.by_day) if told.before else ""
    return {"fate": told.fate, "where": f"{place.resource.text(language)} {place.unit}".strip(), "when": at, "to": to}
