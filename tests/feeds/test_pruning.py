"""Stored texts of calendars go when nobody gets them any more; those in use stay, and erased words go at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labbook import worker
from labbook.bookings import service
from labbook.db import db, transactional
from labbook.feeds.service import texts as made
from labbook.feeds.service.pruning import OUT_OF_FEEDS, prune
from labbook.models import Booking, BookingText, Partner, Request, SeriesText
from tests.bookings.test_series_asked import ask, series
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock
from tests.feeds.reading import entries, feed, fetched


@pytest.fixture
def stored(app: Flask, lab: Cast) -> str:
    """Two bookings of Hana's and a series, in her feed and in another manner; the path of her feed."""
    hana = Visitor(app, "hana")
    for clock in ("10", "14"):
        hana.book("tsukuba-plain", f"2026-11-24T{clock}:00", f"2026-11-24T{clock}:30", title=f"At {clock}")
    ask(lab, series(lab))
    path = feed(lab)
    for one in (path, feed(lab, language="ja")):
        fetched(Visitor(app), one)
    assert left() == (4, 2)
    return path


def left() -> tuple[int, int]:
    """How many texts of bookings and of series are stored."""
    db.session.remove()
    counts = (db.session.scalar(select(func.count()).select_from(one)) or 0 for one in (BookingText, SeriesText))
    found = tuple(counts)
    return found[0], found[1]


def texts() -> str:
    """All of them."""
    db.session.remove()
    return "".join([*db.session.scalars(select(BookingText.text)), *db.session.scalars(select(SeriesText.text))])


def pruned(app: Flask, **later: float) -> int:
    """How many go in one round."""
    return prune(app.config["BASE_URL"], now=NOW + timedelta(**later))


def test_what_is_in_use_stays(app: Flask, stored: str) -> None:
    assert pruned(app) == 0
    assert left() == (4, 2)


def test_a_stale_text_goes_whatever_it_was_made_of(app: Flask, lab: Cast, stored: str) -> None:
    """Of a booking that changed, and of all that somebody's former name stood in."""

    @transactional
    def rename() -> None:
        db.session.execute(update(Request).where(Request.title == "At 10").values(title="Other"))

    rename()
    assert pruned(app) == 2
    assert left() == (2, 2)
    assert "At 10" not in texts()

    @transactional
    def call_otherwise() -> None:
        db.session.execute(update(Partner).where(Partner.id == lab.partners["aoba"]).values(name=Partner.name))

    call_otherwise()
    assert pruned(app) == 4
    assert left() == (0, 0)
    assert len(entries(fetched(Visitor(app), stored))) == 3


@on_sqlite
def test_what_another_renderer_or_address_made_goes(app: Flask, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prune("https://elsewhere.example", now=NOW) == 6
    fetched(Visitor(app), stored)
    monkeypatch.setattr(made, "makers", lambda: "a later renderer")
    assert pruned(app) == 3


@on_sqlite
def test_what_ended_before_every_window_goes(app: Flask, stored: str) -> None:
    last = db.session.scalars(select(func.max(Booking.ends_at)).where(Booking.series_id.is_(None))).one()
    out = (last - NOW) + OUT_OF_FEEDS
    assert prune(app.config["BASE_URL"], now=NOW + out - timedelta(minutes=10)) == 2  # the booking at ten
    assert prune(app.config["BASE_URL"], now=NOW + out + timedelta(minutes=1)) == 2
    assert left() == (0, 2)
    assert pruned(app, days=3000) == 2


@on_sqlite
def test_a_text_that_told_a_cancelled_date_goes_when_that_is_no_news(app: Flask, lab: Cast, stored: str) -> None:
    booking = db.session.scalars(select(Booking).where(Booking.series_id.is_not(None)).order_by(Booking.id)).first()
    assert booking is not None
    service.cancel(lab.actor("hana"), booking.key, reason="", version=booking.request.version, now=NOW)
    fetched(Visitor(app), stored)
    assert pruned(app) == 1  # the Japanese one, which was not asked for since
    assert pruned(app, days=29) == 0
    assert pruned(app, days=32) == 1


@on_sqlite
def test_so_many_go_in_one_round_and_the_worker_does_it(app: Flask, stored: str, clock: Clock) -> None:
    assert prune("https://elsewhere.example", now=NOW, most=1) == 2
    assert left() == (3, 1)

    @transactional
    def rename() -> None:
        db.session.execute(update(Request).values(title="Other"))

    rename()
    worker.once(NOW, watches=False)
    assert left() == (3, 1)
    worker.once(NOW)
    assert left() == (0, 0)


@on_sqlite
def test_a_text_that_was_stored_too_late_is_never_read(app: Flask, stored: str) -> None:
    """Somebody read a booking, it changed, and then they stored what they had made of it."""

    @transactional
    def too_late() -> None:
        db.session.execute(update(BookingText).values(made_of=0, text="BEGIN:VEVENT\\r\\nEND:VEVENT\\r\\n"))

    too_late()
    assert {one["SUMMARY"][:5] for one in entries(fetched(Visitor(app), stored))} == {"At 10", "At 14", "Weekl"}
