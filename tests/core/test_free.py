"""The times that are offered instead: legal, the nearest there are, and none that nobody has looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labbook.core.amount import Amount, Measure
from labbook.core.facts import Facts, Shut, TrainingFact, Verdict
from labbook.core.free import nearest_free, with_taken
from labbook.core.hours import Cover, Opening
from labbook.core.interval import Interval, local_day, local_days
from labbook.core.language import Words
from labbook.core.rules import judge
from tests.core.cases import BY_DAY, DAY, FACTS, HOUR, LORD_HOWE, NEW_YORK, TOKYO, amount, at, facts, span

WEEKDAYS = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(5))
CLEANING = Words("Cleaning", "清掃")
FINE = timedelta(minutes=10)


def around(wanted: Interval, days: int = 8) -> Interval:
    """A window like the one in which the application reads facts."""
    return Interval(wanted.start - 2 * DAY, wanted.end + days * DAY)


def offered(about: Facts, window: Interval | None = None, count: int = 3) -> list[str]:
    """The offered times on the site's wall, as in "Tue 24 10:00-12:00"."""
    found = nearest_free(about, window or around(about.wanted), count=count)
    local = [(one.start.astimezone(about.zone), one.end.astimezone(about.zone)) for one in found]
    return [f"{start:%a %d %H:%M}-{end:%H:%M}" for start, end in local]


def days_offered(about: Facts, window: Interval) -> list[tuple[date, date]]:
    """The offered times as first and last day."""
    each = [replace(about, wanted=one) for one in nearest_free(about, window)]
    return [(one.first_on, one.last_on) for one in each]


# Against a search that tries everything


def by_trying_everything(about: Facts, window: Interval, count: int) -> list[Interval]:
    """The same by judging every tenth minute of the window; of two that are as near the later one is taken first."""
    steps = (window.end - window.start) // FINE
    starts = [window.start + n * FINE for n in range(steps)]
    starts.sort(key=lambda start: (abs(start - about.wanted.start), start < about.wanted.start))
    found: list[Interval] = []
    for start in starts:
        try:
            tried = replace(about, wanted=as_long(about, start))
        except ValueError:  # its end is not after its start
            continue
        is_apart = not any(tried.wanted.overlaps(other) for other in found)
        if len(found) < count and is_apart and window.covers(tried.held) and not judge(tried).is_refused:
            found.append(tried.wanted)
    return sorted(found)


def as_long(about: Facts, start: datetime) -> Interval:
    """The wanted length from another start: in real time, or on the wall for what is counted in half days."""
    if not about.terms.slot.is_by_calendar:
        return Interval(start, start + about.wanted.length)
    first, last = (one.astimezone(about.zone).replace(tzinfo=None) for one in (about.wanted.start, about.wanted.end))
    end = start.astimezone(about.zone).replace(tzinfo=None, fold=0) + (last - first)
    return Interval(start, end.replace(tzinfo=about.zone))


