"""Renewing a residency: from its request's page, as long again, judged like any request, and told in both histories."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from labbook.bookings import service
from labbook.bookings.service import tick
from labbook.core.terms import Asks
from labbook.db import db, transactional
from labbook.models import Booking, Event, Request, Resource
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast, add_resource
from tests.statements import counted

SUITE, SHELF = "tsukuba-suite", "tsukuba-shelf"
DAY = timedelta(days=1)


@pytest.fixture
def rooms(app: Flask, lab: Cast) -> Cast:
    """A suite by the month, with a day of clean-down that one person's bookings share, and a shelf by the day."""
    _furnish(lab)
    return lab


@transactional
def _furnish(lab: Cast) -> None:
    tsukuba, day = lab.sites["tsukuba"], {"by_day": True, "before": "0 min", "horizon": "365 d"}
    suite = add_resource(tsukuba, SUITE, pieces=2, slot="1 mo", shortest="1 mo", longest="12 mo", after="1 d", **day)  # type: ignore[arg-type]
    suite.shares_buffers = True
    add_resource(tsukuba, SHELF, slot="1 d", shortest="1 d", longest="60 d", after="0 min", **day)  # type: ignore[arg-type]


@transactional
def change(slug: str, **values: object) -> None:
    db.session.execute(update(Resource).where(Resource.slug == slug).values(**values))


def stay(visitor: Visitor, slug: str = SUITE, first: str = "2026-12-01", last: str = "2026-12-31") -> str:
    """A booking; returns the address of its request."""
    sent = visitor.book(slug, first, last, title="Organoids", purpose="The long run")
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


def renew_url(page: TestResponse) -> str:
    """Where the page's Renew leads; nothing where it has none."""
    found = re.search(r'href="(/bookings/[\w-]+/renew)"', page.text)
    return found.group(1) if found else ""


def days() -> list[tuple[str, str, str]]:
    """First day, last day and state of all bookings, in order."""
    db.session.remove()
    found = db.session.scalars(select(Booking).order_by(Booking.starts_at)).all()
    return [(one.wall_start[:10], _last(one.ends_at), str(one.state)) for one in found]


def _last(end: datetime) -> str:
    return (end + timedelta(hours=9) - timedelta(seconds=1)).date().isoformat()


def test_it_is_asked_for_as_long_again_on_the_same_unit_and_told_in_both_histories(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    first = stay(alan)
    url = renew_url(alan.get(first))
    page = alan.get(url)
    assert "It begins on Fri 1 Jan 2027." in page.text
    fields = form_of(page, "/renew").fields
    assert (fields["end_on"], fields["title"], fields["purpose"]) == ("2027-01-31", "Organoids", "The long run")
    sent = alan.submit(page, "/renew")
    assert sent.status_code == 303
    assert days() == [("2026-12-01", "2026-12-31", "approved"), ("2027-01-01", "2027-01-31", "approved")]
    assert len(set(db.session.scalars(select(Booking.unit_id)))) == 1
    earlier, later = alan.get(first).text, alan.get(sent.headers["Location"]).text
    assert "Renewed by the request that follows it" in earlier
    assert f'<a href="{sent.headers["Location"]}">Fri 1 Jan 2027 – Sun 31 Jan 2027</a>' in earlier
    assert "Renews the one before it" in later
    assert f'<a href="{first}">Tue 1 Dec 2026 – Thu 31 Dec 2026</a>' in later
    assert renew_url(alan.get(first)) == ""


@on_sqlite
def test_another_length_may_be_asked_for(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    url = renew_url(alan.get(stay(alan)))
    assert alan.submit(alan.get(url), "/renew", end_on="2027-03-31").status_code == 303
    assert days()[1] == ("2027-01-01", "2027-03-31", "approved")


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"end_on": "2027-01-15"}, 409, "It is booked by whole months."),
        ({"end_on": "2026-12-31"}, 422, "The last day must not come before the first."),
        ({"end_on": "soon"}, 422, "Give a date, as in 2026-11-23."),
        ({"end_on": ""}, 422, "Give a date"),
        ({"title": ""}, 422, "Give it a short title"),
        ({"end_on": "2029-12-31"}, 409, "The longest booking is 12 months."),
        ({"end_on": "9999-12-31"}, 422, "Choose a date between the years 2000 and 2100."),
        ({"idempotency_key": ""}, 422, ""),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(
    app: Flask, rooms: Cast, changes: dict[str, str], status: int, said: str
) -> None:
    alan = Visitor(app, "alan")
    url = renew_url(alan.get(stay(alan)))
    answer = alan.submit(alan.get(url), "/renew", **changes)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text[:2000]
    assert len(days()) == 1
    assert not db.session.scalars(select(Event).where(Event.code.like("booking-renew%"))).all()


