"""Texts come from the database in one piece: in order of their starts, with what is missing or repeats in its place."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import delete, select

from labbook.db import db, transactional
from labbook.models import Booking, BookingText, Request, SeriesText
from tests.bookings.test_series_asked import ask, series
from tests.browsing import Visitor
from tests.cast import Cast
from tests.feeds.reading import feed, fetched

HOURS = (15, 8, 16, 11)  # as they are booked


@transactional
def forget(*titles: str) -> None:
    """Drop the stored texts of these."""
    numbers = select(Booking.id).join(Request, Request.id == Booking.request_id).where(Request.title.in_(titles))
    db.session.execute(delete(BookingText).where(BookingText.booking_id.in_(numbers)))


@transactional
def forget_series() -> None:
    """Drop all texts of series."""
    db.session.execute(delete(SeriesText))


def test_whatever_is_stored_each_stands_in_its_place(app: Flask, lab: Cast) -> None:
    hana, visitor, path = Visitor(app, "hana"), Visitor(app), feed(lab)
    for hour in HOURS:
        hana.book("tsukuba-plain", f"2026-11-24T{hour:02}:00", f"2026-11-24T{hour:02}:30", title=f"At {hour} 時 😀")
    ask(lab, series(lab))
    first = fetched(visitor, path)
    # The titles of single bookings by their starts; the series, whose title has no hour, stands among them by its own.
    assert re.findall(r"SUMMARY:At (\d+)", first.text) == [str(hour) for hour in sorted(HOURS)]
    assert len(re.findall(r"RRULE:FREQ=(?!YEARLY)", first.text)) == 1
    for gone in (
        [],
        ["At 8 時 😀"],
        ["At 16 時 😀"],
        ["At 11 時 😀", "At 15 時 😀"],
        [f"At {hour} 時 😀" for hour in HOURS],
    ):
        forget(*gone)
        assert fetched(visitor, path).data == first.data, gone
    forget_series()
    assert fetched(visitor, path).data == first.data
    assert "\x1e" not in first.text
