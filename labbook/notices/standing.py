"""Where the bookings of a request stand for one person's calendar; each read takes a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import select

from ..bookings.queries import booking_rows
from ..core.disclosure import BookingRow, relation
from ..core.lifecycle import USED, State
from ..core.permissions import Actor
from ..core.recurrence import Repeat, read
from ..db import db
from ..models import Booking, Series
from ..people.queries import actor_of


class Standing(Enum):
    """What a calendar is to do with a booking."""

    SHOWN = "shown"
    PAST = "past"  # left as it is
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Dated:
    """One booking; `may_read` says whether the person may be told what it is for."""

    row: BookingRow
    standing: Standing
    may_read: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What has one UID: a booking, under an empty name, or the bookings of a series by the names of their dates."""

    uid: str
    dates: Mapping[str, Dated]
    repeat: Repeat | None = None
    zone: str = ""

    @property
    def singles(self) -> list[Line]:
        """Each of its bookings by itself, under its own UID."""
        return [Line(one.row.uid, {"": one}) for one in self.dates.values()]


def lines_of(request_id: int, person_id: int, now: datetime) -> list[Line]:
    """Everything of a request, by start."""
    viewer = actor_of(person_id, now)
    placed = {
        key: (series_id, name)
        for key, series_id, name in db.session.execute(
            select(Booking.key, Booking.series_id, Booking.recurrence_on).where(Booking.request_id == request_id)
        )
    }
    series = {one.id: one for one in db.session.scalars(select(Series).where(Series.request_id == request_id))}
    found: dict[str, dict[str, Dated]] = {}
    repeating: dict[str, Series] = {}
    for row in booking_rows(Booking.request_id == request_id):
        number, name = placed[row.key]
        one = Dated(row, _standing(row, person_id, viewer, now), viewer is not None and _sees(viewer, row))
        if number is None or not name:
            found[row.uid] = {"": one}
        else:
            found.setdefault(series[number].uid, {})[name] = one
            repeating[series[number].uid] = series[number]
    return [_line(uid, dates, repeating.get(uid)) for uid, dates in found.items()]


def _line(uid: str, dates: Mapping[str, Dated], series: Series | None) -> Line:
    if series is None:
        return Line(uid, dates)
    return Line(uid, dates, read(series.rule), series.zone)


def _standing(row: BookingRow, person_id: int, viewer: Actor | None, now: datetime) -> Standing:
    if row.person_id != person_id:
        return Standing.GONE
    is_kept = row.state in (State.APPROVED, State.RUNNING)
    if row.state in USED or (is_kept and row.time.end <= now):
        return Standing.PAST
    return Standing.SHOWN if is_kept and viewer is not None and _sees(viewer, row) else Standing.GONE


def _sees(viewer: Actor, row: BookingRow) -> bool:
    return relation(viewer, row) is not None
