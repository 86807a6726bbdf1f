"""A series after it was asked for: one date, this and the following, all; what was changed singly stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.bookings.service.fates import Fate
from labbook.bookings.service.retrying import retry
from labbook.bookings.service.series import Wanted, change_series, look_at_series
from labbook.bookings.service.series_ends import end_dates, look_at_ends, seen_of
from labbook.core.interval import Interval
from labbook.core.lifecycle import NotPossibleError
from labbook.core.limits.deadline import Consequence, Deadline, Step
from labbook.core.recurrence import Every, Repeat, read
from labbook.db import db
from labbook.models import Booking, Event, Hold, Notice, Request, Series, SkippedDate, Unit
from tests.bookings.test_series_asked import FIRST, SCOPE, ask, bookings, rival, series
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast
from tests.ruling import add_rules

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
        Notice.event_id.in_(select(Event.id).where(Event.code == "booking-cancel")), Notice.channel == "mail"
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


@on_sqlite
def test_all_that_is_to_come_goes_along_and_the_past_stays_in_the_series(app: Flask, lab: Cast) -> None:
    request_key = ask(lab, series(lab))
    key, later = the_series(request_key).key, FIRST + 2 * WEEK + HOUR
    new = shift(lab, request_key, key, "", "2027-02-23T08:00", "2027-02-23T09:00", now=later)
    after = bookings(request_key)
    assert [one.wall_start[11:] for one in after] == ["10:00"] * 3 + ["08:00"] * 17
    assert new != key
    assert read(db.session.scalars(select(Series).where(Series.key == key)).one().rule).until == date(2027, 2, 22)
    with pytest.raises(NotPossibleError):
        shift(lab, request_key, key, "", "2027-02-23T08:00", "2027-02-23T09:00", now=later)


@on_sqlite
@pytest.mark.parametrize("days", [1, -1])
def test_dates_make_room_for_each_other(app: Flask, lab: Cast, days: int) -> None:
    daily = replace(series(lab, Repeat(Every.DAY, count=5)), start=FIRST + 9 * HOUR, end=FIRST + 19 * HOUR)
    request_key = ask(lab, daily)
    start = (FIRST + 9 * HOUR + timedelta(days=days)).replace(tzinfo=None)
    shift(lab, request_key, the_series(request_key).key, "", f"{start:%FT%R}", f"{start + 10 * HOUR:%FT%R}")
    assert [one.wall_start[:10] for one in bookings(request_key)] == [
        f"{start + number * timedelta(days=1):%F}" for number in range(5)
    ]


@on_sqlite
def test_a_date_that_cannot_go_stands_in_the_way_of_the_one_before(app: Flask, lab: Cast) -> None:
    daily = replace(series(lab, Repeat(Every.DAY, count=4)), start=FIRST + 9 * HOUR, end=FIRST + 19 * HOUR)
    request_key = ask(lab, daily)
    rival_start = FIRST + 4 * timedelta(days=1) + 9 * HOUR
    ask(lab, Ask(SCOPE, rival_start, rival_start + HOUR, lab.partners["birch"], "Rival"), "ben")
    plan = look_at_series(
        lab.actor("hana"),
        the_series(request_key).key,
        Wanted("", datetime(2027, 2, 3, 19), datetime(2027, 2, 4, 5)),  # noqa: DTZ001 - on the wall
        now=NOW,
    )
    assert [one.fate for one in plan.fates] == [Fate.STAYS] * 4


@on_sqlite
def test_where_staff_decide_dates_stay_until_they_have(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    wanted = Ask("tsukuba-asked", start, start + HOUR, lab.partners["aoba"], "Runs", repeat=Repeat(Every.WEEK, count=3))
    request_key = ask(lab, wanted)
    sora = lab.actor("sora")
    service.approve(sora, request_key, version=1, now=NOW)
    letters = db.session.scalar(select(func.count()).select_from(Notice)) or 0
    shift(lab, request_key, the_series(request_key).key, "", "2026-11-24T14:00", "2026-11-24T15:00")
    assert (db.session.scalar(select(func.count()).select_from(Notice)) or 0) - letters == 2  # each who decides, once
    made = bookings(request_key)
    assert [(one.state, one.wall_start[11:], str(one.recurrence_on)[11:]) for one in made] == [
        ("approved", "10:00", "14:00")
    ] * 3
    service.approve_change(sora, made[1].key, version=made[1].version, now=NOW)
    service.decline_change(sora, made[2].key, reason="No", version=made[2].version, now=NOW)
    assert [one.wall_start[11:] for one in bookings(request_key)] == ["10:00", "14:00", "10:00"]
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 4


@on_sqlite
def test_a_bench_by_the_day_goes_along_by_days(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-30T00:00+09:00")
    two_days = timedelta(days=2)
    wanted = Ask(
        "tsukuba-bench", start, start + two_days, lab.partners["aoba"], "B", repeat=Repeat(Every.WEEK, count=3)
    )
    request_key = ask(lab, wanted)
    shift(lab, request_key, the_series(request_key).key, "", "2026-12-01T00:00", "2026-12-04T00:00")
    assert [(one.wall_start, one.wall_end[:10]) for one in bookings(request_key)] == [
        ("2026-12-01T00:00", "2026-12-04"),
        ("2026-12-08T00:00", "2026-12-11"),
        ("2026-12-15T00:00", "2026-12-18"),
    ]


@on_sqlite
def test_dates_go_to_the_unit_that_is_named(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    wanted = Ask("tsukuba-hood", start, start + HOUR, lab.partners["aoba"], "H", repeat=Repeat(Every.WEEK, count=3))
    request_key = ask(lab, wanted)
    key, unit = the_series(request_key).key, bookings(request_key)[0].unit_id
    other = db.session.scalars(
        select(Unit).where(Unit.resource_id == the_series(request_key).resource_id, Unit.id != unit)
    )
    there = other.all()[-1]
    named = Wanted("", datetime(2026, 11, 24, 10), datetime(2026, 11, 24, 11), there.key)  # noqa: DTZ001 - on the wall
    plan = look_at_series(lab.actor("hana"), key, named, now=NOW)
    change_series(lab.actor("hana"), key, named, version=1, seen=plan.seen, now=NOW)
    assert {(one.unit_id, one.unit_is_fixed) for one in bookings(request_key)} == {(there.id, True)}
    assert the_series(request_key).unit_id == there.id


@on_sqlite
def test_a_deadline_that_has_passed_keeps_a_date_where_it_is(app: Flask, lab: Cast) -> None:
    add_rules(lab, Deadline(step=Step.CHANGE, hours=48, then=Consequence.REFUSED))
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    wanted = Ask("tsukuba-plain", start, start + HOUR, lab.partners["aoba"], "D", repeat=Repeat(Every.WEEK, count=3))
    request_key = ask(lab, wanted)
    at = NOW + timedelta(hours=1)
    plan = look_at_series(
        lab.actor("hana"),
        the_series(request_key).key,
        Wanted("", datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 13)),  # noqa: DTZ001 - on the wall
        now=at,
    )
    assert [one.fate for one in plan.fates] == [Fate.STAYS, Fate.MOVES, Fate.MOVES]
    shift(lab, request_key, the_series(request_key).key, "", "2026-11-24T12:00", "2026-11-24T13:00", "sora", now=at)
    assert {one.wall_start[11:] for one in bookings(request_key)} == {"12:00"}  # staff move it nevertheless
