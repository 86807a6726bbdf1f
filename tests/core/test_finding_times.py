"""The first times that no rule refuses: in order, at the right hours of the wall, ranked, and each of them legal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.amount import Amount
from labbook.core.calendar import Span
from labbook.core.facts import Facts, Shut, TrainingFact
from labbook.core.finding_times import Choice, Found, Need, first_times
from labbook.core.hours import Cover, Opening
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.counting import Subject
from labbook.core.room import EVERY_DAY, Frame
from labbook.core.rules import judge
from tests.core.cases import BY_DAY, DAY, HOUR, LORD_HOWE, MINUTE, NEW_YORK, TOKYO, at, facts, span
from tests.core.test_free_limits import applied, limited_wishes, used, with_limits

WEEKDAYS = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(5))
NOW = at("2026-11-24 08:00")
TUESDAY = facts(now=NOW)
ROUND_NIGHT = (22 * 60, 6 * 60)
CLEANING = Words("Cleaning", "清掃")


def frame(
    first: str = "2026-11-24",
    last: str = "",
    hours: tuple[int, int] | None = None,
    weekdays: frozenset[int] = EVERY_DAY,
) -> Frame:
    """Beginning on these days; facts are known for some days around."""
    days = date.fromisoformat(first), date.fromisoformat(last or first)
    midnight = datetime.combine(days[0], datetime.min.time(), TOKYO)
    return Frame(*days, Interval(midnight - 3 * DAY, midnight + (days[1] - days[0]) + 40 * DAY), weekdays, hours)


def choice(about: Facts, number: int = 1, *, rank: int = 0, site: int = 1) -> Choice:
    """A resource with one unit, which has the resource's number."""
    return Choice(number, site, rank, ((number, about),))


def need(*among: Choice, length: str = "2 h", after: timedelta = timedelta()) -> Need:
    """One of these for so long."""
    return Need(among, Amount.parse(length), after)


def said(found: Found) -> list[str]:
    """Each offer on its site's wall: "resource: Tue 24 10:00-12:00", several joined by +."""
    return [" + ".join(_said(pick.resource_id, pick.time, pick.facts) for pick in offer) for offer in found.offers]


def _said(resource: int, time: Interval, about: Facts) -> str:
    start, end = (one.astimezone(about.zone) for one in (time.start, time.end))
    return f"{resource}: {start:%a %d %H:%M}-{end:%H:%M}"


def first_said(about: Facts, within: Frame, *, length: str = "2 h", count: int = 3) -> list[str]:
    """The same of one resource, without its number."""
    return [one[3:] for one in said(first_times([need(choice(about), length=length)], within, count=count))]


MORNING = (span("2026-11-24 08:30", "2026-11-24 11:00"),)
BUFFERED = facts(now=NOW, terms={"before": "15 min", "after": "30 min"}, taken=MORNING)
OPEN = facts(now=NOW, terms={"cover": Cover.ALL}, openings=WEEKDAYS)
FRIDAY = replace(OPEN, taken=(span("2026-11-27 09:00", "2026-11-27 16:30"),))
SHUT = replace(TUESDAY, shut=(Shut(span("2026-11-24 00:00", "2026-11-24 20:00"), CLEANING),))
NIGHT = frame(last="2026-11-25", hours=ROUND_NIGHT)
MONDAY_NIGHT = frame("2026-11-23", "2026-12-01", ROUND_NIGHT, frozenset({0}))
WEEK = frame(last="2026-11-30")
PEAK_USED = with_limits(
    TUESDAY,
    applied(Allowance(most=180, span=Span.DAY, subject=Subject.PARTNER)),
    used(("2026-11-24 14:00", "2026-11-24 16:00"), person=7),
)
ONE = [
    ("the first time is from now on", TUESDAY, frame(), ["Tue 24 08:00-10:00", "Tue 24 10:00-12:00"]),
    ("what has begun is past", replace(TUESDAY, now=NOW + MINUTE), frame(), ["Tue 24 08:00-10:00"]),
    ("notice is kept", facts(now=NOW, terms={"notice": "5 h"}), frame(), ["Tue 24 13:00-15:00"]),
    ("what is taken is passed over", replace(TUESDAY, taken=MORNING), frame(), ["Tue 24 11:00-13:00"]),
    ("buffers stay free on both sides", BUFFERED, frame(), ["Tue 24 11:30-13:30", "Tue 24 13:30-15:30"]),
    ("hours that are wished for bind all of it", TUESDAY, frame(hours=(780, 930)), ["Tue 24 13:00-15:00"]),
    ("they go over midnight", TUESDAY, NIGHT, ["Tue 24 22:00-00:00", "Wed 25 00:00-02:00", "Wed 25 02:00-04:00"]),
    ("and from one weekday into the next", TUESDAY, MONDAY_NIGHT, ["Mon 30 22:00-00:00"]),
    ("opening hours bind", OPEN, WEEK, ["Tue 24 09:00-11:00", "Tue 24 11:00-13:00", "Tue 24 13:00-15:00"]),
    ("what no longer fits on Friday is for Monday", FRIDAY, frame("2026-11-27", "2026-11-30"), ["Mon 30 09:00-11:00"]),
    ("a closure shuts", SHUT, frame(), ["Tue 24 20:00-22:00", "Tue 24 22:00-00:00"]),
    ("only the weekdays asked for", TUESDAY, frame(last="2026-11-30", weekdays=frozenset({5})), ["Sat 28 00:00-02:00"]),
    ("what is used up moves it to the next day", PEAK_USED, WEEK, ["Tue 24 23:00-01:00", "Wed 25 01:00-03:00"]),
    ("nothing beyond the horizon", facts(now=NOW, terms={"horizon": "1 d"}), frame("2026-11-26"), []),
]


