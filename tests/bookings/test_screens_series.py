"""The pages of a series, over HTTP: what must show of it, and what strangers, rivals and second clicks get."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.feeds import Detail, Scope
from labbook.db import db
from labbook.models import Booking, Series, SkippedDate
from tests.browsing import Visitor
from tests.cast import Cast
from tests.conftest import Clock
from tests.feeds.reading import feed

BOSTON = ZoneInfo("America/New_York")
TUESDAYS = [f"{datetime(2027, 2, 2) + timedelta(weeks=week):%Y-%m-%d}" for week in range(20)]  # noqa: DTZ001 - dates
CLASHES = [TUESDAYS[2], TUESDAYS[6], TUESDAYS[13]]
SCOPE = "cambridge-scope"


def asked_for(visitor: Visitor, slug: str = SCOPE, first: str = TUESDAYS[0], count: int = 20) -> str:
    """Ask for every Tuesday from 10 to 11; returns the address of the request's page."""
    answer = visitor.book(slug, f"{first}T10:00", f"{first}T11:00", every="week", count=str(count))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def series_of(visitor: Visitor, request_page: str) -> str:
    """The address of the series to which the request's page leads."""
    [link] = set(re.findall(r'href="(/series/[^"/?]+)"', visitor.get(request_page).text))
    return str(link)


def walls(series: str) -> dict[str, tuple[str, str]]:
    """Where each date of a series stands and in which state, by its name."""
    db.session.remove()
    rows = db.session.scalars(select(Booking).join(Series).where(Series.key == series.rsplit("/", 1)[1]))
    return {one.recurrence_on or "": (one.wall_start, str(one.state)) for one in rows}


def looked_at(visitor: Visitor, series: str, since: str, start: str, end: str) -> TestResponse:
    """What becomes of each date, before anything is changed."""
    page = visitor.get(f"{series}/change?since={since}")
    fields = {"start_on": start[:10], "start_at": start[11:], "end_on": end[:10], "end_at": end[11:]}
    return visitor.submit(page, "/change", **fields)


def saved(visitor: Visitor, preview: TestResponse) -> TestResponse:
    """Change the dates as the preview shows."""
    found = re.search(r'name="seen" value="(\w+)"', preview.text)
    assert found is not None, preview.text
    return visitor.submit(preview, "/change", seen=found.group(1))


def in_feed(visitor: Visitor, lab: Cast) -> set[tuple[str, str]]:
    """Start and status of every entry of Alan's own feed, by the clock in Cambridge."""
    calendar: Any = Calendar.from_ical(visitor.get(feed(lab, "alan", Scope.MINE, Detail.FULL)).data)
    return {
        (one["DTSTART"].dt.astimezone(BOSTON).strftime("%Y-%m-%dT%H:%M"), str(one.get("STATUS")))
        for one in calendar.walk("VEVENT")
    }


def test_a_weekly_series_over_a_change_of_clocks(app: Flask, lab: Cast, clock: Clock) -> None:
    """Twenty Tuesdays, three of them taken, one moved, one cancelled; then this and the following an hour later."""
    ben, alan = Visitor(app, "ben"), Visitor(app, "alan")
    for day in CLASHES:
        assert ben.book(SCOPE, f"{day}T10:30", f"{day}T11:00").status_code == 303
    request_page = asked_for(alan)
    series = series_of(alan, request_page)
    assert walls(series) == {f"{day}T10:00": (f"{day}T10:00", "approved") for day in TUESDAYS if day not in CLASHES}
    page = alan.get(series).text
    assert page.count("Someone else holds this time") == 3

    clock.now = datetime(2027, 3, 3, 12, tzinfo=BOSTON)  # five dates are past
    alan = Visitor(app, "alan")
    moved, cancelled = TUESDAYS[8], TUESDAYS[10]
    keys = {
        one.recurrence_on: one.key for one in db.session.scalars(select(Booking).where(Booking.series_id.is_not(None)))
    }
    form = alan.get(f"/bookings/{keys[f'{moved}T10:00']}/move")
    assert alan.submit(form, "/move", start_at="14:00", end_at="15:00").status_code == 303
    listed = alan.get(request_page)
    assert alan.submit(listed, f"/bookings/{keys[f'{cancelled}T10:00']}/cancel").status_code == 303

    since = TUESDAYS[7]
    preview = looked_at(alan, series, f"{since}T10:00", f"{since}T11:00", f"{since}T12:00")
    assert preview.status_code == 200
    before = walls(series)
    answer = saved(alan, preview)
    assert answer.status_code == 303, answer.text

    new = answer.headers["Location"]
    untouched = {name: stands for name, stands in before.items() if name < since}
    assert walls(series) == untouched
    later = {f"{day}T11:00": (f"{day}T11:00", "approved") for day in TUESDAYS[7:] if day not in CLASHES}
    later[f"{moved}T11:00"] = (f"{moved}T14:00", "approved")
    later[f"{cancelled}T11:00"] = (f"{cancelled}T10:00", "cancelled")
    assert walls(new) == later
    skipped = sorted(one.recurrence_on for one in db.session.scalars(select(SkippedDate)))
    assert skipped == [f"{CLASHES[0]}T10:00", f"{CLASHES[1]}T10:00", f"{CLASHES[2]}T11:00"]
    starts = in_feed(alan, lab)
    ahead = {(start, "CANCELLED" if state == "cancelled" else "CONFIRMED") for start, state in later.values()}
    assert ahead <= starts
    assert not any(start[11:] == "10:00" and start > since and status == "CONFIRMED" for start, status in starts)
