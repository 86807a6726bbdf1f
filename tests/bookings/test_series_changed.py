"""A series after it was asked for: one date, this and the following, all; what was changed singly stays so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.bookings.service.retrying import retry
from labbook.bookings.service.series import Wanted, change_series, look_at_series
from labbook.bookings.service.series_ends import end_dates, look_at_ends, seen_of
from labbook.core.interval import Interval
from labbook.core.recurrence import Every, Repeat, read
from labbook.db import db
from labbook.models import Booking, Event, Hold, Notice, Request, Series, SkippedDate
from tests.bookings.test_series_asked import ask, bookings, rival, series
from tests.cast import NOW, Cast

BOSTON = ZoneInfo("America/New_York")
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
CLASHES = (date(2027, 2, 16), date(2027, 3, 16), date(2027, 5, 4))


def the_series(request_key: str) -> Series:
    """The one series of a request."""
    return db.session.scalars(select(Series).join(Request).where(Request.key == request_key)).one()


def version_of(request_key: str) -> int:
    return db.session.scalars(select(Request.version).where(Request.key == request_key)).one()


def shift(
    lab: Cast, request_key: str, key: str, since: str, start: str, end: str, who: str = "hana", now: datetime = NOW
) -> str:
    """Change this and the following as the preview shows it."""
    wanted = Wanted(since, datetime.fromisoformat(start), datetime.fromisoformat(end))
    plan = look_at_series(lab.actor(who, now), key, wanted, now=now)
    return change_series(lab.actor(who, now), key, wanted, version=version_of(request_key), seen=plan.seen, now=now)


def test_this_and_following_go_an_hour_later_and_what_was_changed_singly_stays(app: Flask, lab: Cast) -> None:
    rival(lab, *CLASHES)
    request_key = ask(lab, series(lab))
    made = bookings(request_key)
    assert len(made) == 17
    moved, cancelled, key = made[6], made[8], the_series(request_key).key
    hana = lab.actor("hana")
    service.move(hana, moved.key, _at(moved, 3), unit="", version=moved.version, now=NOW)
    cancelled = bookings(request_key)[8]
    service.cancel(hana, cancelled.key, reason="", version=cancelled.version, now=NOW)
    moved_name, cancelled_name = moved.recurrence_on or "", cancelled.recurrence_on or ""
    since = bookings(request_key)[5].recurrence_on or ""
    past = [(one.id, one.starts_at, one.recurrence_on, one.version) for one in bookings(request_key)[:5]]

    new = shift(lab, request_key, key, since, since.replace("T10", "T11"), since.replace("T10", "T12"))

    rows = list(db.session.scalars(select(Series).order_by(Series.id)))
    assert [one.key for one in rows] == [key, new]
    assert rows[1].continues_id == rows[0].id
    after = bookings(request_key)
    assert [(one.id, one.starts_at, one.recurrence_on, one.version) for one in after[:5]] == past
    assert {one.series_id for one in after[:5]} == {rows[0].id}
    by_name = {one.recurrence_on: one for one in after if one.series_id == rows[1].id}
    assert by_name[moved_name.replace("T10", "T11")].wall_start == moved_name.replace("T10", "T13")
    assert by_name[cancelled_name.replace("T10", "T11")].state == "cancelled"
    others = [one for name, one in by_name.items() if str(name)[:10] not in (moved_name[:10], cancelled_name[:10])]
    assert {one.wall_start[11:] for one in others} == {"11:00"}
    assert {one.starts_at.astimezone(BOSTON).strftime("%a %H:%M") for one in others} == {"Tue 11:00"}
    skipped = {one.series_id: one.recurrence_on for one in db.session.scalars(select(SkippedDate))}
    assert db.session.scalar(select(func.count()).select_from(SkippedDate)) == 3
    assert str(skipped[rows[1].id]).endswith("T11:00")
    old, continued = read(rows[0].rule), read(rows[1].rule)
    first = datetime.fromisoformat(rows[0].wall_start)
    assert len(old.dates(first, 99)) + len(continued.dates(datetime.fromisoformat(rows[1].wall_start), 99)) == 20


def _at(booking: Booking, hours: int) -> Interval:
    return Interval(booking.starts_at + hours * HOUR, booking.ends_at + hours * HOUR)


def test_what_was_skipped_can_be_tried_again(app: Flask, lab: Cast) -> None:
    rival(lab, *CLASHES)
    request_key = ask(lab, series(lab))
    theirs = db.session.scalars(select(Booking).where(Booking.person_id == lab.people["ben"])).all()[0]
    service.cancel(lab.actor("ben"), theirs.key, reason="", version=theirs.version, now=NOW)
    key, names = the_series(request_key).key, [f"{on}T10:00" for on in CLASHES]
    made, refused = retry(lab.actor("hana"), key, names, version=version_of(request_key), now=NOW)
    assert (made, refused) == (1, 2)
    back = bookings(request_key)
    assert (len(back), back[2].recurrence_on, back[2].state) == (18, "2027-02-16T10:00", "approved")
    assert db.session.scalar(select(func.count()).select_from(SkippedDate)) == 2
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 18 + 2


def test_some_dates_are_cancelled_and_the_rest_goes_on(app: Flask, lab: Cast) -> None:
    request_key = ask(lab, series(lab))
    key = the_series(request_key).key
    hana, names = lab.actor("hana"), [one.recurrence_on or "" for one in bookings(request_key)]
    shown = look_at_ends(hana, key, names[10], now=NOW)
    assert [one.day.names[0] for one in shown] == names[10:]
    ended = end_dates(
        hana, key, names[10], names[11:], reason="", version=version_of(request_key), seen=seen_of(shown), now=NOW
    )
    assert ended == 9
    assert [one.state for one in bookings(request_key)] == ["approved"] * 11 + ["cancelled"] * 9
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 11
    letters = select(Notice.person_id).where(
        Notice.event_id.in_(select(Event.id).where(Event.code == "booking-cancel"))
    )
    assert list(db.session.scalars(letters)) == []  # nobody hears of what they did themselves


def test_staff_approve_some_dates_and_decline_others(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    wanted = Ask("tsukuba-asked", start, start + HOUR, lab.partners["aoba"], "Runs", repeat=Repeat(Every.WEEK, count=4))
    request_key = ask(lab, wanted)
    made, sora = bookings(request_key), lab.actor("sora")
    assert [one.state for one in made] == ["waiting"] * 4
    service.approve(sora, request_key, version=1, now=NOW, only=[made[0].key, made[2].key])
    service.decline(sora, request_key, reason="Service day", version=2, now=NOW, only=[made[1].key])
    after = bookings(request_key)
    assert [one.state for one in after] == ["approved", "declined", "approved", "waiting"]
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 3
    with pytest.raises(service.StaleError):
        service.approve(sora, request_key, version=3, now=NOW, only=[after[0].key])
