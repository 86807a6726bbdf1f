"""Removing stored texts of calendars that nobody gets any more: the words in them are not kept longer than needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from ...core.feeds import HISTORY_DAYS
from ...db import db, transactional
from ...models import Booking, BookingText, Series, SeriesText
from .texts import BOOKING_MADE_OF, SERIES_MADE_OF, made_by, with_names

OUT_OF_FEEDS = timedelta(days=max(HISTORY_DAYS) + 2)
"""How long ago a booking ended that is in no feed's window."""

MOST = 1000  # texts of each kind removed in one go


def prune(base_url: str, *, now: datetime, most: int = MOST) -> int:
    """Remove texts that are stale, that another renderer or address made, or of what ended long ago.

    How many there were: at most so many of bookings and as many of series; the rest is for the next round. What
    another process stores meanwhile in place of such a text is lost, too, and made again when somebody asks for it.
    """
    stale = list(db.session.execute(_of_bookings(base_url, now).limit(most)))
    old = list(db.session.execute(_of_series(base_url, now).limit(most)))
    if stale or old:
        _remove(stale, old)
    return len(stale) + len(old)


def _of_bookings(base_url: str, now: datetime) -> Select[*tuple[Any, ...]]:
    found = select(BookingText.booking_id, BookingText.manner).select_from(BookingText)
    return with_names(found.join(Booking, Booking.id == BookingText.booking_id)).where(
        or_(
            BookingText.made_of != BOOKING_MADE_OF,
            _is_foreign(BookingText.manner, base_url),
            Booking.ends_at < now - OUT_OF_FEEDS,
        )
    )


def _of_series(base_url: str, now: datetime) -> Select[*tuple[Any, ...]]:
    found = select(SeriesText.series_id, SeriesText.manner).select_from(SeriesText)
    in_feeds = exists().where(Booking.series_id == Series.id, Booking.ends_at >= now - OUT_OF_FEEDS)
    return found.join(Series, Series.id == SeriesText.series_id).where(
        or_(
            SeriesText.made_of != SERIES_MADE_OF,
            SeriesText.until <= now,
            _is_foreign(SeriesText.manner, base_url),
            ~in_feeds,
        )
    )


def _is_foreign(manner: InstrumentedAttribute[str], base_url: str) -> ColumnElement[bool]:
    return ~manner.endswith(f".{made_by(base_url)}", autoescape=True)


@transactional
def _remove(bookings: Sequence[Any], series: Sequence[Any]) -> None:
    for table, rows in ((BookingText, bookings), (SeriesText, series)):
        if rows:
            named = tuple_(*table.__table__.primary_key)
            db.session.execute(delete(table).where(named.in_([tuple(row) for row in rows])))
