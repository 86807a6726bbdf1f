"""The texts that feeds are put together from: each is read where it is stored, and made and stored where it is not.

A text says what it was made of: the versions of the booking and of all that calendars call by name. These are read
before anything that goes into the text, so that a stored text is never older than it says. Texts come from the database
in one piece, in which what is missing is marked: a program that took thousands of rows would take as long as with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from ...bookings.queries import booking_rows, rows_by_id
from ...catalogue.queries import places
from ...core.disclosure import BookingRow
from ...core.ical import Besides, Component, Manner, Rendered, Standing, Status, booking_text, makers, series_text
from ...core.lifecycle import OPEN
from ...core.recurrence import read as repeat_of
from ...db import db
from ...models import Booking, BookingText, Partner, Person, Request, Resource, Series, SeriesText
from ...models.booking import calendar_status
from .shelf import AT_ONCE, Shelf

NEWS = timedelta(days=30)
"""How long what is cancelled is told, counted in days of UTC."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How the texts of one feed are written."""

    manner: Manner
    base_url: str
    now: datetime
    shelf: Shelf
    singly: bool = False  # dates of series too

    @property
    def of_single(self) -> str:
        """The manner of single bookings, as it is stored."""
        return f"{self.manner.of_single}.{made_by(self.base_url)}"

    @property
    def of_series(self) -> str:
        """The manner of series, as it is stored."""
        return f"{self.manner.of_series}.{made_by(self.base_url)}"


def made_by(base_url: str) -> str:
    """With what the names of manners end today: another renderer or address writes other texts."""
    return hashlib.sha256(f"{makers()} {base_url}".encode()).hexdigest()[:8]


def news_since(now: datetime) -> datetime:
    """The instant since which what was cancelled is still told; it moves at midnight in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - NEWS


# What a text must say that it was made of, to be shown. A booking's is read `with_names`: its version, and below that
# the sum of counters that only rise; they are those of others only if the version is another. A series, whose dates may
# be of several people and places, is raised with the words of all of them.
_VERSION = cast(Booking.version, BigInteger) * literal(2**32, BigInteger)
BOOKING_MADE_OF: ColumnElement[int] = _VERSION + Resource.words + Partner.words + Person.words
SERIES_MADE_OF: ColumnElement[int] = cast(Series.revision, BigInteger)


def with_names(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement, which selects from Booking, joined with whatever the text of one calls by name."""
    return (
        statement.join(Resource, Resource.id == Booking.resource_id)
        .join(Partner, Partner.id == Booking.partner_id)
        .join(Person, Person.id == Booking.person_id)
    )


def texts(writing: Writing, *conditions: ColumnElement[bool]) -> list[Component]:
    """The texts of the bookings that meet the conditions, by start, each series where its first one stands.

    One statement when all are stored, and one more where there are series. The conditions are about the Booking.
    """
    whole, zones = _joined(_statement(writing, conditions))
    stored, *rest = _parted(whole)  # and then in turns what is marked, and what is stored behind it
    marks = [(int(number), int(made_of)) for number, made_of in (bytes(mark).split() for mark in rest[::2])]
    made = _bookings_made(writing, {number: made_of for number, made_of in marks if made_of})
    repeating = _series_texts(writing, list(dict.fromkeys(number for number, made_of in marks if not made_of)))
    found: list[Component | None] = [*((b"", zone) for zone in sorted(zones)), (stored, None)]
    for (number, made_of), behind in zip(marks, rest[1::2], strict=True):
        found += (made.get(number) if made_of else repeating.pop(number, None)), (behind, None)
    return [one for one in found if one and any(one)]


# Stands around what is no text, but says what to put there: the number of a booking, and what its text will be made of;
# or that of a series, whose text is looked for by itself, and 0. In texts there are no control characters.
_MARK = "\x1e"


def _parted(whole: bytes) -> Iterator[memoryview]:
    """What stands between the marks, uncopied; for few marks in megabytes, `find` is far faster than `split`."""
    mark, after, view = _MARK.encode(), 0, memoryview(whole)
    while (at := whole.find(mark, after)) >= 0:
        yield view[after:at]
        after = at + 1
    yield view[after:]


