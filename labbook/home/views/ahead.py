"""What is next for the reader, and how soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from ...bookings.afterwards import arrival_note
from ...bookings.binding import Binding, Standing, binding_of
from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow
from ...core.lifecycle import State
from ...core.permissions import Actor, Do, Matter, may
from ...core.place import Place
from ...web import sentences, times
from .. import pages, reading

MOST = 6
_SOON = timedelta(hours=24)
_BOUND = (State.APPROVED, State.RUNNING)


def next_days(actor: Actor, at: datetime, words: str) -> list[pages.NextDay]:
    """The reader's next bookings by the day on which they begin, by each site's calendar; what runs is of today."""
    rows = reading.next_rows(actor, at, MOST)
    place = catalogue.places(row.unit_id for row in rows)
    bound = binding_of([row.key for row in rows if row.state in _BOUND], at)
    days = {row.key: _day(row, place[row.unit_id].zoneinfo, at) for row in rows}
    rows.sort(key=lambda row: days[row.key])  # within a day they stay by instant; sites may be a day apart
    several = groupby(rows, key=lambda row: days[row.key])
    return [
        pages.NextDay(_day_label(on, today, words), _lines(actor, list(same), place, bound, at, words))
        for (on, today), same in several
    ]


def _lines(
    actor: Actor,
    rows: Sequence[BookingRow],
    places: Mapping[int, Place],
    bound: Mapping[str, tuple[Standing, Binding]],
    at: datetime,
    words: str,
) -> list[pages.NextLine]:
    return [_line(actor, row, places[row.unit_id], bound.get(row.key), at, words) for row in rows]


def _day(row: BookingRow, zone: ZoneInfo, at: datetime) -> tuple[date, date]:
    """Under which day a booking stands by its site's calendar, and which is today there."""
    today = at.astimezone(zone).date()
    return max(row.time.start.astimezone(zone).date(), today), today


def _day_label(on: date, today: date, words: str) -> str:
    names = {today: gettext("Today"), today + timedelta(days=1): gettext("Tomorrow")}
    said = times.short_date(on, words)
    return f"{names[on]} · {said}" if on in names else said


def _line(
    actor: Actor, row: BookingRow, place: Place, bound: tuple[Standing, Binding] | None, at: datetime, words: str
) -> pages.NextLine:
    check_in = bound[1].check_in if bound else None
    come = bound[0].checked_in_at if bound else None
    matter = Matter(row.site_id, row.partner_id, frozenset({row.person_id}))
    is_open = come is None and check_in is not None and check_in.is_open(at)
    runs = row.state is State.RUNNING
    return pages.NextLine(
        row.key,
        row.title,
        url_for("bookings.request_page", key=row.request_key),
        place.resource.text(words),
        url_for("catalogue.resource", slug=place.slug),
        place.unit,
        place.site.text(words),
        _hours(row, place, words),
        times.zone_label(place.zoneinfo, row.time.start),
        str(row.state),
        sentences.state_label(row.state),
        _soon(row, at, words),
        arrival_note(check_in, come, place, words),
        is_open and may(actor, Do.CHECK_IN, matter),
        row.version,
        url_for("bookings.end", key=row.key) if runs and may(actor, Do.MOVE_BOOKING, matter) else "",
    )


def _hours(row: BookingRow, place: Place, words: str) -> str:
    """The clock times where the booking begins and ends on the day under which it stands; else all of it."""
    zone = place.zoneinfo
    start, end = row.time.start.astimezone(zone), row.time.end.astimezone(zone)
    if row.by_day or start.date() != end.date() or start.utcoffset() != end.utcoffset():
        return times.when(row.time, zone, words, by_day=row.by_day)
    return times.stretch(times.clock(start), times.clock(end), words)


def _soon(row: BookingRow, at: datetime, words: str) -> str:
    if row.time.start <= at:
        return gettext("ends %(when)s", when=times.ahead(row.time.end, at, words))
    if row.time.start - at > _SOON:
        return ""
    return gettext("begins %(when)s", when=times.ahead(row.time.start, at, words))
