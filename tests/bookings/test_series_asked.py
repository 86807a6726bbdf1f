"""Asking for a series: each date judged by itself, those that clash skipped with their reasons or moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from labbook.bookings import service
from labbook.bookings.service import Ask, Part, RefusedError, WrongRepeatError
from labbook.core.calendar import Span
from labbook.core.limits.allowance import Allowance
from labbook.core.recurrence import Every, Repeat, read
from labbook.db import db
from labbook.models import Booking, Hold, Notice, Request, Series, SkippedDate
from tests.browsing import on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.ruling import add_rules

BOSTON = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
SCOPE = "cambridge-scope"
FIRST = datetime(2027, 2, 2, 10, 0, tzinfo=BOSTON)  # a Tuesday; the clocks go forward on 14 March
WEEKLY = Repeat(Every.WEEK, count=20)


def series(lab: Cast, repeat: Repeat | None = WEEKLY, **more: object) -> Ask:
    """The microscope in Cambridge from 10 to 11, every Tuesday."""
    return Ask(SCOPE, FIRST, FIRST + HOUR, lab.partners["aoba"], "Weekly", repeat=repeat, **more)  # type: ignore[arg-type]


def ask(lab: Cast, wanted: Ask, who: str = "hana") -> str:
    """Ask for it; returns the request's key."""
    return service.request(lab.actor(who), wanted, key=fresh_key(), now=NOW)


def rival(lab: Cast, *days: date) -> None:
    """Ben has the microscope at that hour on these days."""
    for day in days:
        start = datetime.combine(day, FIRST.timetz())
        ask(lab, Ask(SCOPE, start, start + HOUR, lab.partners["birch"], "Rival"), "ben")


def bookings(key: str) -> list[Booking]:
    """What came of a request, by start."""
    found = select(Booking).join(Request).where(Request.key == key).order_by(Booking.starts_at)
    return list(db.session.scalars(found))


def test_a_series_keeps_its_wall_time_over_a_change_of_clocks(app: Flask, lab: Cast) -> None:
    made = bookings(ask(lab, series(lab)))
    assert len(made) == 20
    assert {one.starts_at.astimezone(BOSTON).strftime("%a %H:%M") for one in made} == {"Tue 10:00"}
    assert {one.wall_start[11:] for one in made} == {"10:00"}
    assert {one.starts_at.hour for one in made} == {15, 14}  # in UTC
    [rule] = db.session.scalars(select(Series))
    assert (read(rule.rule).count, rule.wall_start, rule.wall_end) == (20, "2027-02-02T10:00", "2027-02-02T11:00")
    assert [one.recurrence_on for one in made] == [one.wall_start for one in made]
    assert {one.series_id for one in made} == {rule.id}
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 20


def test_dates_that_clash_are_skipped_and_kept_with_their_reasons(app: Flask, lab: Cast) -> None:
    rival(lab, date(2027, 2, 16), date(2027, 3, 16), date(2027, 5, 4))
    made = bookings(ask(lab, series(lab)))
    assert len(made) == 17
    skipped = list(db.session.scalars(select(SkippedDate).order_by(SkippedDate.recurrence_on)))
    assert [one.recurrence_on[:10] for one in skipped] == ["2027-02-16", "2027-03-16", "2027-05-04"]
    assert {one["code"] for row in skipped for one in row.findings} == {"taken"}


@on_sqlite
def test_dates_that_clash_go_to_the_nearest_time_where_one_wishes_it(app: Flask, lab: Cast) -> None:
    rival(lab, date(2027, 2, 16))
    made = bookings(ask(lab, series(lab, moves=True)))
    assert len(made) == 20
    moved = made[2]
    assert (moved.recurrence_on, moved.wall_start) == ("2027-02-16T10:00", "2027-02-16T11:00")
    assert db.session.scalar(select(func.count()).select_from(SkippedDate)) == 0


@on_sqlite
def test_a_series_of_which_no_date_is_possible_is_refused_as_a_whole(app: Flask, lab: Cast) -> None:
    rival(lab, FIRST.date())
    with pytest.raises(RefusedError) as refused:
        ask(lab, series(lab, Repeat(Every.WEEK, count=1)))
    assert refused.value.verdict.has("taken")
    assert db.session.scalar(select(func.count()).select_from(Series)) == 0


