"""A feed as an ordinary program makes it: every entry by the icalendar library, while the client waits."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app
from icalendar import Calendar

from ..bookings.queries import booking_rows
from ..catalogue.queries import places
from ..core.ical import Status, booked, event_of, written_in
from ..feeds.queries import door
from ..models import Booking
from ..models.booking import calendar_status

_YEAR = timedelta(days=365)


def built(token: str) -> Response:
    """All bookings of the feed's owner in the last year and to come."""
    found = door(token)
    if found is None:
        raise LookupError(token)
    rows = booking_rows(Booking.person_id == found.person_id, Booking.ends_at > found.now - _YEAR)
    where = places(row.unit_id for row in rows)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//LabBook//Bench//EN")
    for row in rows:
        status, base_url = Status(calendar_status(row.state)), current_app.config["BASE_URL"]
        entry = booked(row, where[row.unit_id], status, language="en", base_url=base_url)
        calendar.add_component(event_of(entry, written_in(entry)))
    return Response(calendar.to_ical(), mimetype="text/calendar")
