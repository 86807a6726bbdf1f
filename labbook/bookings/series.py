"""Reads about series: which go together, their dates with a booking, and those without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, select

from ..core.lifecycle import OPEN, State
from ..core.permissions import Actor, NotFoundError
from ..core.recurrence import wall_of
from ..db import db
from ..models import Booking, Request, Series, SkippedDate
from .queries import sees_booking


@dataclass(frozen=True, slots=True)
class Day:
    """One date of what repeats: for each of the series that go together its name and its booking, or None.

    Where it was skipped none of them has one, and `skipped` says why.
    """

    names: tuple[str, ...]
    bookings: tuple[Booking | None, ...]
    skipped: tuple[SkippedDate, ...] = ()

    @property
    def made(self) -> list[Booking]:
        """The bookings of the date."""
        return [one for one in self.bookings if one is not None]

    def is_ahead(self, now: datetime) -> bool:
        """Whether something of it can still be changed."""
        return any(is_ahead(one, now) for one in self.made)


@dataclass(frozen=True, slots=True)
class Repeated:
    """The series of one request that go together, in a fixed order, and their dates in order."""

    rows: tuple[Series, ...]
    days: tuple[Day, ...]

    @property
    def bookings(self) -> list[Booking]:
        """All their bookings, by date."""
        return [one for day in self.days for one in day.made]

    def length(self, number: int) -> timedelta:
        """How long each date of a series is by the clock on the wall."""
        row = self.rows[number]
        return wall_of(row.wall_end) - wall_of(row.wall_start)

    def since(self, name: str, number: int) -> int:
        """The index of the date with this name in a series. Raises NotFoundError."""
        names = [day.names[number] for day in self.days]
        if name not in names:
            raise NotFoundError
        return names.index(name)


def is_ahead(booking: Booking, now: datetime) -> bool:
    """Whether a booking is asked for or approved, and has not begun: the past is never touched."""
    return booking.state in (*OPEN, State.APPROVED) and booking.starts_at > now


def is_to_come(day: Day, number: int, zone: ZoneInfo, now: datetime) -> bool:
    """Whether something of a date can still be changed, or it was skipped and has not passed."""
    if not day.skipped:
        return day.is_ahead(now)
    return wall_of(day.names[number]).replace(tzinfo=zone) > now


def series_by_key(viewer: Actor, key: str) -> tuple[Series, Request]:
    """A series and its request, through the viewer's scope. Raises NotFoundError."""
    found = (
        select(Series, Request)
        .join(Request, Request.id == Series.request_id)
        .where(Series.key == key, exists().where(Booking.request_id == Request.id, sees_booking(viewer)))
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFoundError
    return row[0], row[1]


def repeated(one: Series) -> Repeated:
    """What goes together with a series; three statements."""
    return next(found for found in repeated_of(one.request_id) if one in found.rows)


def repeated_of(request_id: int) -> list[Repeated]:
    """Everything of a request that repeats, what was there first before what was split from it; three statements."""
    groups = list(_together(list(db.session.scalars(_OF_REQUEST, {"request_id": request_id}))))
    ids = [one.id for rows in groups for one in rows]
    if not ids:
        return []
    made: dict[int, dict[str, Booking]] = {number: {} for number in ids}
    skipped: dict[int, dict[str, SkippedDate]] = {number: {} for number in ids}
    for booking in db.session.scalars(select(Booking).where(Booking.series_id.in_(ids)).execution_options(**_FRESH)):
        made[booking.series_id or 0][booking.recurrence_on or ""] = booking
    for row in db.session.scalars(
        select(SkippedDate).where(SkippedDate.series_id.in_(ids)).execution_options(**_FRESH)
    ):
        skipped[row.series_id][row.recurrence_on] = row
    return [Repeated(rows, tuple(_days(rows, made, skipped))) for rows in groups]


_FRESH = {"populate_existing": True}
_OF_REQUEST = select(Series).where(Series.request_id == bindparam("request_id")).order_by(Series.id)


def _together(rows: Sequence[Series]) -> Iterator[tuple[Series, ...]]:
    """The series by what they go with: each change that splits one splits all of them, so they are split alike."""
    came_from: dict[int, list[Series]] = {}
    roots: dict[int, int] = {}
    for one in rows:
        roots[one.id] = roots[one.continues_id] if one.continues_id else one.id
        came_from.setdefault(roots[one.id], []).append(one)
    return zip(*came_from.values(), strict=True)


def _days(
    rows: Sequence[Series], made: dict[int, dict[str, Booking]], skipped: dict[int, dict[str, SkippedDate]]
) -> Iterator[Day]:
    names = [sorted({*made[one.id], *skipped[one.id]}) for one in rows]
    for several in zip(*names, strict=True):
        pairs = list(zip(rows, several, strict=True))
        yield Day(
            several,
            tuple(made[one.id].get(name) for one, name in pairs),
            tuple(row for one, name in pairs if (row := skipped[one.id].get(name))),
        )


def of_one_date(found: Iterable[Booking], request_id: int) -> list[list[Booking]]:
    """Bookings by what is decided together: those of one date of a series, and all that repeats in no series."""
    several = {one.id: one for one in found}
    groups = [[one for one in day.made if one.id in several] for part in repeated_of(request_id) for day in part.days]
    dated = {one.id for group in groups for one in group}
    others = [one for one in several.values() if one.id not in dated]
    return [group for group in [others, *groups] if group]
