"""After a booking was given up: its time is free for others at once, so there is no way back, but a filled form."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for

from ...catalogue import queries as catalogue
from ...core.permissions import Actor, Do, Matter, may
from ...web import now
from ...web.undo import flash_anew
from .. import queries


def say_with_way_back(said: str, actor: Actor, request_key: str, booking_key: str = "") -> None:
    """Say it; of one booking that is still to come, and one's own, with a link to the form that asks for it again."""
    several = [one for one in queries.request_by_key(actor, request_key).bookings if booking_key in ("", one.key)]
    link = _form(actor, several[0]) if len(several) == 1 else ""
    if link:
        flash_anew(said, link)
    else:
        flash(said, "message")


def _form(actor: Actor, booking: Any) -> str:
    """Where the form stands, filled with the same time and unit; nowhere for what is over, or was another's."""
    place = catalogue.places([booking.unit_id]).get(booking.unit_id)
    is_own = booking.person_id == actor.person_id and may(actor, Do.REQUEST_BOOKING, Matter(booking.site_id))
    if place is None or not is_own or booking.starts_at <= now():
        return ""
    start, end = (at.astimezone(place.zoneinfo) for at in (booking.starts_at, booking.ends_at))
    folds = {name: "1" for name, at in (("from_fold", start), ("to_fold", end)) if at.fold}
    form = url_for(".book", slug=place.slug, exact="1", **folds)  # type: ignore[arg-type]
    return f"{form}&from={start:%Y-%m-%dT%H:%M}&to={end:%Y-%m-%dT%H:%M}"
