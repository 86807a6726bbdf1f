"""By when staff decide, in their working time, and who hears of what cannot wait for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from labbook.core.deciding import (
    LEAST_LEFT,
    OFFICE_HOURS,
    AtDeadline,
    WorkingTime,
    at_the_deadline,
    deadline,
    first_to_hear,
    minutes_left,
)
from labbook.core.hours import Opening, public_holidays
from labbook.core.interval import Interval
from labbook.core.steps import Named, Turn, Waiting, turn_of

TOKYO, BOSTON = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
YEARS = (2026, 2027)
TSUKUBA = WorkingTime(TOKYO, holidays=frozenset(public_holidays("JP", "", YEARS, "en")))
CAMBRIDGE = WorkingTime(BOSTON, holidays=frozenset(public_holidays("US", "MA", YEARS, "en")))
NEVER = datetime(2030, 1, 1, tzinfo=TOKYO)
HOURS = 60  # minutes


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("work", "asked", "hours", "decide_by"),
    [
        # an ordinary week: nine working hours a day
        (TSUKUBA, "2026-11-24T09:00", 9, "2026-11-24T18:00"),
        (TSUKUBA, "2026-11-24T10:30", 16, "2026-11-25T17:30"),
        (CAMBRIDGE, "2026-11-16T10:30", 16, "2026-11-17T17:30"),
        # asked at night and on a Sunday: the time begins with the next morning
        (TSUKUBA, "2026-11-24T23:00", 2, "2026-11-25T11:00"),
        (CAMBRIDGE, "2026-11-15T12:00", 2, "2026-11-16T11:00"),
        # Friday evening: nobody is there before Monday
        (TSUKUBA, "2026-11-27T18:30", 16, "2026-12-01T16:00"),
        (CAMBRIDGE, "2026-11-20T17:00", 16, "2026-11-24T15:00"),
        # Golden Week 2026: from Sunday 3 May to Wednesday 6 May all are off, before it Showa Day
        (TSUKUBA, "2026-04-28T17:00", 2, "2026-04-30T10:00"),
        (TSUKUBA, "2026-05-01T17:00", 2, "2026-05-07T10:00"),
        (CAMBRIDGE, "2026-05-01T17:00", 2, "2026-05-04T10:00"),
        # Thanksgiving is a Thursday; the Friday after it is a working day here, and both are in Tsukuba
        (CAMBRIDGE, "2026-11-25T17:00", 2, "2026-11-27T10:00"),
        (TSUKUBA, "2026-11-25T17:00", 2, "2026-11-26T10:00"),
        # over the new year of a country that counts the years on
        (TSUKUBA, "2026-12-31T17:00", 10, "2027-01-04T18:00"),
        # the clocks go forward on 14 March and back on 1 November 2027, and the hours are those on the wall
        (CAMBRIDGE, "2027-03-12T17:00", 2, "2027-03-15T10:00"),
        (CAMBRIDGE, "2026-10-30T17:00", 2, "2026-11-02T10:00"),
    ],
)
def test_the_deadline_comes_after_so_many_working_hours(
    work: WorkingTime, asked: str, hours: int, decide_by: str
) -> None:
    now = at(work.zone, asked)
    due = deadline(work, hours * HOURS, now=now, starts_at=NEVER)
    assert (due.decide_by, due.is_urgent) == (at(work.zone, decide_by), False)
    assert work.minutes(now, due.decide_by) == hours * HOURS
    assert work.minutes(now, due.remind_at) == hours * HOURS // 2


def test_on_the_nights_on_which_the_clocks_change_an_hour_is_an_hour() -> None:
    """Whoever works from midnight to eight on the wall works seven hours in the one night, and nine in the other."""
    night = WorkingTime(BOSTON, tuple(Opening(day, 0, 8 * 60) for day in range(7)))
    assert night.minutes(at(BOSTON, "2027-03-14T00:00"), at(BOSTON, "2027-03-14T09:00")) == 7 * HOURS
    assert night.minutes(at(BOSTON, "2026-11-01T00:00"), at(BOSTON, "2026-11-01T09:00")) == 9 * HOURS
    assert night.after(at(BOSTON, "2027-03-14T00:00"), 7 * HOURS) == at(BOSTON, "2027-03-14T08:00")


def test_while_the_site_is_shut_no_time_passes() -> None:
    shut = Interval(at(TOKYO, "2026-11-25T00:00"), at(TOKYO, "2026-11-27T00:00"))
    work = WorkingTime(TOKYO, OFFICE_HOURS, shut=(shut,))
    assert work.after(at(TOKYO, "2026-11-24T17:00"), 2 * HOURS) == at(TOKYO, "2026-11-27T10:00")
    assert not work.is_at_work(at(TOKYO, "2026-11-25T10:00"))


def test_where_nobody_ever_works_a_deadline_comes_all_the_same() -> None:
    now = at(TOKYO, "2026-11-24T10:00")
    always = (Interval(now - timedelta(days=1), now + timedelta(days=400)),)
    assert WorkingTime(TOKYO, shut=always).after(now, HOURS) == now + timedelta(weeks=26)


@pytest.mark.parametrize(
    ("asked", "starts", "decide_by", "remind_at"),
    [
        # Friday evening for Saturday noon: an hour before it, wherever the site's staff are
        ("2026-11-27T19:00", "2026-11-28T12:00", "2026-11-28T11:00", "2026-11-28T03:00"),
        # for Tuesday afternoon there is working time, but less than is given
        ("2026-11-27T19:00", "2026-12-01T15:00", "2026-12-01T14:00", "2026-11-29T16:30"),
        # in half an hour: half of that is for whoever asked
        ("2026-11-24T10:00", "2026-11-24T10:30", "2026-11-24T10:15", "2026-11-24T10:07:30"),
    ],
)
def test_what_starts_before_its_deadline_is_urgent(asked: str, starts: str, decide_by: str, remind_at: str) -> None:
    due = deadline(TSUKUBA, 16 * HOURS, now=at(TOKYO, asked), starts_at=at(TOKYO, starts))
    assert (due.decide_by, due.remind_at) == (at(TOKYO, decide_by), at(TOKYO, remind_at))
    assert due.is_urgent


def test_what_starts_an_hour_after_its_deadline_is_not_urgent() -> None:
    now = at(TOKYO, "2026-11-27T19:00")
    for starts, is_urgent in (("2026-12-01T17:00", False), ("2026-12-01T16:59", True)):
        assert deadline(TSUKUBA, 16 * HOURS, now=now, starts_at=at(TOKYO, starts)).is_urgent is is_urgent


def test_what_has_begun_already_is_due_now() -> None:
    now = at(TOKYO, "2026-11-24T10:00")
    due = deadline(TSUKUBA, HOURS, now=now, starts_at=now - timedelta(hours=3))
    assert due == (now, now, True)


def test_while_the_clock_stands_what_is_left_of_the_time_is_kept() -> None:
    friday, tuesday = at(TOKYO, "2026-11-27T17:00"), at(TOKYO, "2026-12-01T15:00")
    assert minutes_left(TSUKUBA, tuesday, friday) == 16 * HOURS
    assert minutes_left(TSUKUBA, friday, tuesday) == LEAST_LEFT


TAKUMA, PRIYA, ELEANOR = 1, 2, 3
HOMES = {TAKUMA: TSUKUBA, PRIYA: CAMBRIDGE}


@pytest.mark.parametrize(
    ("moment", "is_urgent", "hear"),
    [
        ("2026-11-24T10:00", False, {TAKUMA, PRIYA, ELEANOR}),
        ("2026-11-24T10:00", True, {TAKUMA}),  # 20:00 in Cambridge
        ("2026-11-24T23:30", True, {PRIYA}),  # 09:30 in Cambridge
        ("2026-11-24T20:00", True, {TAKUMA, PRIYA, ELEANOR}),  # nobody works: all hear of it
        ("2026-11-27T00:30", True, {TAKUMA, PRIYA, ELEANOR}),  # Thanksgiving, 10:30 in Cambridge
        ("2026-11-23T10:00", True, {TAKUMA, PRIYA, ELEANOR}),  # Labor Thanksgiving Day in Tsukuba
    ],
)
def test_of_what_is_urgent_hears_first_who_is_at_work_anywhere(moment: str, is_urgent: bool, hear: set[int]) -> None:
    now = at(TOKYO, moment)
    assert first_to_hear({TAKUMA, PRIYA, ELEANOR}, HOMES, is_urgent=is_urgent, now=now) == hear


@pytest.mark.parametrize(
    ("fates", "is_certain", "fate"),
    [
        ([], True, AtDeadline.STAY),
        ([AtDeadline.APPROVE], True, AtDeadline.APPROVE),
        ([AtDeadline.APPROVE], False, AtDeadline.STAY),
        ([AtDeadline.DECLINE, AtDeadline.DECLINE], False, AtDeadline.DECLINE),
        ([AtDeadline.APPROVE, AtDeadline.DECLINE], True, AtDeadline.STAY),
        ([AtDeadline.APPROVE, AtDeadline.STAY], True, AtDeadline.STAY),
    ],
)
def test_at_the_deadline_becomes_of_all_what_would_become_of_each(
    fates: list[AtDeadline], is_certain: bool, fate: AtDeadline
) -> None:
    assert at_the_deadline(fates, is_certain=is_certain) is fate


# --- two steps --------------------------------------------------------------------------------------------------------

SCOPE, SUITE, LONELY = 10, 11, 12
LAB, SAFE = frozenset({1, 2}), frozenset({3, 4})
NAMED = {
    SCOPE: Named(lab=LAB),
    SUITE: Named(LAB, SAFE, two_steps=True),
    LONELY: Named(two_steps=True),
}
NOBODY = frozenset[int]()


@pytest.mark.parametrize(
    ("waiting", "asked_by", "turn"),
    [
        ([Waiting(SCOPE)], 9, Turn(LAB, is_first=False, but=NOBODY)),
        ([Waiting(99)], 9, Turn(NOBODY, is_first=False, but=NOBODY)),  # the site's staff
        ([Waiting(SUITE)], 9, Turn(SAFE, is_first=True, but=NOBODY)),
        ([Waiting(SUITE, 3)], 9, Turn(LAB, is_first=False, but=frozenset({3}))),
        ([Waiting(SUITE, is_decided=True)], 9, Turn(LAB, is_first=False, but=NOBODY)),  # a change takes one step
        ([Waiting(SUITE), Waiting(SCOPE)], 9, Turn(SAFE, is_first=True, but=NOBODY)),  # what is unsafe, all waits for
        ([Waiting(SUITE, 4), Waiting(SCOPE)], 9, Turn(LAB, is_first=False, but=frozenset({4}))),
        ([Waiting(SUITE)], 3, Turn(frozenset({4}), is_first=True, but=NOBODY)),
        ([Waiting(LONELY)], 9, Turn(NOBODY, is_first=True, but=NOBODY)),
        ([Waiting(LONELY, 5)], 9, Turn(NOBODY, is_first=False, but=frozenset({5}))),
    ],
)
def test_safety_comes_first_and_somebody_else_approves(waiting: list[Waiting], asked_by: int, turn: Turn) -> None:
    assert turn_of(NAMED, waiting, {asked_by}) == turn


def test_where_only_the_asker_is_named_for_safety_those_who_approve_answer_for_it() -> None:
    named = {SUITE: Named(LAB, frozenset({3}), two_steps=True)}
    assert turn_of(named, [Waiting(SUITE)], {3}) == Turn(LAB, is_first=True, but=NOBODY)
