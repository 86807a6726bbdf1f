"""One booking as a file for a calendar."""

from __future__ import annotations

from flask import Response, current_app

from ...core.ical import Language
from ...core.permissions import NotFoundError
from ...web import language, login_required, signed_in
from .. import queries
from ..service import calendar_entry as entry
from . import bp
from .looking import note_look


@bp.get("/bookings/<key>.ics")
@login_required
def calendar_entry(key: str) -> Response:
    """What feeds have of this booking, for whoever gets all of it; a look that is recorded elsewhere is here too."""
    actor, words = signed_in(), language()
    booking = queries.booking_by_key(actor, key)
    (row,) = queries.rows_of_request(booking.request_id, only=booking.id)
    if not note_look(actor, booking.request, [row]):
        raise NotFoundError
    spoken: Language = "ja" if words == "ja" else "en"
    is_own = booking.person_id == actor.person_id
    body = entry(row, is_own=is_own, language=spoken, base_url=current_app.config["BASE_URL"])
    response = Response(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="labbook-booking.ics"'
    return response