@on_sqlite
def test_its_start_and_unit_are_no_matter_of_what_is_sent(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    url = renew_url(alan.get(stay(alan)))
    sent = alan.submit(alan.get(url), "/renew", start_on="2026-12-25", unit="x", partner="y")
    assert sent.status_code == 303
    assert days()[1][0] == "2027-01-01"


@on_sqlite
def test_sent_twice_it_is_one_request_and_a_second_one_is_refused(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    url = renew_url(alan.get(stay(alan)))
    page, other = alan.get(url), alan.get(url)
    first, again = alan.submit(page, "/renew"), alan.submit(page, "/renew")
    assert first.headers["Location"] == again.headers["Location"]
    assert len(days()) == 2
    assert len(db.session.scalars(select(Event).where(Event.code.like("booking-renew%"))).all()) == 2
    second = alan.submit(other, "/renew")
    assert second.status_code == 409
    assert "It is renewed already." in second.text
    reused = alan.submit(page, "/renew", title="Something else")
    assert (reused.status_code, len(days())) == (303, 2)


@on_sqlite
def test_a_renewal_that_came_to_nothing_may_be_asked_for_again(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    first = stay(alan)
    url = renew_url(alan.get(first))
    sent = alan.submit(alan.get(url), "/renew")
    assert alan.submit(alan.get(sent.headers["Location"]), "/cancel").status_code == 303
    assert renew_url(alan.get(first)) == url
    assert alan.submit(alan.get(url), "/renew").status_code == 303


@on_sqlite
def test_staff_decide_where_they_decide_on_every_booking(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    first = stay(alan)
    change(SUITE, asks=Asks.ALWAYS)
    assert alan.submit(alan.get(renew_url(alan.get(first))), "/renew").status_code == 303
    assert [state for _, _, state in days()] == ["approved", "waiting"]
    assert renew_url(alan.get(first)) == ""  # it waits, and keeps its time


@on_sqlite
def test_it_says_before_when_the_unit_is_taken_afterwards_and_tells_nothing_of_by_whom(app: Flask, rooms: Cast) -> None:
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    mine = stay(alan, SHELF, "2026-12-01", "2026-12-10")
    assert "is taken" not in alan.get(mine).text
    theirs = stay(ben, SHELF, "2026-12-15", "2026-12-20")
    page = alan.get(mine)
    assert "This unit is taken from Tue 15 Dec 2026 on; until then it is free." in page.text
    refused = alan.submit(alan.get(renew_url(page)), "/renew")
    assert refused.status_code == 409
    assert "Someone else holds this time" in refused.text
    assert alan.submit(alan.get(renew_url(page)), "/renew", end_on="2026-12-14").status_code == 303
    page = ben.get(theirs)
    stay(Visitor(app, "chika"), SHELF, "2026-12-21", "2026-12-22")
    after = ben.get(theirs).text
    assert "This unit is taken right after it." in after
    assert not any(told in page.text + after for told in ("Organoids</h1> ", "Cedar", "Abbott", "Aoba"))


@on_sqlite
def test_only_in_its_last_sixty_days_and_only_what_is_booked_by_the_calendar(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    long = stay(alan, SUITE, "2026-12-01", "2027-02-28")
    assert renew_url(alan.get(long)) == ""
    key = db.session.scalars(select(Booking.key)).one()
    early = alan.get(f"/bookings/{key}/renew")
    assert early.status_code == 409
    assert "It can be renewed in the last 60 days before its end, and until then." in early.text
    app.config["CLOCK"] = lambda: datetime(2026, 12, 30, 16, tzinfo=UTC)  # 60 days before the end, in Tsukuba
    try:
        assert renew_url(Visitor(app, "alan").get(long))
        app.config["CLOCK"] = lambda: datetime(2027, 2, 28, 15, tzinfo=UTC)
        tick(now=datetime(2027, 2, 28, 15, tzinfo=UTC))
        later = Visitor(app, "alan")
        assert renew_url(later.get(long)) == ""
        assert later.get(f"/bookings/{key}/renew").status_code == 409
    finally:
        app.config["CLOCK"] = lambda: NOW
    plain = alan.book("tsukuba-plain", "2026-11-24T12:00", "2026-11-24T13:00").headers["Location"]
    assert renew_url(alan.get(plain)) == ""


@on_sqlite
def test_what_is_kept_free_between_two_people_comes_first(app: Flask, rooms: Cast) -> None:
    """A colleague's renewal begins after the clean-down, which only one person's bookings share; that is said."""
    first = stay(Visitor(app, "alan"))
    cora = Visitor(app, "cora")
    page = cora.get(renew_url(cora.get(first)))
    assert "It begins on Sat 2 Jan 2027. Before that, set-up and clean-down time is kept free." in page.text
    assert cora.submit(page, "/renew").status_code == 303
    assert days()[1] == ("2027-01-02", "2027-02-01", "approved")


@on_sqlite
@pytest.mark.parametrize(("who", "status"), [("ben", 404), ("dora", 404), ("sora", 403), ("ada", 403), ("chika", 404)])
def test_it_is_the_partners_own_business(app: Flask, rooms: Cast, who: str, status: int) -> None:
    """Rivals find nothing; staff and the lab see the booking, but ask for nothing in a partner's name."""
    first = stay(Visitor(app, "alan"))
    key = db.session.scalars(select(Booking.key)).one()
    visitor = Visitor(app, who)
    for answer in (
        visitor.get(f"/bookings/{key}/renew"),
        visitor.post(f"/bookings/{key}/renew", end_on="2027-01-31", title="Mine", idempotency_key="abcdefgh1"),
        visitor.post(f"/bookings/{key}/renew/findings", end_on="2027-01-31"),
    ):
        assert answer.status_code == status
    assert len(days()) == 1
    assert renew_url(visitor.get(first)) == ""


@on_sqlite
def test_what_the_rules_say_is_said_as_one_types(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    url = renew_url(alan.get(stay(alan)))
    fields = {**form_of(alan.get(url), "/renew").fields, "end_on": "2027-01-15"}
    assert "It is booked by whole months." in alan.open(f"{url}/findings", method="POST", data=fields).text
    assert "午前" not in Visitor(app, "hana").get(url).text


@on_sqlite
def test_half_days_are_renewed_too(app: Flask, rooms: Cast) -> None:
    _hot(rooms)
    alan = Visitor(app, "alan")
    first = alan.book("tsukuba-hot", "2026-12-01T00:00", "2026-12-01T00:00").headers["Location"]
    page = alan.get(renew_url(alan.get(first)))
    assert form_of(page, "/renew").fields["end_at"] == "12:00"
    assert alan.submit(page, "/renew").status_code == 303
    walls = [tuple(one) for one in db.session.execute(select(Booking.wall_start, Booking.wall_end))]
    assert ("2026-12-01T12:00", "2026-12-02T00:00") in walls


@transactional
def _hot(lab: Cast) -> None:
    add_resource(
        lab.sites["tsukuba"],
        "tsukuba-hot",
        slot="1 half-day",
        shortest="1 half-day",
        longest="5 d",
        before="0 min",
        after="0 min",
    )


@on_sqlite
def test_the_page_asks_no_more_however_many_bookings_the_lab_has(app: Flask, rooms: Cast) -> None:
    alan = Visitor(app, "alan")
    first = stay(alan, SHELF, "2026-12-01", "2026-12-10")
    look = partial(alan.get, first)
    look()
    with counted() as few:
        look()
    for number in range(8):
        start = datetime(2026, 12, 11) + number * 2 * DAY  # noqa: DTZ001 - days of the calendar
        stay(alan, SHELF, f"{start:%Y-%m-%d}", f"{start:%Y-%m-%d}")
    with counted() as many:
        look()
    assert len(few) == len(many)


def test_of_two_who_ask_at_once_for_the_time_after_it_one_gets_it(app: Flask, rooms: Cast) -> None:
    """The hold that came first is said as taken, not as an error; nothing is half-written."""
    alan = Visitor(app, "alan")
    stay(alan, SHELF, "2026-12-01", "2026-12-10")
    key = db.session.scalars(select(Booking.key)).one()
    stay(Visitor(app, "ben"), SHELF, "2026-12-11", "2026-12-12")
    end = datetime(2026, 12, 20, 15, tzinfo=UTC)
    with pytest.raises(service.RefusedError) as refused:
        service.renew(rooms.actor("alan"), key, end, title="A", purpose="", key="abcdefgh", now=NOW)
    assert refused.value.verdict.has("taken")
    assert len(db.session.scalars(select(Request)).all()) == 2