@pytest.mark.parametrize(("about", "within", "times"), [row[1:] for row in ONE], ids=[row[0] for row in ONE])
def test_the_first_times_of_one_resource(about: Facts, within: Frame, times: list[str]) -> None:
    assert first_said(about, within, count=max(len(times), 1)) == times


NIGHTS = [
    ("spring: the hour that is skipped", "2027-03-14", "1 h", (0, 240), ["00:00-01:00", "01:00-03:00", "03:00-04:00"]),
    ("spring: two hours are real hours", "2027-03-14", "2 h", (0, 240), ["00:00-03:00"]),
    (
        "autumn: both repeated hours",
        "2026-11-01",
        "1 h",
        (0, 180),
        ["00:00-01:00", "01:00-01:00", "01:00-02:00"],
    ),
    ("autumn: a night has an hour more", "2026-11-01", "4 h", (0, 180), ["00:00-03:00"]),
]


@pytest.mark.parametrize(
    ("on", "length", "hours", "times"), [row[1:] for row in NIGHTS], ids=[row[0] for row in NIGHTS]
)
def test_a_night_on_which_the_clocks_change(on: str, length: str, hours: tuple[int, int], times: list[str]) -> None:
    about = facts(zone=NEW_YORK, now=at(f"{on} 00:00", NEW_YORK) - 5 * DAY, terms={"slot": "1 h", "longest": "8 h"})
    found = first_said(about, frame(on, on, hours), length=length, count=len(times))
    assert [one[7:] for one in found] == times


@pytest.mark.parametrize(("first", "last"), [("2027-03-12", "2027-03-17"), ("2026-10-30", "2026-11-04")])
def test_in_a_week_with_a_change_of_clocks_each_day_opens_at_nine_by_the_wall(first: str, last: str) -> None:
    now = at(f"{first} 00:00", NEW_YORK) - 5 * DAY
    about = facts(zone=NEW_YORK, now=now, terms={"cover": Cover.ALL, "longest": "9 h"}, openings=WEEKDAYS)
    found = first_said(about, frame(first, last), length="9 h", count=9)
    assert [one[:3] for one in found] == ["Fri", "Mon", "Tue", "Wed"]
    assert {one[7:] for one in found} == {"09:00-18:00"}


def test_days_are_found_like_hours() -> None:
    about = facts(now=NOW, terms=BY_DAY, taken=(span("2026-11-24 00:00", "2026-11-27 00:00"),))
    found = first_times([need(choice(about), length="2 d")], WEEK, count=1)
    assert [pick.time for pick in found.offers[0]] == [span("2026-11-27 00:00", "2026-11-29 00:00")]


# Among several


def test_of_comparable_resources_the_earlier_time_comes_first_and_then_the_better_rank() -> None:
    busy = replace(TUESDAY, taken=(span("2026-11-24 00:00", "2026-11-24 09:00"),))
    among = [choice(TUESDAY, 1, rank=2), choice(busy, 2, rank=0), choice(TUESDAY, 3, rank=1)]
    found = said(first_times([need(*among)], frame(), count=4))
    assert found == ["3: Tue 24 08:00-10:00", "1: Tue 24 08:00-10:00", "2: Tue 24 09:00-11:00", "3: Tue 24 10:00-12:00"]


