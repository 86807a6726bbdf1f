"""What is done in a booking: its kind of work, as the resource names it."""

from __future__ import annotations

from ..core.language import Words
from ..db import db
from ..models import Booking, Resource


def kind_of_work(booking: Booking) -> Words:
    """The name of the kind of work; its code where the resource does not know it any more, nothing where it has none.

    One statement, none for a booking without a kind.
    """
    if not booking.mode:
        return Words()
    known = db.session.get_one(Resource, booking.resource_id).kinds_of_work
    return next((one.name for one in known if one.slug == booking.mode), Words(booking.mode))