def _statement(writing: Writing, conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    in_series: Any = Booking.series_id
    if writing.singly:
        in_series = cast(null(), Booking.series_id.type)
    elif writing.manner.keeps_place:  # a date that was moved to another resource stands there by itself
        in_series = case((Series.resource_id == Booking.resource_id, Booking.series_id))
    is_stored = and_(
        in_series.is_(None),
        BookingText.booking_id == Booking.id,
        BookingText.manner == writing.of_single,
        BookingText.made_of == BOOKING_MADE_OF,
    )
    number = cast(func.coalesce(in_series, Booking.id), String)
    made_of = cast(case((in_series.is_(None), BOOKING_MADE_OF), else_=0), String)
    marked = literal(_MARK) + number + " " + made_of + _MARK
    statement = select(func.coalesce(BookingText.text, marked).label("text"), BookingText.tzid).select_from(Booking)
    if writing.manner.keeps_place and not writing.singly:
        statement = statement.outerjoin(Series, Series.id == Booking.series_id)
    return (
        with_names(statement)
        .outerjoin(BookingText, is_stored)
        .where(*conditions)
        .order_by(Booking.starts_at, Booking.id)
    )


def _joined(statement: Select[*tuple[Any, ...]]) -> tuple[bytes, set[str]]:
    """All texts as one in UTF-8, and the zones that they name.

    SQLite joins them faster than it gives them one by one; it keeps their order, since it never leaves out the ORDER BY
    of what group_concat reads (SF_OrderByReqd).
    """
    if _is_postgresql():
        rows = db.session.connection().execute(statement).all()  # the ORM would look at every row once more
        pieces, named = zip(*rows, strict=True) if rows else ((), ())
        return "".join(pieces).encode(), set(named) - {None}
    ordered = statement.subquery().c
    whole = cast(func.group_concat(ordered.text, ""), LargeBinary)
    text, zones = db.session.execute(select(whole, func.group_concat(ordered.tzid.distinct()))).one()
    return text or b"", set(zones.split(",")) if zones else set()


def _is_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


# --- single bookings --------------------------------------------------------------------------------------------------


def _bookings_made(writing: Writing, missing: Mapping[int, int]) -> dict[int, Rendered]:
    found: dict[int, Rendered] = {}
    several = list(missing)
    for at in range(0, len(several), AT_ONCE):
        numbers = several[at : at + AT_ONCE]
        rows = rows_by_id(Booking.id.in_(numbers))
        where = places(row.unit_id for row in rows.values())
        made = {
            number: booking_text(standing(row), where[row.unit_id], writing.manner, writing.base_url)
            for number, row in rows.items()
        }
        found |= made
        writing.shelf.put(
            BookingText,
            [
                {"booking_id": number, "manner": writing.of_single, "made_of": missing[number], **one._asdict()}
                for number, one in made.items()
            ],
        )
    return found


def standing(row: BookingRow, on: str = "") -> Standing:
    """A booking as a calendar gets it; `on` is its date in its series."""
    return Standing(row, Status(calendar_status(row.state)), on)


# --- series -----------------------------------------------------------------------------------------------------------


def _series_texts(writing: Writing, series_ids: Sequence[int]) -> dict[int, Rendered | None]:
    """The texts of these series; None of one of which nothing is to be shown."""
    if not series_ids:
        return {}
    is_stored = and_(
        SeriesText.series_id == Series.id,
        SeriesText.manner == writing.of_series,
        SeriesText.made_of == SERIES_MADE_OF,
        or_(SeriesText.until.is_(None), SeriesText.until > writing.now),
    )
    rows = db.session.execute(
        select(Series.id, SeriesText.text, SeriesText.tzid, SERIES_MADE_OF.label("made_of"))
        .outerjoin(SeriesText, is_stored)
        .where(Series.id.in_(series_ids))
    ).all()
    found = {row.id: Rendered(row.text, row.tzid) for row in rows if row.text is not None}
    missing = {row.id: row.made_of for row in rows if row.text is None}
    found |= _series_made(writing, missing) if missing else {}
    return {number: one if one.text else None for number, one in found.items()}


def _series_made(writing: Writing, missing: Mapping[int, int]) -> dict[int, Rendered]:
    names = {
        row.key: (row.series_id, row.recurrence_on)
        for row in db.session.execute(
            select(Booking.key, Booking.series_id, Booking.recurrence_on).where(Booking.series_id.in_(list(missing)))
        )
    }
    dates: dict[int, list[Standing]] = {number: [] for number in missing}
    for row in booking_rows(Booking.series_id.in_(list(missing))):
        number, on = names[row.key]
        dates[number].append(standing(row, on))
    where = places(one.row.unit_id for several in dates.values() for one in several)
    made, stored = {}, []
    asked_for = select(Series, Request.person_id).join(Request, Request.id == Series.request_id)
    for series, person_id in db.session.execute(asked_for.where(Series.id.in_(list(missing)))):
        shown, until = _shown(writing, series, person_id, dates[series.id])
        one = series_text(
            series.uid,
            repeat_of(series.rule),
            dates[series.id],
            shown,
            where,
            writing.manner,
            writing.base_url,
            _besides(writing, series, dates[series.id]),
        )
        made[series.id] = one
        kept = {"series_id": series.id, "manner": writing.of_series, "made_of": missing[series.id], "until": until}
        stored.append({**kept, **one._asdict()})
    writing.shelf.put(SeriesText, stored)
    return made


def _shown(
    writing: Writing, series: Series, person_id: int, dates: Sequence[Standing]
) -> tuple[list[Standing], datetime | None]:
    """Which dates of a series are shown, and until when that stays so without a change."""
    manner, since = writing.manner, news_since(writing.now)
    here = [one for one in dates if not manner.keeps_place or one.row.resource_id == series.resource_id]
    here = [one for one in here if not manner.is_own or one.row.person_id == person_id]
    here = [one for one in here if manner.waiting or one.row.state not in OPEN]
    stand = [one for one in here if one.status is not Status.CANCELLED]
    told = [one for one in dates if manner.cancelled and one.status is Status.CANCELLED and one.row.changed_at > since]
    news = [] if manner.keeps_place and stand else [one for one in here if one in told]
    return sorted([*stand, *news], key=lambda one: one.on), min(map(_news_until, told), default=None)


def _besides(writing: Writing, series: Series, dates: Sequence[Standing]) -> Besides:
    """Its rules before the present one, the dates that left it, and those of whose end is told no more."""
    since = news_since(writing.now)
    ended = [one for one in dates if one.status is Status.CANCELLED and one.row.changed_at <= since]
    untold = [_news_until(one) for one in ended] if writing.manner.cancelled else []
    return Besides(series.sequence + len(untold), max([*filter(None, [series.changed_at]), *untold], default=None))


def _news_until(one: Standing) -> datetime:
    """The first midnight in UTC at which it is no news any more."""
    before = one.row.changed_at - timedelta.resolution
    return news_since(before) + 2 * NEWS + timedelta(days=1)