def test_of_two_units_the_one_that_is_free_is_picked() -> None:
    pair = Choice(1, 1, 0, ((11, replace(TUESDAY, taken=MORNING)), (12, TUESDAY)))
    picks = [offer[0] for offer in first_times([need(pair)], frame(), count=3).offers]
    assert [(one.unit_id, one.time.start) for one in picks] == [(12, NOW), (12, NOW + 2 * HOUR), (11, NOW + 4 * HOUR)]


def test_two_resources_an_hour_apart() -> None:
    hood = replace(TUESDAY, taken=(span("2026-11-24 08:00", "2026-11-24 09:30"),))
    later = need(choice(hood, 2), length="1 h", after=HOUR)
    found = said(first_times([need(choice(TUESDAY, 1)), later], frame(), count=2))
    assert found == [
        "1: Tue 24 08:30-10:30 + 2: Tue 24 09:30-10:30",
        "1: Tue 24 10:30-12:30 + 2: Tue 24 11:30-12:30",
    ]


def test_what_goes_together_stands_at_one_site_and_is_not_one_unit_twice() -> None:
    here, same, elsewhere = choice(TUESDAY, 1), choice(TUESDAY, 1), choice(TUESDAY, 3, site=2)
    other = choice(replace(TUESDAY, taken=(span("2026-11-24 00:00", "2026-11-24 12:00"),)), 2)
    found = said(first_times([need(here), need(elsewhere, same, other)], frame(), count=1))
    assert found == ["1: Tue 24 12:00-14:00 + 2: Tue 24 12:00-14:00"]


def test_what_goes_together_counts_together() -> None:
    limited = with_limits(TUESDAY, applied(AtOnce(most=1, subject=Subject.PERSON)), [])
    first, second = choice(limited, 1), choice(limited, 2)
    assert said(first_times([need(first), need(second, after=HOUR)], frame(), count=1)) == []
    apart = said(first_times([need(first), need(second, after=2 * HOUR)], frame(), count=1))
    assert apart == ["1: Tue 24 08:00-10:00 + 2: Tue 24 10:00-12:00"]


def test_where_each_resource_counts_by_itself_one_that_is_used_up_says_nothing_of_another() -> None:
    days = [("2026-11-24 10:00", "2026-11-24 12:00"), ("2026-11-25 10:00", "2026-11-25 12:00")]
    limit = applied(Allowance(most=120, span=Span.DAY, each_alone=True))
    about = with_limits(TUESDAY, limit, used(*days, resource=1) + used(days[0], resource=2))
    assert about.record is not None
    among = [choice(replace(about, record=replace(about.record, resource_id=n)), n, rank=n) for n in (1, 2)]
    assert said(first_times([need(*among)], WEEK, count=1)) == ["2: Wed 25 00:00-02:00"]


# Nothing found

TAKEN = replace(TUESDAY, taken=(span("2026-11-20 00:00", "2026-12-30 00:00"),))
UNTRAINED = replace(TUESDAY, trainings=(TrainingFact(Words("Laser"), False),))


@pytest.mark.parametrize(
    ("about", "code"),
    [
        (TAKEN, "taken"),
        (UNTRAINED, "training"),
        (replace(TUESDAY, is_visible=False), "hidden"),
        (replace(OPEN, openings=(Opening(6, 540, 1080),)), "hours"),
        (replace(SHUT, shut=(Shut(span("2026-11-20 00:00", "2026-12-30 00:00"), CLEANING),)), "closed"),
        (facts(now=NOW, terms={"longest": "1 h"}), "too-long"),
        (with_limits(TUESDAY, applied(Allowance(most=0, span=Span.DAY)), []), "allowance"),
    ],
    ids=["taken", "untrained", "hidden", "open on other days", "shut", "too long", "used up"],
)
def test_where_nothing_is_found_it_is_said_why(about: Facts, code: str) -> None:
    found = first_times([need(choice(about))], frame(), count=3)
    assert not found.offers
    assert [(one.finding.code, one.resources, one.of) for one in found.obstacles[0]] == [(code, 1, 1)]


def test_what_stands_in_the_way_of_most_is_said_first() -> None:
    among = [choice(UNTRAINED, 1), choice(TAKEN, 2), choice(TAKEN, 3)]
    obstacles = first_times([need(*among)], frame(), count=3).obstacles[0]
    assert [(one.finding.code, one.resources, one.of) for one in obstacles] == [("taken", 2, 3), ("training", 1, 3)]


