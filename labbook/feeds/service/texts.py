"""The texts that feeds are put together from: each is read where it is stored, and made and stored where it is not.

A text says what it was made of: the versions of the booking and of all that calendars call by name. These are read
before anything that goes into the text, so that a stored text is never older than it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, null, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from ...bookings.queries import booking_rows
from ...catalogue.queries import places
from ...core.disclosure import BookingRow
from ...core.ical import Besides, Manner, Rendered, Standing, Status, booking_text, makers, series_text
from ...core.lifecycle import OPEN
from ...core.recurrence import read as repeat_of
from ...db import db, in_passing
from ...models import Booking, BookingText, Partner, Person, Resource, Series, SeriesText
from ...models.booking import calendar_status

NEWS = timedelta(days=30)
"""How long what is cancelled is told, counted in days of UTC."""

_AT_ONCE = 500  # texts made and stored in one go


@dataclass(frozen=True, slots=True)
class Writing:
    """How the texts of one feed are written."""

    manner: Manner
    base_url: str
    now: datetime
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


def _versions(*columns: Any) -> ColumnElement[str]:
    first, *others = (cast(column, String) for column in columns)
    spelled: ColumnElement[str] = first
    for one in others:
        spelled = spelled + "." + one
    return spelled


# What a text must say that it was made of, to be shown. A booking's is read `with_names`; a series, whose dates may be
# of several people and places, is raised with the words of all of them.
BOOKING_MADE_OF = _versions(Booking.version, Resource.words, Partner.words, Person.words)
SERIES_MADE_OF = _versions(Series.revision)


def with_names(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement, which selects from Booking, joined with whatever the text of one calls by name."""
    return (
        statement.join(Resource, Resource.id == Booking.resource_id)
        .join(Partner, Partner.id == Booking.partner_id)
        .join(Person, Person.id == Booking.person_id)
    )


def texts(writing: Writing, *conditions: ColumnElement[bool]) -> list[Rendered]:
    """The texts of the bookings that meet the conditions, by start, each series where its first one stands.

    Two statements when all are stored. The conditions are about the Booking.
    """
    rows = db.session.execute(_statement(writing, conditions)).all()
    missing = {row.id: row.made_of for row in rows if row.text is None and row.in_series is None}
    series = list(dict.fromkeys(row.in_series for row in rows if row.in_series is not None))
    if not missing and not series:
        return [Rendered(text, tzid) for _, _, tzid, text, _ in rows]
    made = _bookings_made(writing, missing)
    repeating = _series_texts(writing, series)
    found = []
    for number, in_series, tzid, text, _ in rows:
        if in_series is not None:
            found.append(repeating.pop(in_series, None))
        else:
            found.append(made.get(number) if text is None else Rendered(text, tzid))
    return [one for one in found if one is not None]


def _statement(writing: Writing, conditions: Sequence[ColumnElement[bool]]) -> Any:
    in_series: Any = Booking.series_id
    if writing.singly:
        in_series = cast(null(), Booking.series_id.type)
    elif writing.manner.keeps_place:  # a date that was moved to another resource stands there by itself
        in_series = case((Series.resource_id == Booking.resource_id, Booking.series_id))
    is_stored = and_(
        BookingText.booking_id == Booking.id,
        BookingText.manner == writing.of_single,
        BookingText.made_of == BOOKING_MADE_OF,
    )
    statement = select(
        Booking.id,
        in_series.label("in_series"),
        BookingText.tzid,
        BookingText.text,
        case((BookingText.text.is_(None), BOOKING_MADE_OF)).label("made_of"),
    ).select_from(Booking)
    if writing.manner.keeps_place and not writing.singly:
        statement = statement.outerjoin(Series, Series.id == Booking.series_id)
    return (
        with_names(statement)
        .outerjoin(BookingText, is_stored)
        .where(*conditions)
        .order_by(Booking.starts_at, Booking.id)
    )


# --- single bookings --------------------------------------------------------------------------------------------------


def _bookings_made(writing: Writing, missing: Mapping[int, str]) -> dict[int, Rendered]:
    found: dict[int, Rendered] = {}
    several = list(missing)
    for at in range(0, len(several), _AT_ONCE):
        numbers = several[at : at + _AT_ONCE]
        keyed = db.session.execute(select(Booking.key, Booking.id).where(Booking.id.in_(numbers)))
        keys = {row.key: row.id for row in keyed}
        rows = booking_rows(Booking.id.in_(numbers))
        where = places(row.unit_id for row in rows)
        made = {
            keys[row.key]: booking_text(_standing(row), where[row.unit_id], writing.manner, writing.base_url)
            for row in rows
        }
        found |= made
        _store(
            BookingText,
            [
                {"booking_id": number, "manner": writing.of_single, "made_of": missing[number], **one._asdict()}
                for number, one in made.items()
            ],
        )
    return found


def _standing(row: BookingRow, on: str = "") -> Standing:
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


def _series_made(writing: Writing, missing: Mapping[int, str]) -> dict[int, Rendered]:
    names = {
        row.key: (row.series_id, row.recurrence_on)
        for row in db.session.execute(
            select(Booking.key, Booking.series_id, Booking.recurrence_on).where(Booking.series_id.in_(list(missing)))
        )
    }
    dates: dict[int, list[Standing]] = {number: [] for number in missing}
    for row in booking_rows(Booking.series_id.in_(list(missing))):
        number, on = names[row.key]
        dates[number].append(_standing(row, on))
    where = places(one.row.unit_id for several in dates.values() for one in several)
    made, stored = {}, []
    for series in db.session.scalars(select(Series).where(Series.id.in_(list(missing)))):
        shown, until = _shown(writing, series, dates[series.id])
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
    _store(SeriesText, stored)
    return made


def _shown(writing: Writing, series: Series, dates: Sequence[Standing]) -> tuple[list[Standing], datetime | None]:
    """Which dates of a series are shown, and until when that stays so without a change."""
    manner, since = writing.manner, news_since(writing.now)
    here = [one for one in dates if not manner.keeps_place or one.row.resource_id == series.resource_id]
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


# --- keeping them -----------------------------------------------------------------------------------------------------


@in_passing
def _store(table: Any, rows: list[dict[str, Any]]) -> None:
    """Keep texts, in place of older ones; left out when that would have to wait."""
    if not rows:
        return
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.__table__.primary_key]
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), rows)
