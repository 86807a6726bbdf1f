"""The pages of a series, over HTTP: what must show of it, and what strangers, rivals and second clicks get."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from labbook.core.calendar import Span
from labbook.core.feeds import Detail, Scope, Takes
from labbook.core.limits.allowance import Allowance
from labbook.db import db
from labbook.models import Booking, Series, SkippedDate
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast
from tests.conftest import Clock
from tests.feeds.reading import feed
from tests.ruling import add_rules

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
    each = feed(lab, "alan", Scope.MINE, Detail.FULL, takes=Takes(expands=True))
    calendar: Any = Calendar.from_ical(visitor.get(each).data)
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


@pytest.fixture
def weekly(app: Flask, lab: Cast) -> str:
    """The address of alan's series of four Tuesdays on the plate reader; the second is skipped."""
    ben, alan = Visitor(app, "ben"), Visitor(app, "alan")
    ben.book("tsukuba-plain", "2026-12-01T10:00", "2026-12-01T11:00")
    return series_of(alan, asked_for(alan, "tsukuba-plain", "2026-11-24", 4))


DATES = ["2026-11-24T10:00", "2026-12-08T10:00", "2026-12-15T10:00"]


def test_a_skipped_date_is_tried_again_once_it_is_free(app: Flask, lab: Cast, weekly: str) -> None:
    alan = Visitor(app, "alan")
    still = alan.submit(alan.get(weekly), "/retry")
    assert still.status_code == 303
    assert "still not possible" in alan.get(weekly).text
    rival = db.session.scalars(select(Booking).where(Booking.series_id.is_(None))).one()
    ben = Visitor(app, "ben")
    assert ben.post(f"/bookings/{rival.key}/cancel", version=rival.version).status_code == 303
    page = alan.get(weekly)
    assert alan.submit(page, "/retry").status_code == 303
    assert alan.submit(page, "/retry").status_code == 303  # clicked twice
    assert walls(weekly)["2026-12-01T10:00"] == ("2026-12-01T10:00", "approved")
    assert "Skipped dates" not in alan.get(weekly).text


@on_sqlite
def test_ticked_dates_are_cancelled_and_a_second_click_does_nothing(app: Flask, lab: Cast, weekly: str) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(f"{weekly}/end?since={DATES[1]}")
    assert page.text.count('type="checkbox"') == 2
    assert alan.submit(page, "/end", dates=DATES[2]).status_code == 303
    assert [state for _, state in walls(weekly).values()] == ["approved", "approved", "cancelled"]
    assert alan.submit(page, "/end", dates=DATES[2]).status_code == 303
    stale = alan.submit(page, "/end", dates=DATES[1])
    assert (stale.status_code, walls(weekly)[DATES[1]][1]) == (409, "approved")
    fields = {**form_of(page, "/end").fields}
    fields.pop("dates")
    nothing = alan.open(f"{weekly}/end", method="POST", data=fields)
    assert (nothing.status_code, "Tick at least one date" in nothing.text) == (422, True)


@on_sqlite
def test_all_dates_that_are_to_come_change_without_a_new_series(app: Flask, lab: Cast, weekly: str) -> None:
    alan = Visitor(app, "alan")
    preview = looked_at(alan, weekly, "", "2026-11-25T14:00", "2026-11-25T15:30")
    assert "3 dates go along" in preview.text
    answer = saved(alan, preview)
    assert (answer.status_code, answer.headers["Location"]) == (303, weekly)
    assert sorted(walls(weekly)) == ["2026-11-25T14:00", "2026-12-09T14:00", "2026-12-16T14:00"]
    assert "Every week on Wednesday, 4 times" in alan.get(weekly).text
    assert saved(alan, preview).status_code == 303  # clicked twice
    assert len(list(db.session.scalars(select(Series)))) == 1


@on_sqlite
def test_a_date_that_cannot_go_along_stays_where_it_is(app: Flask, lab: Cast, weekly: str) -> None:
    Visitor(app, "ben").book("tsukuba-plain", "2026-12-08T12:00", "2026-12-08T13:00")
    alan = Visitor(app, "alan")
    preview = looked_at(alan, weekly, DATES[0], "2026-11-24T12:00", "2026-11-24T13:00")
    assert "2 dates go along, 1 stays where it is" in preview.text
    assert "Someone else holds this time" in preview.text
    assert saved(alan, preview).status_code == 303
    assert [start for start, _ in walls(weekly).values()] == [
        "2026-11-24T12:00",
        "2026-12-08T10:00",
        "2026-12-15T12:00",
    ]


@on_sqlite
def test_what_has_changed_since_it_was_shown_is_shown_again(app: Flask, lab: Cast, weekly: str) -> None:
    alan = Visitor(app, "alan")
    preview = looked_at(alan, weekly, DATES[0], "2026-11-24T12:00", "2026-11-24T13:00")
    Visitor(app, "ben").book("tsukuba-plain", "2026-12-08T12:00", "2026-12-08T13:00")
    answer = saved(alan, preview)
    assert (answer.status_code, "1 stays where it is" in answer.text) == (409, True)
    assert {start[11:] for start, _ in walls(weekly).values()} == {"10:00"}
    assert saved(alan, answer).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-24T12:00", "2026-11-24T11:00", "The end must come after the start."),
        ("2026-11-24T12:00", "2026-12-24T13:00", "It would overlap itself"),
        ("2046-11-24T12:00", "2046-11-24T13:00", "further than 10 years"),
        ("2026-11-24Tnoon", "2026-11-24T13:00", "Give a time"),
    ],
)
def test_a_wrong_time_is_said_with_what_was_typed(
    app: Flask, lab: Cast, weekly: str, start: str, end: str, words: str
) -> None:
    alan = Visitor(app, "alan")
    answer = looked_at(alan, weekly, DATES[0], start, end)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert end[:10] in answer.text
    assert {place[11:] for place, _ in walls(weekly).values()} == {"10:00"}