def test_a_search_that_takes_too_long_says_how_far_it_came() -> None:
    used_up = with_limits(facts(), applied(Allowance(most=0, span=Span.DAY)), [])
    found = first_times([need(choice(used_up))], frame(), count=3, most=4)
    assert (found.offers, found.stopped_at) == ((), at("2026-11-24 02:00"))


# What is offered is legal


@settings(max_examples=100, deadline=None)
@given(limited_wishes(), st.integers(0, 3), st.sampled_from((None, (9 * 60, 18 * 60), ROUND_NIGHT)))
def test_the_judge_accepts_what_is_offered_and_nothing_earlier(
    wish: tuple[Facts, Interval], halves: int, hours: tuple[int, int] | None
) -> None:
    about, window = wish
    length = (halves + 1) * HOUR / 2
    days = [one.astimezone(about.zone).date() for one in (window.start, window.end)]
    within = Frame(days[0], days[1], Interval(window.start - 3 * DAY, window.end + 3 * DAY), hours=hours)
    found = first_times([need(choice(about), length=f"{(halves + 1) * 30} min")], within, count=4)
    times = [offer[0].time for offer in found.offers]
    assert not any(judge(replace(about, wanted=one)).is_refused for one in times)
    assert all(one.end <= other.start for one, other in pairwise(times))
    if hours is None and times:
        earlier = about.now.replace(minute=0, second=0)
        while earlier < times[0].start:
            tried = replace(about, wanted=Interval(earlier, earlier + length))
            assert judge(tried).is_refused or tried.first_on < days[0]
            earlier += HOUR / 2


@settings(max_examples=60, deadline=None)
@given(limited_wishes(), limited_wishes(), st.integers(0, 4))
def test_the_judge_accepts_the_second_after_the_first_was_booked(
    one: tuple[Facts, Interval], other: tuple[Facts, Interval], halves: int
) -> None:
    about, window = one
    beside = replace(about, taken=other[0].taken)
    days = [at_.astimezone(about.zone).date() for at_ in (window.start, window.end)]
    within = Frame(days[0], days[1], Interval(window.start - 3 * DAY, window.end + 4 * DAY))
    needs = [need(choice(about, 1), length="1 h"), need(choice(beside, 2), length="1 h", after=halves * HOUR / 2)]
    for first, second in first_times(needs, within, count=3).offers:
        assert second.time.start == first.time.start + halves * HOUR / 2
        assert not judge(first.facts).is_refused
        assert not judge(second.facts).is_refused
        assert second.facts.record is not None
        assert about.record is not None
        assert len(second.facts.record.ledger.uses) == len(about.record.ledger.uses) + 1


@settings(max_examples=60, deadline=None)
@given(limited_wishes(), st.booleans())
def test_together_several_resources_find_what_each_finds_alone(wish: tuple[Facts, Interval], each_alone: bool) -> None:
    about, window = wish
    limit = Allowance(most=90, span=Span.DAY, subject=Subject.PARTNER, each_alone=each_alone)
    limits = (*about.limits, replace(applied(limit)[0], set_key="more"))
    assert about.record is not None
    among = [
        choice(replace(about, limits=limits, record=replace(about.record, resource_id=n)), n, rank=n) for n in (1, 2, 3)
    ]
    days = [one.astimezone(about.zone).date() for one in (window.start, window.end)]
    within = Frame(days[0], days[1], Interval(window.start - 3 * DAY, window.end + 3 * DAY))
    alone = [pick for one in among for (pick,) in first_times([need(one, length="1 h")], within, count=9).offers]
    together = [pick for (pick,) in first_times([need(*among, length="1 h")], within, count=9).offers]
    expected = sorted((pick.time.start, pick.resource_id) for pick in alone)[:9]
    assert [(pick.time.start, pick.resource_id) for pick in together] == expected


def test_half_hours_of_a_clock_that_moves_by_half_an_hour_are_all_offered() -> None:
    about = facts(zone=LORD_HOWE, now=at("2026-10-03 12:00", LORD_HOWE), terms={"longest": "30 min"})
    found = first_said(about, frame("2026-10-04", "2026-10-04", (60, 240)), length="30 min", count=3)
    assert [one[7:] for one in found] == ["01:00-01:30", "01:30-02:30", "02:30-03:00"]
