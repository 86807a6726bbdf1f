"""What a request's page says of renewing: what may follow its bookings, does, or came before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from ...catalogue import queries as catalogue
from ...core.disclosure import BookingRow, Relation, relation
from ...core.hours import is_midnight
from ...core.interval import Interval
from ...core.permissions import Actor
from ...web import now, times
from .. import renewals, service

_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RenewalCard:
    """What may follow one booking, or does, or what it follows itself."""

    heading: str
    note: str = ""
    warning: str = ""
    url: str = ""  # where it is renewed
    links: tuple[tuple[str, str], ...] = ()  # label and address of other requests


def renewal_cards(actor: Actor, bookings: Sequence[Any], rows: Sequence[BookingRow], words: str) -> list[RenewalCard]:
    """The renewals of a request's bookings; nothing for a joint project's other partner."""
    place = catalogue.places([rows[0].unit_id])[rows[0].unit_id]
    zone = place.zoneinfo
    if relation(actor, rows[0]) is Relation.JOINT or not any(_is_by_calendar(row, zone) for row in rows):
        return []
    known, ids = renewals.renewals_of([one.id for one in bookings]), {one.id for one in bookings}
    renewed = {one.earlier_id for one in known if one.stands}
    found = [one for one in service.followings(actor, bookings, now()) if one.booking_id not in renewed]
    units = catalogue.places([one.unit_id for one in found])
    later = [(one.later_time, one.later_request) for one in known if one.earlier_id in ids]
    earlier = [(one.earlier_time, one.earlier_request) for one in known if one.later_id in ids]
    return [
        *(_offer(one, units[one.unit_id].unit, zone, words) for one in found),
        *_linked(gettext("Renewed by"), later, zone, words),
        *_linked(gettext("Renews"), earlier, zone, words),
    ]


def _is_by_calendar(row: BookingRow, zone: ZoneInfo) -> bool:
    """Whether it may be: half days begin at midnight or noon; what begins otherwise needs no further look."""
    return row.by_day or row.time.start.astimezone(zone).strftime("%H:%M") in ("00:00", "12:00")


def _linked(heading: str, others: Sequence[tuple[Interval, str]], zone: ZoneInfo, words: str) -> list[RenewalCard]:
    if not others:
        return []
    labelled = ((_days(time, zone, words), url_for("bookings.request_page", key=key)) for time, key in others)
    return [RenewalCard(heading, links=tuple(labelled))]


def _offer(one: service.Following, unit: str, zone: ZoneInfo, words: str) -> RenewalCard:
    last = times.dated((one.ends_at - _A_MOMENT).astimezone(zone).date(), words)
    note = (
        gettext("Unit %(unit)s, until %(last)s", unit=unit, last=last) if unit else gettext("Until %(last)s", last=last)
    )
    return RenewalCard(
        gettext("Renew"), note, _warning(one, zone, words), url_for("bookings.renew", key=one.booking_key)
    )


def _warning(one: service.Following, zone: ZoneInfo, words: str) -> str:
    if one.taken_from is None:
        return ""
    if one.taken_from <= one.time.start:
        return gettext("This unit is taken right after it.")
    on = times.dated(one.taken_from.astimezone(zone).date(), words)
    return gettext("This unit is taken from %(on)s on; until then it is free.", on=on)


def _days(time: Interval, zone: ZoneInfo, words: str) -> str:
    by_day = is_midnight(time.start, zone) and is_midnight(time.end, zone)
    return times.when(time, zone, words, by_day=by_day)