PLACES = ((TOKYO, "2026-11-24"), (NEW_YORK, "2026-11-01"), (NEW_YORK, "2027-03-14"), (LORD_HOWE, "2026-10-04"))
stretches = st.lists(st.tuples(st.integers(0, 430), st.integers(1, 60)), max_size=8)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Facts, Interval]:
    """A wish for about the day on which the clocks change, and three days of other people's bookings around it."""
    zone, on = draw(st.sampled_from(PLACES))
    slot = amount(draw(st.sampled_from(("10 min", "30 min", "1 h", "90 min", "2 h", "1 half-day"))))
    minutes = slot.count * (720 if slot.measure is Measure.HALF_DAY else 1)
    wall = datetime.fromisoformat(on) + draw(st.integers(-720 // minutes, 2000 // minutes)) * timedelta(minutes=minutes)
    start = wall.replace(tzinfo=zone)
    number = draw(st.integers(1, 4))
    end = (Amount(slot.count * number, slot.measure)).after(start, zone)
    assume(start.astimezone(TOKYO).astimezone(zone).replace(tzinfo=None) == wall)
    wanted = Interval(start, end)
    window = Interval(wanted.start - DAY, wanted.start + 2 * DAY)
    edge = window.start.replace(minute=0)

    def some() -> Iterable[Interval]:
        return [Interval(edge + at * FINE, edge + (at + long) * FINE) for at, long in draw(stretches)]

    terms = {
        "slot": slot,
        "shortest": slot,
        "longest": "3 d",
        "before": Amount(draw(st.sampled_from((0, 15, 60))), Measure.MINUTE),
        "after": Amount(draw(st.sampled_from((0, 15, 60))), Measure.MINUTE),
        "notice": draw(st.sampled_from(("0 min", "2 h"))),
        "cover": draw(st.sampled_from(Cover)),
    }
    rows = st.builds(Opening, st.integers(0, 6), st.sampled_from((0, 60, 540)), st.sampled_from((120, 1080, 1440)))
    about = facts(
        zone=zone,
        wanted=wanted,
        terms=terms,
        now=window.start + draw(st.integers(-5, 30)) * HOUR,
        taken=tuple(some()),
        shut=tuple(Shut(one, CLEANING) for one in some()),
        openings=tuple(draw(st.lists(rows, max_size=5))),
    )
    return about, window


@settings(max_examples=60, deadline=None)
@given(wishes(), st.integers(1, 4))
def test_the_nearest_times_are_those_that_trying_everything_finds(wish: tuple[Facts, Interval], count: int) -> None:
    about, window = wish
    assert nearest_free(about, window, count=count) == by_trying_everything(about, window, count)


@settings(max_examples=150, deadline=None)
@given(wishes(), st.integers(1, 5), st.booleans())
def test_no_rule_refuses_what_is_offered(wish: tuple[Facts, Interval], count: int, is_odd: bool) -> None:
    about, window = wish
    if is_odd:  # off the grid, and shorter than the shortest
        about = replace(about, wanted=Interval(about.wanted.start + 7 * FINE / 10, about.wanted.start + FINE))
    found = nearest_free(about, window, count=count)
    assert len(found) <= count
    assert not any(judge(replace(about, wanted=one)).is_refused for one in found)
    assert all(window.covers(replace(about, wanted=one).held) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@settings(max_examples=60, deadline=None)
@given(
    wanted_on=st.integers(0, 40),
    days=st.integers(1, 9),
    taken=st.lists(st.tuples(st.integers(-30, 90), st.integers(0, 20)), max_size=6),
    zone=st.sampled_from((NEW_YORK, TOKYO, LORD_HOWE)),
)
def test_days_are_offered_like_hours(wanted_on: int, days: int, taken: list[tuple[int, int]], zone: ZoneInfo) -> None:
    first = date(2026, 10, 1)
    wanted = local_days(first + wanted_on * DAY, first + (wanted_on + days - 1) * DAY, zone)
    holds = tuple(local_days(first + at * DAY, first + (at + long) * DAY, zone) for at, long in taken)
    now, terms = local_day(first, zone).start, replace(BY_DAY, horizon=amount("60 d"))
    about = facts(zone=zone, now=now, terms=terms, wanted=wanted, taken=holds)
    window = local_days(first - 30 * DAY, first + 90 * DAY, zone)
    possible = [local_days(first + n * DAY, first + (n + days - 1) * DAY, zone) for n in range(-30, 90)]
    possible.sort(key=lambda one: (abs(one.start - wanted.start), one.start < wanted.start))
    expected: list[Interval] = []
    for one in possible:
        is_apart = not any(one.overlaps(other) for other in expected)
        if len(expected) < 3 and is_apart and window.covers(one) and not judge(replace(about, wanted=one)).is_refused:
            expected.append(one)
    assert nearest_free(about, window) == sorted(expected)


# As people meet it


def test_the_times_before_and_after_are_offered_in_their_order() -> None:
    assert offered(facts(taken=(FACTS.wanted,))) == ["Tue 24 08:00-10:00", "Tue 24 12:00-14:00", "Tue 24 14:00-16:00"]


def test_buffers_are_kept_free_beside_what_is_offered() -> None:
    about = facts(terms={"before": "15 min", "after": "30 min"}, taken=(FACTS.wanted,))
    assert offered(about, count=2) == ["Tue 24 07:30-09:30", "Tue 24 12:30-14:30"]


def test_when_the_wanted_time_itself_would_do_it_comes_with_the_others() -> None:
    assert offered(FACTS, count=1) == ["Tue 24 10:00-12:00"]


def test_nothing_is_offered_to_whom_no_time_would_help() -> None:
    untrained = (TrainingFact(Words("Laser"), False),)
    for about in (facts(is_visible=False), facts(books_for_partner=False), facts(trainings=untrained)):
        assert nearest_free(about, around(about.wanted)) == []


def test_an_expired_training_leaves_the_days_before() -> None:
    lapsed = (TrainingFact(Words("Laser"), True, date(2026, 11, 23)),)
    assert offered(facts(trainings=lapsed), count=1) == ["Mon 23 23:30-01:30"]


def test_no_time_is_offered_that_nobody_has_looked_at() -> None:
    wanted = span("2026-12-10 00:00", "2026-12-10 12:00")
    half_days = {"slot": "1 half-day", "shortest": "1 half-day", "longest": "5 d"}
    about = facts(terms=half_days, wanted=wanted, taken=(around(wanted),))
    assert offered(about) == []
    buffered = facts(terms={"before": "1 h", "after": "1 h"}, taken=(span("2026-11-24 09:00", "2026-11-24 13:00"),))
    assert offered(buffered, span("2026-11-24 06:00", "2026-11-24 16:00")) == []


def test_a_wish_that_is_too_short_or_too_long_gets_times_that_fit() -> None:
    short = facts(terms={"shortest": "3 h"}, taken=(FACTS.wanted,))
    assert offered(short, count=1) == ["Tue 24 12:00-15:00"]
    long = facts(terms={"longest": "1 h"}, taken=(FACTS.wanted,))
    assert offered(long, count=1) == ["Tue 24 09:00-10:00"]


@pytest.mark.parametrize(("start", "end"), [("10:10", "10:40"), ("10:00", "10:20"), ("10:10", "10:35")])
def test_a_wish_off_the_grid_is_offered_times_on_it(start: str, end: str) -> None:
    about = facts(wanted=span(f"2026-11-24 {start}", f"2026-11-24 {end}"))
    assert offered(about, count=1) == ["Tue 24 10:00-10:30"]


def test_ten_minute_slots_are_offered_ten_minutes_away() -> None:
    wanted = span("2026-11-24 10:00", "2026-11-24 10:10")
    about = facts(terms={"slot": "10 min", "shortest": "10 min"}, wanted=wanted, taken=(wanted,))
    assert offered(about, count=2) == ["Tue 24 09:50-10:00", "Tue 24 10:10-10:20"]


def test_after_a_full_week_the_next_monday_is_offered() -> None:
    full = tuple(span(f"2026-11-{day} 09:00", f"2026-11-{day} 18:00") for day in (25, 26, 27))
    wanted = span("2026-11-27 16:00", "2026-11-27 18:00")
    about = facts(terms={"cover": Cover.ALL}, openings=WEEKDAYS, wanted=wanted, taken=full)
    assert offered(about, count=1) == ["Mon 30 09:00-11:00"]


def test_a_monthly_shelf_is_offered_from_the_next_month() -> None:
    january = local_days(date(2027, 1, 1), date(2027, 1, 31), TOKYO)
    terms = replace(
        BY_DAY, slot=amount("1 mo"), shortest=amount("1 mo"), longest=amount("12 mo"), horizon=amount("1 mo")
    )
    about = facts(terms=terms, now=at("2027-01-01 08:00"), wanted=january, taken=(january,))
    window = Interval(january.start - 40 * DAY, january.end + 200 * DAY)
    assert days_offered(about, window) == [(date(2027, 2, 1), date(2027, 2, 28))]


@pytest.mark.parametrize(
    ("slot", "first", "last", "until"),
    [
        ("1 mo", date(2027, 1, 1), date(2027, 1, 20), date(2027, 1, 31)),
        ("3 mo", date(2027, 1, 1), date(2027, 4, 30), date(2027, 6, 30)),
        ("1 mo", date(2027, 1, 1), date(2027, 2, 28), date(2027, 2, 28)),
    ],
)
def test_odd_stretches_are_rounded_up_to_months(slot: str, first: date, last: date, until: date) -> None:
    terms = replace(BY_DAY, slot=amount(slot), shortest=amount(slot), longest=amount("12 mo"))
    about = facts(terms=terms, now=at("2026-12-31 08:00"), wanted=local_days(first, last, TOKYO))
    window = Interval(about.wanted.start - 40 * DAY, about.wanted.end + 200 * DAY)
    assert (first, until) in days_offered(about, window)


def test_two_hour_slots_are_offered_on_the_day_after_the_clocks_change() -> None:
    late = span("2026-10-31 22:00", "2026-11-01 00:00", NEW_YORK)
    now = at("2026-10-31 22:00", NEW_YORK)
    about = facts(zone=NEW_YORK, now=now, terms={"slot": "2 h", "shortest": "2 h"}, wanted=late, taken=(late,))
    assert offered(about) == ["Sun 01 02:00-04:00", "Sun 01 04:00-06:00", "Sun 01 06:00-08:00"]


def test_both_hours_of_the_night_on_which_clocks_go_back_are_offered() -> None:
    midnight = span("2026-11-01 00:00", "2026-11-01 01:00", NEW_YORK)
    now, terms = midnight.start, {"slot": "1 h", "shortest": "1 h"}
    about = facts(zone=NEW_YORK, now=now, terms=terms, wanted=midnight, taken=(midnight,))
    assert offered(about) == ["Sun 01 01:00-01:00", "Sun 01 01:00-02:00", "Sun 01 02:00-03:00"]


def test_the_first_free_day_after_the_clocks_went_back_is_not_missed() -> None:
    wanted = local_day(date(2026, 10, 20), NEW_YORK)
    taken = (local_days(date(2026, 10, 1), date(2026, 11, 30), NEW_YORK),)
    terms = replace(BY_DAY, horizon=amount("90 d"))
    about = facts(zone=NEW_YORK, now=wanted.start, terms=terms, wanted=wanted, taken=taken)
    window = Interval(wanted.start - 40 * DAY, wanted.end + 200 * DAY)
    assert days_offered(about, window)[0] == (date(2026, 12, 1), date(2026, 12, 1))


# The verdict after a lost race


def test_a_race_lost_to_the_database_reads_like_a_taken_time() -> None:
    seen, lost = judge(facts(taken=(FACTS.wanted,))), with_taken(Verdict(()), FACTS)
    assert seen == lost
    assert [one.code for one in lost.findings] == ["taken"]


def test_a_verdict_that_says_taken_already_stays_as_it_is() -> None:
    verdict = judge(facts(taken=(FACTS.wanted,)))
    assert with_taken(verdict, FACTS) is verdict


def test_what_else_is_wrong_is_still_said_after_a_lost_race() -> None:
    about = facts(terms={"longest": "1 h"})
    assert [one.code for one in with_taken(judge(about), about).findings] == ["taken", "too-long"]
