"""The times that are offered instead keep the limits of all rule sets too, and so do shorter ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.calendar import Calendar, Span
from labbook.core.facts import Effect, Facts
from labbook.core.free import longest_shorter, nearest_free
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits.ahead import Ahead
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.applied import Applied, Bounds
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.counting import Subject
from labbook.core.limits.hours import OnlyWithin
from labbook.core.limits.in_a_row import InARow
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit
from labbook.core.record import Record
from labbook.core.rules import judge
from labbook.core.usage import Ledger, Use, minute_of
from labbook.core.weekly import ALWAYS, Stretch, When
from tests.core.cases import DAY, HOUR, NEW_YORK, TOKYO, at, facts, span
from tests.core.test_free import around, by_trying_everything, offered

PEAK = When((Stretch(frozenset(range(5)), 9 * 60, 19 * 60),), name=Words("peak", "ピーク時間"))
NIGHT = When((Stretch(frozenset(range(7)), 19 * 60, 9 * 60),))
SCOPE = frozenset({1, 2})
NOW = at("2026-11-23 09:00")


def applied(*limits: Limit, bounds: tuple[Bounds, ...] = ()) -> tuple[Applied, ...]:
    """Limits of one rule set about two resources."""
    return tuple(Applied(one, "set", Words("Set", "規則"), str(n), SCOPE, bounds) for n, one in enumerate(limits))


def used(*times: tuple[str, str], person: int = 1, resource: int = 1) -> list[Use]:
    """Bookings of the partner, as in ("2026-11-24 10:00", "2026-11-24 12:00"), asked for long ago."""
    spans = [span(*one) for one in times]
    return [Use(minute_of(one.start), minute_of(one.end), resource, person) for one in spans]


def with_limits(about: Facts, limits: tuple[Applied, ...], uses: list[Use], **more: object) -> Facts:
    """The facts of person 1 who asks for resource 1, where these limits apply."""
    calendar = Calendar(about.zone, 0, frozenset({date(2026, 11, 23)}))
    first, last = (min(uses)[0], max(uses)[0] + 1) if uses else (0, 1)
    ledger = Ledger(sorted(uses), lambda: calendar.midnights(calendar.interval(first, last)))
    return replace(about, limits=limits, record=Record(calendar, 1, 1, ledger=ledger, **more))  # type: ignore[arg-type]


# As people meet it


def test_after_the_peak_hours_of_the_day_are_used_the_evening_and_the_morning_are_offered() -> None:
    about = facts(now=at("2026-11-24 08:00"), wanted=span("2026-11-24 13:00", "2026-11-24 15:00"))
    limited = with_limits(
        about, applied(Allowance(most=180, span=Span.DAY, when=PEAK)), used(("2026-11-24 09:00", "2026-11-24 11:00"))
    )
    assert offered(limited, count=2) == ["Tue 24 08:00-10:00", "Tue 24 18:00-20:00"]


def test_after_the_week_is_used_up_the_next_one_is_offered() -> None:
    week = [(f"2026-11-{day} 09:00", f"2026-11-{day} 13:00") for day in (24, 25, 26)]
    limit = Allowance(most=12 * 60, span=Span.WEEK, subject=Subject.PARTNER)
    about = facts(wanted=span("2026-11-27 10:00", "2026-11-27 12:00"), now=at("2026-11-27 08:00"))
    assert offered(with_limits(about, applied(limit), used(*week, person=7)), count=1) == ["Mon 30 00:00-02:00"]


def test_a_limit_that_only_notes_or_asks_staff_keeps_no_time_from_being_offered() -> None:
    for effect in (Effect.NOTE, Effect.REVIEW):
        limited = with_limits(facts(), applied(Allowance(most=0, effect=effect)), [])
        assert offered(limited, count=1) == ["Tue 24 10:00-12:00"]


def test_nothing_is_offered_where_every_time_is_refused() -> None:
    assert offered(with_limits(facts(), applied(Bookings(most=0, span=Span.DAY)), [])) == []


def test_a_rule_that_begins_tomorrow_keeps_tomorrow_from_being_offered() -> None:
    begins: tuple[Bounds, ...] = ((date(2026, 11, 25), None),)
    taken = (span("2026-11-24 00:00", "2026-11-25 00:00"),)
    limited = with_limits(facts(taken=taken), applied(Bookings(most=0, span=Span.DAY), bounds=begins), [])
    assert offered(limited, count=1) == ["Mon 23 22:00-00:00"]
    assert judge(replace(limited, wanted=span("2026-11-25 10:00", "2026-11-25 12:00"))).is_refused


def test_what_is_left_of_an_allowance_is_offered_as_a_shorter_time() -> None:
    limited = with_limits(
        facts(), applied(Allowance(most=180, span=Span.DAY)), used(("2026-11-24 14:00", "2026-11-24 16:00"))
    )
    assert judge(limited).is_refused
    assert longest_shorter(limited, around(limited.wanted)) == span("2026-11-24 10:00", "2026-11-24 11:00")


def test_too_long_a_time_is_offered_as_the_longest_booking() -> None:
    about = facts(wanted=span("2026-11-24 10:00", "2026-11-24 18:00"))
    assert longest_shorter(about, around(about.wanted)) == span("2026-11-24 10:00", "2026-11-24 14:00")


def test_a_time_that_runs_into_another_is_offered_up_to_its_buffer() -> None:
    about = facts(terms={"after": "15 min"}, taken=(span("2026-11-24 11:00", "2026-11-24 13:00"),))
    assert longest_shorter(about, around(about.wanted)) == span("2026-11-24 10:00", "2026-11-24 10:30")


@pytest.mark.parametrize("start", ["10:10", "09:00"])
def test_a_start_that_will_not_do_has_no_shorter_time(start: str) -> None:
    about = facts(
        wanted=span(f"2026-11-24 {start}", "2026-11-24 12:00"), taken=(span("2026-11-24 08:00", "2026-11-24 10:00"),)
    )
    assert longest_shorter(about, around(about.wanted)) is None


# Against a search that tries everything

hours = st.sampled_from((ALWAYS, PEAK, NIGHT, replace(PEAK, is_outside=True)))
spans = st.sampled_from(
    ((Span.DAY, 0), (Span.WEEK, 0), (Span.MONTH, 0), (Span.DAYS, 3), (Span.AHEAD, 0), (Span.SOON, 40))
)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    """Any limit that a time may keep or break."""
    over, count = draw(spans)
    most, when, subject = draw(st.integers(0, 8)), draw(hours), draw(st.sampled_from(Subject))
    free, same_day = draw(st.sampled_from((0, 0, 12))), draw(st.booleans())
    counting = {
        "span": over,
        "span_count": count,
        "when": when,
        "subject": subject,
        "free_hours": free,
        "same_day_free": same_day,
    }
    return draw(
        st.sampled_from(
            (
                Allowance(most=most * 60, **counting),
                Bookings(most=most, **counting),
                Days(most=most, **counting),
                InARow(most=most * 60 + 30, when=when),
                AtOnce(most=most // 3 + 1, subject=subject),
                Length(longest=most * 60 + 30, when=when),
                Length(shortest=most * 30),
                OnlyWithin(when=NIGHT if when == ALWAYS else when),
                Ahead(hours=most * 4, days=most),
                Apart(partners=frozenset({"me", "they"})),
            )
        )
    )


@st.composite
def limited_wishes(draw: st.DrawFn) -> tuple[Facts, Interval]:
    """A wish around a change of clocks or a holiday, with some limits, some use and some of it taken."""
    zone, day = draw(st.sampled_from(((TOKYO, "2026-11-23 00:00"), (NEW_YORK, "2026-11-01 00:00"))))
    midnight = at(day, zone)
    start = midnight + draw(st.integers(0, 96)) * HOUR / 2
    wanted = Interval(start, start + draw(st.integers(1, 8)) * HOUR / 2)
    window = Interval(wanted.start - DAY, wanted.end + 2 * DAY)
    places = st.tuples(
        st.integers(-60, 120), st.integers(1, 12), st.integers(1, 2), st.integers(1, 2), st.integers(0, 60)
    )
    uses = [
        Use(begin, begin + long * 30, resource, person, None, begin - asked * 60)
        for at_, long, resource, person, asked in draw(st.lists(places, max_size=12))
        if (begin := minute_of(midnight) + at_ * 30)
    ]
    taken = tuple(
        Interval(midnight + at_ * HOUR / 2, midnight + (at_ + long) * HOUR / 2)
        for at_, long, *_ in draw(st.lists(places, max_size=4))
    )
    about = facts(zone=zone, wanted=wanted, now=window.start + draw(st.integers(-5, 40)) * HOUR, taken=taken)
    begins: tuple[Bounds, ...] = draw(st.sampled_from(((), ((about.first_on, None),), ((None, about.first_on),))))
    chosen = applied(*draw(st.lists(limits(), max_size=4)), bounds=begins)
    present = {one.key: taken[:1] for one in chosen}
    return with_limits(about, chosen, uses, partner_key="me", present=present), window


@settings(max_examples=120, deadline=None)
@given(limited_wishes())
def test_the_nearest_times_are_those_that_judging_everything_finds(wish: tuple[Facts, Interval]) -> None:
    about, window = wish
    found = nearest_free(about, window)
    assert found == by_trying_everything(about, window, 3)
    assert found == nearest_free(replace(about, limits=about.limits[::-1]), window)  # the order of rules is nothing


@settings(max_examples=120, deadline=None)
@given(limited_wishes())
def test_the_shorter_time_is_the_longest_that_judging_everything_finds(wish: tuple[Facts, Interval]) -> None:
    about, window = wish

    def shorter() -> Iterator[Interval]:
        for number in range(1, 48):
            end = about.wanted.end - number * timedelta(minutes=10)
            if (
                end > about.wanted.start
                and not judge(replace(about, wanted=Interval(about.wanted.start, end))).is_refused
            ):
                yield Interval(about.wanted.start, end)

    assert longest_shorter(about, window) == next(shorter(), None)


def test_three_thousand_starts_are_tried_in_far_less_than_a_second() -> None:
    """Thirty limits, five thousand bookings, nothing to be found."""
    begin = minute_of(NOW) - 30 * 1440
    uses = [Use(begin + n * 20, begin + n * 20 + 60, n % 2 + 1, n % 40, None, begin - 9000) for n in range(5000)]
    kept = [Allowance(most=10**6, span=over, span_count=9, when=PEAK) for over in Span] * 4
    refusing = [
        Days(most=0, span=Span.AHEAD, subject=Subject.PARTNER),
        OnlyWithin(when=PEAK),
        Length(longest=30, when=replace(PEAK, is_outside=True)),
    ]
    about = facts(terms={"slot": "5 min", "shortest": "5 min", "horizon": "90 d"})
    window = around(about.wanted)
    slowest = 0.0
    for limit in (*refusing, Allowance(most=0, when=replace(PEAK, is_outside=True), span=Span.MONTH)):
        limited = with_limits(about, applied(*kept, limit, Length(longest=30, when=PEAK)), uses)
        begun = perf_counter()
        assert nearest_free(limited, window) == []
        slowest = max(slowest, perf_counter() - begun)
    assert slowest < 1.5, slowest
