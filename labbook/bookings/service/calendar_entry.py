"""One booking as a calendar."""

from __future__ import annotations

from ...catalogue.queries import places
from ...core.disclosure import BookingRow
from ...core.ical import Language, Manner, Standing, Status, booking_text, put_together
from ...models.booking import calendar_status


def calendar_entry(row: BookingRow, *, is_own: bool, language: Language, base_url: str) -> bytes:
    """The entry that feeds have of a booking, in a calendar of its own; for those alone who get all of it."""
    place = places([row.unit_id])[row.unit_id]
    standing = Standing(row, Status(calendar_status(row.state)))
    text = booking_text(standing, place, Manner(language, is_own=is_own), base_url)
    return put_together("LabBook", [text], zone=place.zone, language=language)
