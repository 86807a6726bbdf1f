"""One's own bookings of the resource that one stands before, and what can be done with each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from ...bookings import service
from ...bookings.afterwards import arrival_note
from ...bookings.binding import binding_of
from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow
from ...core.ends import End
from ...core.lifecycle import Action, State, is_possible
from ...core.permissions import Actor, Do, Matter, may
from ...web import language, sentences, times
from ..mine import own_here
from ..pages import Onward, OwnBooking, clock_label, last_day_label

AHEAD = timedelta(hours=12)
MOST, MOST_ENDS = 3, 2


def own_bookings(actor: Actor, slug: str, at: datetime) -> list[OwnBooking]:
    """The next few, the one that runs first."""
    resource, site = catalogue.resource_by_slug(actor, slug)
    rows = own_here(actor, resource.id, at, at + AHEAD)[:MOST]
    if not rows:
        return []
    bound = binding_of([row.key for row in rows], at)
    place = catalogue.place_of(resource, site)
    return [_own(actor, row, bound[row.key], place, at) for row in rows]


def _own(actor: Actor, row: BookingRow, bound: tuple[Any, Any], place: Any, at: datetime) -> OwnBooking:
    words, zone, (one, binding) = language(), place.zoneinfo, bound
    matter = Matter(row.site_id, row.partner_id, frozenset({row.person_id}))
    stands = row.state in (State.APPROVED, State.RUNNING)
    is_running = stands and row.time.start <= at
    can_end = stands and may(actor, Do.MOVE_BOOKING, matter) and is_possible(row.state, Action.EXTEND)
    is_open = one.checked_in_at is None and binding.check_in is not None and binding.check_in.is_open(at)
    ends = service.ends_of(actor, row.key, now=at) if is_running and can_end else []
    return OwnBooking(
        row.key,
        row.title,
        times.when(row.time, zone, words, by_day=row.by_day),
        str(row.state),
        sentences.state_label(row.state),
        row.version,
        is_running,
        stands and is_open and may(actor, Do.CHECK_IN, matter),
        row.state is State.RUNNING and may(actor, Do.CANCEL_BOOKING, matter),
        arrival_note(binding.check_in, one.checked_in_at, place, words) if stands else "",
        url_for("bookings.request_page", key=row.request_key),
        url_for("bookings.end", key=row.key) if can_end else "",
        [_later(row, end, zone, at) for end in ends if end.at > row.time.end][:MOST_ENDS],
    )


def _later(row: BookingRow, end: End, zone: Any, at: datetime) -> Onward:
    """An end that could be had: to the form that stands filled with it."""
    words, local = language(), end.at.astimezone(zone)
    label = last_day_label(end.at, zone, words) if row.by_day else clock_label(end.at, at, zone, words)
    said = gettext("Until %(time)s, if staff agree", time=label) if end.asks else gettext("Until %(time)s", time=label)
    fold = "1" if local.fold else None
    return Onward(said, url_for("bookings.end", key=row.key, to=f"{local:%Y-%m-%dT%H:%M}", to_fold=fold))
