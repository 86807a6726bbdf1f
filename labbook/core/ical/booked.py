"""The entry of a booking, for those who may see all of it: the same in a feed, in a letter and among one's own data."""

from __future__ import annotations

from datetime import date, datetime

from ..disclosure import BookingRow
from ..language import person_name
from ..place import Place
from .colors import CATEGORIES, COLORS
from .entry import Entry, Language, Status


def booked(
    row: BookingRow, place: Place, status: Status, *, language: Language, base_url: str, is_own: bool = True
) -> Entry:
    """What a calendar shows of a booking; the title comes first where it `is_own`, else what it takes."""
    what = place.what(language)
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        stamp=row.stamp,
        created=row.created_at,
        start=edge(row.time.start, place, by_day=row.by_day),
        end=edge(row.time.end, place, by_day=row.by_day),
        zone=place.zone,
        status=status,
        summary=f"{row.title} · {what}" if is_own else f"{what} · {row.title}",
        language=language,
        description="\n".join(filter(None, (row.partner_name.text(language), _name(row, language), row.purpose))),
        location=place.text(language),
        url=base_url + (f"/requests/{row.request_key}" if row.request_key else f"/resources/{place.slug}"),
        categories=(CATEGORIES[language][place.kind],),
        geo=place.geo,
        color=COLORS[place.kind],
        is_private=True,
    )


def edge(at: datetime, place: Place, *, by_day: bool) -> datetime | date:
    """Where a booking begins or ends: an instant, or the local date where it is by the day."""
    return at.astimezone(place.zoneinfo).date() if by_day else at


def _name(row: BookingRow, language: str) -> str:
    return person_name(row.family_name, row.given_name, language)
