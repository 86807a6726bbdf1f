"""Half days, days, weeks and months from the form to the calendar, at both sites: clocks, ends of months, leap days."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.feeds import Scope
from labbook.db import db, transactional
from labbook.models import Booking
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast, add_resource
from tests.feeds.reading import feed, only

BY_DAY = {"by_day": True, "before": "0 min", "after": "0 min", "horizon": "900 d"}
GRIDS = {
    "months": {"slot": "1 mo", "shortest": "1 mo", "longest": "12 mo", **BY_DAY},
    "weeks": {"slot": "1 wk", "shortest": "1 wk", "longest": "8 wk", **BY_DAY},
    "days": {"slot": "1 d", "shortest": "1 d", "longest": "60 d", **BY_DAY},
    "halves": {"slot": "1 half-day", "shortest": "1 half-day", "longest": "5 d", **BY_DAY, "by_day": False},
}


@pytest.fixture
def grids(app: Flask, lab: Cast) -> Cast:
    """The same four grids at both sites."""
    _furnish(lab)
    return lab


@transactional
def _furnish(lab: Cast) -> None:
    for site, number in lab.sites.items():
        for grid, terms in GRIDS.items():
            add_resource(number, f"{site}-{grid}", **terms)  # type: ignore[arg-type]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("slug", "first", "last", "stored", "shown"),
    [
        ("tsukuba-halves", "2026-12-01T00:00", "2026-12-01T00:00", "2026-11-30T15:00 2026-12-01T03:00", "00:00–12:00"),
        ("tsukuba-halves", "2026-12-01T12:00", "2026-12-01T12:00", "2026-12-01T03:00 2026-12-01T15:00", "12:00–24:00"),
        ("tsukuba-halves", "2026-12-01T12:00", "2026-12-03T00:00", "2026-12-01T03:00 2026-12-03T03:00", "12:00"),
        (
            "cambridge-halves",
            "2027-11-07T00:00",
            "2027-11-07T00:00",
            "2027-11-07T04:00 2027-11-07T17:00",
            "00:00",
        ),  # 13 h
        (
            "cambridge-halves",
            "2027-03-14T00:00",
            "2027-03-14T00:00",
            "2027-03-14T05:00 2027-03-14T16:00",
            "00:00",
        ),  # 11 h
        ("cambridge-days", "2027-11-07", "2027-11-07", "2027-11-07T04:00 2027-11-08T05:00", "Sun 7 Nov 2027"),  # 25 h
        ("cambridge-weeks", "2027-03-08", "2027-03-14", "2027-03-08T05:00 2027-03-15T04:00", "Mon 8 Mar 2027"),
        ("tsukuba-weeks", "2026-12-28", "2027-01-10", "2026-12-27T15:00 2027-01-10T15:00", "Sun 10 Jan 2027"),
        ("tsukuba-months", "2027-01-31", "2027-02-27", "2027-01-30T15:00 2027-02-27T15:00", "Sat 27 Feb 2027"),
        ("cambridge-months", "2028-01-31", "2028-02-28", "2028-01-31T05:00 2028-02-29T05:00", "Mon 28 Feb 2028"),
        ("cambridge-months", "2028-02-29", "2028-03-28", "2028-02-29T05:00 2028-03-29T04:00", "Tue 28 Mar 2028"),
        ("tsukuba-months", "2026-12-01", "2027-11-30", "2026-11-30T15:00 2027-11-30T15:00", "Tue 30 Nov 2027"),
    ],
)
@on_sqlite
def test_what_is_typed_is_what_is_stored_shown_and_sent_to_calendars(
    app: Flask, grids: Cast, slug: str, first: str, last: str, stored: str, shown: str
) -> None:
    alan = Visitor(app, "alan")
    sent = alan.book(slug, first, last)
    assert sent.status_code == 303, re.findall(r'class="finding.*?</li>', sent.text, re.S)
    one = db.session.scalars(select(Booking)).one()
    assert [one.starts_at, one.ends_at] == [utc(at) for at in stored.split()]
    assert shown in alan.get(sent.headers["Location"]).text
    if first > "2028":  # further ahead than feeds reach
        return
    entry = only(Visitor(app).get(feed(grids, "alan", Scope.MINE)))
    if one.by_day:  # whole days, the end not included (RFC 5545 section 3.6.1)
        assert entry["DTSTART"] == first.replace("-", "")
        assert entry["DTEND"] > last.replace("-", "")
        assert len(entry["DTEND"]) == 8
    else:
        assert "T" in entry["DTSTART"]


@pytest.mark.parametrize(
    ("slug", "first", "last", "said"),
    [
        ("tsukuba-halves", "2026-12-01T12:00", "2026-12-01T00:00", "The last half day must not come before the first."),
        ("tsukuba-halves", "2026-12-02T00:00", "2026-12-01T12:00", "The last day must not come before the first."),
        ("tsukuba-weeks", "2026-12-01", "2026-12-08", "Start and end must lie on a grid of 7 days."),
        ("tsukuba-months", "2027-01-31", "2027-02-28", "It is booked by whole months."),
        ("tsukuba-days", "2026-12-01", "2027-02-01", "The longest booking is 60 days."),
    ],
)
@on_sqlite
def test_what_does_not_fit_is_said(app: Flask, grids: Cast, slug: str, first: str, last: str, said: str) -> None:
    refused = Visitor(app, "alan").book(slug, first, last)
    assert refused.status_code in (409, 422)
    assert said in refused.text
    assert not db.session.scalars(select(Booking)).all()


@on_sqlite
def test_half_days_are_asked_for_as_mornings_and_afternoons(app: Flask, grids: Cast) -> None:
    alan = Visitor(app, "alan")
    page = alan.get("/resources/tsukuba-halves/book?from=2026-12-01T13:30&to=2026-12-02T12:00")
    assert page.text.count("<label for") and page.text.count("Morning, until 12:00") == 2
    fields = form_of(page, "/tsukuba-halves/book").fields
    assert [fields[name] for name in ("start_on", "start_at", "end_on", "end_at")] == [
        *("2026-12-01", "12:00"),
        *("2026-12-02", "00:00"),
    ]
    assert "午前（12:00まで）" in Visitor(app, "hana").get("/resources/tsukuba-halves/book").text
    assert "Morning" not in alan.get("/resources/tsukuba-plain/book").text


@on_sqlite
def test_a_half_day_is_moved_by_the_same_fields(app: Flask, grids: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-halves", "2026-12-01T00:00", "2026-12-01T00:00")
    key = db.session.scalars(select(Booking.key)).one()
    page = alan.get(f"/bookings/{key}/move")
    assert form_of(page, "/move").fields["end_at"] == "00:00"
    assert alan.submit(page, "/move", start_at="12:00", end_at="12:00").status_code == 303
    db.session.remove()
    one = db.session.scalars(select(Booking)).one()
    assert (one.starts_at, one.ends_at) == (utc("2026-12-01T03:00"), utc("2026-12-01T15:00"))


@on_sqlite
def test_weeks_are_typed_as_a_length(app: Flask, grids: Cast) -> None:
    """Staff who set the terms of a resource may write weeks, in both languages."""
    mio, path = Visitor(app, "mio"), "/resources/tsukuba-weeks/terms"
    for typed in ("2 weeks", "2週間", "2 wk"):
        page = mio.get(path)
        assert mio.submit(page, path, slot=typed, shortest=typed, longest="8 wk").status_code == 303, typed
        assert "14 d" in mio.get(path).text
