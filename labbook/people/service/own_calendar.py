"""One's own bookings, all of them, as a calendar file to take along (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime

from ...bookings.queries import rows_of_person
from ...bookings.scheduled import EVER
from ...catalogue.queries import places
from ...core.disclosure import BookingRow
from ...core.ical import Entry, Status, calendar_bytes
from ...core.permissions import Actor, Do, Matter, require
from ...core.place import Place
from ...db import db, transactional
from ...models.audit import happened
from ...models.booking import calendar_status
from . import own_work


@transactional
def export_own_calendar(actor: Actor, *, base_url: str, now: datetime) -> bytes:
    """The bookings of the person who asks, past and cancelled ones too; that they were taken is recorded.

    What was changed for a partner after the person had left it is not among them.
    Raises ForbiddenError.
    """
    number = actor.person_id
    require(actor, Do.EXPORT_OWN_DATA, Matter(person_ids=frozenset({number})))
    db.session.add(happened("own-data-exported", at=now, actor_id=number, subject="person", subject_id=number))
    times = own_work.times_of(number, now)
    rows = [one for one in rows_of_person(number, EVER) if times.knew(one.partner_id, one.changed_at)]
    place = places(row.unit_id for row in rows)
    entries = [_entry(row, place[row.unit_id], actor.language, base_url) for row in rows]
    zone = place[rows[-1].unit_id].zone if rows else "Etc/UTC"
    return calendar_bytes("LabBook", entries, zone=zone, language="ja" if actor.language == "ja" else "en")


def _entry(row: BookingRow, place: Place, words: str, base_url: str) -> Entry:
    resource = f"{place.resource.text(words)} {place.unit}".strip()
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        stamp=row.stamp,
        created=row.created_at,
        start=_edge(row, row.time.start, place),
        end=_edge(row, row.time.end, place),
        zone=place.zone,
        status=Status(calendar_status(row.state)),
        summary=f"{row.title} · {resource}",
        language="ja" if words == "ja" else "en",
        description="\n".join(filter(None, (row.partner_name.text(words), row.purpose))),
        location=f"{resource}, {place.site.text(words)}",
        url=f"{base_url}/requests/{row.request_key}",
    )


def _edge(row: BookingRow, at: datetime, place: Place) -> datetime | date:
    return at.astimezone(place.zoneinfo).date() if row.by_day else at