@on_sqlite
def test_a_time_that_the_clocks_skip_is_a_skipped_date(app: Flask, lab: Cast) -> None:
    start = datetime(2027, 3, 7, 2, 30, tzinfo=BOSTON)
    wanted = replace(series(lab, Repeat(Every.WEEK, count=3)), start=start, end=start + HOUR)
    assert [one.wall_start for one in bookings(ask(lab, wanted))] == ["2027-03-07T02:30", "2027-03-21T02:30"]
    [skipped] = db.session.scalars(select(SkippedDate))
    assert (skipped.recurrence_on, skipped.findings[0]["code"]) == ("2027-03-14T02:30", "no-such-time")


@on_sqlite
@pytest.mark.parametrize(
    "repeat",
    [
        Repeat(Every.WEEK),  # no end
        Repeat(Every.DAY, count=10_000),
        Repeat(Every.WEEK, until=date(2027, 1, 1)),
        Repeat(Every.WEEK, count=0),
        Repeat(Every.DAY, step=0, count=3),
    ],
)
def test_a_rule_that_cannot_be_asked_for_says_why(app: Flask, lab: Cast, repeat: Repeat) -> None:
    with pytest.raises(WrongRepeatError) as wrong:
        ask(lab, series(lab, repeat))
    assert wrong.value.wrong is not None
    assert db.session.scalar(select(func.count()).select_from(Request)) == 0


@on_sqlite
def test_a_date_is_used_up_by_the_dates_before_it(app: Flask, lab: Cast) -> None:
    """Two hours a week: of a daily series the third date of each week is skipped."""
    add_rules(lab, Allowance(most=120, span=Span.WEEK))
    start = datetime.fromisoformat("2026-11-30T10:00+09:00")
    wanted = Ask("tsukuba-plain", start, start + HOUR, lab.partners["aoba"], "Daily", repeat=Repeat(Every.DAY, count=5))
    assert [one.wall_start[:10] for one in bookings(ask(lab, wanted))] == ["2026-11-30", "2026-12-01"]


@on_sqlite
def test_a_set_repeats_as_a_whole_and_each_part_is_a_series_of_its_own(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    also = (Part("tsukuba-hood", start + HOUR, start + 2 * HOUR, units=2),)
    wanted = Ask(
        "tsukuba-plain", start, start + HOUR, lab.partners["aoba"], "Set", also=also, repeat=Repeat(Every.WEEK, count=3)
    )
    other = Ask("tsukuba-plain", start + 7 * 24 * HOUR, start + 169 * HOUR, lab.partners["birch"], "Rival")
    ask(lab, other, "ben")
    made = bookings(ask(lab, wanted))
    assert len(made) == 6  # two dates of three pieces: the one that clashes is left out whole
    rows = list(db.session.scalars(select(Series).order_by(Series.id)))
    assert [one.wall_start for one in rows] == ["2026-11-24T10:00", "2026-11-24T11:00", "2026-11-24T11:00"]
    assert len({one.unit_id for one in made}) == 3  # each series stays on its unit
    assert db.session.scalar(select(func.count()).select_from(SkippedDate)) == 3


@on_sqlite
def test_staff_hear_of_a_series_once(app: Flask, lab: Cast) -> None:
    start = datetime.fromisoformat("2026-11-24T10:00+09:00")
    repeat = Repeat(Every.WEEK, count=4)
    wanted = Ask("tsukuba-asked", start, start + HOUR, lab.partners["aoba"], "Asked", repeat=repeat)
    assert {one.state for one in bookings(ask(lab, wanted))} == {"waiting"}
    people = list(db.session.scalars(select(Notice.person_id)))
    assert people
    assert len(people) == len(set(people))


@on_sqlite
def test_a_date_that_is_left_out_uses_nothing_up(app: Flask, lab: Cast) -> None:
    """Two hours a week: the first part of a date whose second part is taken does not count for the next date."""
    add_rules(lab, Allowance(most=120, span=Span.WEEK))
    start = datetime.fromisoformat("2026-12-01T10:00+09:00")
    ask(lab, Ask("tsukuba-plain", start, start + HOUR, lab.partners["birch"], "Rival"), "ben")
    also = (Part("tsukuba-plain", start, start + HOUR),)
    repeat = Repeat(Every.DAY, count=2)
    wanted = Ask("tsukuba-hood", start, start + HOUR, lab.partners["aoba"], "Set", also=also, repeat=repeat)
    assert [one.wall_start for one in bookings(ask(lab, wanted))] == ["2026-12-02T10:00"] * 2