@on_sqlite
@pytest.mark.parametrize(
    ("who", "code"), [("ben", 404), ("dora", 404), ("chika", 404), ("sam", 404), ("hana", 403), ("audrey", 403)]
)
def test_strangers_find_no_series_and_colleagues_cannot_change_it(
    app: Flask, lab: Cast, weekly: str, who: str, code: int
) -> None:
    visitor = Visitor(app, who)
    assert visitor.get(weekly).status_code == (404 if code == 404 else 200)
    for path in ("change", "end"):
        assert visitor.get(f"{weekly}/{path}").status_code == code
    fields = {"version": "1", "dates": DATES[0], "since": "", "seen": "x"}
    when = {"start_on": "2026-11-24", "start_at": "12:00", "end_on": "2026-11-24", "end_at": "13:00"}
    for path in ("change", "end", "retry"):
        assert visitor.post(f"{weekly}/{path}", **{**fields, **when, "dates": "2026-12-01T10:00"}).status_code == code
    assert {place[11:] for place, _ in walls(weekly).values()} == {"10:00"}


@on_sqlite
def test_other_verbs_keys_and_dates_are_refused(app: Flask, lab: Cast, weekly: str) -> None:
    alan = Visitor(app, "alan")
    assert alan.open(weekly, method="DELETE").status_code == 405
    assert alan.get(f"{weekly}/retry").status_code == 405
    assert alan.get("/series/nothing").status_code == 404
    assert alan.get(f"{weekly}/change?since=2026-11-25T10:00").status_code == 404
    assert alan.get(f"{weekly}/end?since=yesterday").status_code == 404
    assert alan.post(f"{weekly}/retry", version="1", dates="2027-01-01T10:00").status_code == 404
    assert alan.open(f"{weekly}/end", method="POST", data={"version": "1"}).status_code == 400
    assert Visitor(app).get(weekly).status_code == 303


@on_sqlite
def test_staff_decide_on_ticked_dates(app: Flask, lab: Cast) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    request_page = asked_for(alan, "tsukuba-asked", "2026-11-24", 4)
    page = sora.get(request_page)
    keys = re.findall(r'name="only" value="(\w+)"', page.text)
    assert len(keys) == 8  # in both forms
    assert sora.submit(page, "/approve", only=keys[0]).status_code == 303
    page = sora.get(request_page)
    assert sora.submit(page, "/decline", only=keys[1], reason="Service day").status_code == 303
    states = [state for _, state in sorted(walls(series_of(sora, request_page)).values())]
    assert states == ["approved", "declined", "waiting", "waiting"]


@on_sqlite
def test_the_pages_are_in_japanese(app: Flask, lab: Cast, weekly: str) -> None:
    hana = Visitor(app, "hana")
    page = hana.get(weekly).text
    for words in ("毎週火曜日", "見送りの日", "繰り返しの日"):
        assert words in page


@on_sqlite
def test_a_set_goes_along_as_a_whole(app: Flask, lab: Cast) -> None:
    alan, two = Visitor(app, "alan"), {"units": "2"}
    answer = alan.book("tsukuba-hood", "2026-11-24T10:00", "2026-11-24T11:00", every="week", count="3", **two)
    links = sorted(set(re.findall(r'href="(/series/\w+)"', alan.get(answer.headers["Location"]).text)))
    assert len(links) == 1
    preview = looked_at(alan, links[0], DATES[1].replace("12-08", "12-01"), "2026-12-01T12:00", "2026-12-01T13:00")
    assert saved(alan, preview).status_code == 303
    stand = sorted((one.wall_start, one.unit_id) for one in db.session.scalars(select(Booking)))
    assert [start for start, _ in stand] == [
        *["2026-11-24T10:00"] * 2,
        *["2026-12-01T12:00"] * 2,
        *["2026-12-08T12:00"] * 2,
    ]
    assert len(set(stand)) == 6
    assert [bool(one.continues_id) for one in db.session.scalars(select(Series).order_by(Series.id))] == [
        *[False] * 2,
        *[True] * 2,
    ]


@on_sqlite
def test_an_ally_reads_no_numbers_of_the_partner(app: Flask, lab: Cast) -> None:
    """Two hours a week: of a daily series the other dates of the week are skipped, and why is the partner's own."""
    add_rules(lab, Allowance(most=120, span=Span.WEEK))
    alan, chika = Visitor(app, "alan"), Visitor(app, "chika")
    project = re.search(r'<option value="([\w-]+)">Aurora', alan.get("/resources/tsukuba-plain/book").text)
    assert project is not None
    answer = alan.book(
        "tsukuba-plain", "2026-11-30T10:00", "2026-11-30T11:00", every="day", count="4", project=project.group(1)
    )
    series = series_of(alan, answer.headers["Location"])
    assert "House rules" not in chika.get(series).text
    own, ally = alan.get(series).text, chika.get(series).text
    assert "of 2 h" in own, own
    assert "of 2 h" not in ally
    assert ally.count("規則により予約できません。") == 2
