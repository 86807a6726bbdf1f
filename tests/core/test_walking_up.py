"""What whoever stands before a resource can have of it: what the judge allows, from the slot that is running."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.facts import Facts, Shut
from labbook.core.hours import Cover, Opening
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.walking_up import first_chance, presence, running_slot, soon
from tests.core.cases import BY_DAY, DAY, FACTS, HOUR, MINUTE, TERMS, at, span

WINDOW = Interval(FACTS.now - 2 * DAY, FACTS.now + 8 * DAY)
WORK = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(5))


def unit(now: str, *taken: Interval, **changes: object) -> Facts:
    """One unit of the ordinary resource, as it stands then."""
    return replace(FACTS, now=at(now), taken=taken, **changes)  # type: ignore[arg-type]


def said(facts: Facts) -> list[str]:
    """The ends on offer on the site's wall, after the start."""
    chance = first_chance([facts], WINDOW)
    if chance is None:
        return []
    return [f"{one.astimezone(facts.zone):%H:%M}" for one in (chance.start, *(end.at for end in chance.ends))]


def test_lengths_count_from_now_and_end_on_the_grid() -> None:
    assert said(unit("2026-11-23 09:17")) == ["09:00", "10:00", "10:30", "11:30", "13:00"]
    assert said(unit("2026-11-23 09:00")) == ["09:00", "09:30", "10:00", "11:00", "13:00"]


def test_the_last_length_is_as_long_as_can_be_had() -> None:
    assert said(unit("2026-11-23 09:00", span("2026-11-23 11:30", "2026-11-23 12:00"))) == [
        *("09:00", "09:30", "10:00", "11:00", "11:30"),
    ]


def test_what_is_taken_is_offered_from_when_it_is_free() -> None:
    assert said(unit("2026-11-23 09:00", span("2026-11-23 09:00", "2026-11-23 10:10")))[:2] == ["10:30", "11:00"]


def test_of_several_units_the_one_that_stays_free_for_longest() -> None:
    first = unit("2026-11-23 09:00", span("2026-11-23 10:00", "2026-11-23 12:00"))
    second = unit("2026-11-23 09:00", span("2026-11-23 11:00", "2026-11-23 12:00"))
    chance = first_chance([first, second], WINDOW)
    assert chance is not None
    assert chance.until == at("2026-11-23 11:00")


def test_whom_no_other_time_would_help_has_no_chance() -> None:
    assert first_chance([unit("2026-11-23 09:00", is_visible=False)], WINDOW) is None
    assert soon([unit("2026-11-23 09:00", is_visible=False)], WINDOW, HOUR) is None


@pytest.mark.parametrize(
    ("taken", "free", "until", "is_shut"),
    [
        ([], 1, "2026-11-23 18:00", False),
        ([span("2026-11-23 12:00", "2026-11-23 13:00")], 1, "2026-11-23 12:00", False),
        ([span("2026-11-23 08:00", "2026-11-23 13:00")], 0, "2026-11-23 13:00", False),
        ([span("2026-11-23 08:00", "2026-11-23 20:00")], 0, "2026-11-24 09:00", False),
    ],
)
def test_how_it_stands_is_said_with_hours_in_mind(taken: list[Interval], free: int, until: str, is_shut: bool) -> None:
    terms = replace(TERMS, cover=Cover.ALL)
    found = presence([unit("2026-11-23 09:30", *taken, terms=terms, openings=WORK)], WINDOW)
    assert (found.free, found.until, found.is_shut) == (free, at(until), is_shut)


def test_what_is_closed_is_not_in_use() -> None:
    shut = Shut(span("2026-11-23 09:00", "2026-11-23 15:00"), Words("Repair", "修理"))
    found = presence([unit("2026-11-23 09:30", shut=(shut,))], WINDOW)
    assert (found.free, found.until, found.is_shut) == (0, at("2026-11-23 15:00"), True)


def test_soon_takes_only_what_begins_within_the_time_that_is_named() -> None:
    facts = unit("2026-11-23 09:00", span("2026-11-23 09:00", "2026-11-23 10:00"))
    chance = soon([facts], WINDOW, HOUR + MINUTE)
    assert chance is not None
    assert chance.start == at("2026-11-23 10:00")
    assert soon([facts], WINDOW, 59 * MINUTE) is None


def test_what_is_booked_by_the_day_begins_today() -> None:
    facts = unit("2026-11-23 15:00", terms=BY_DAY)
    assert running_slot(facts) == at("2026-11-23 00:00")
    chance = first_chance([facts], Interval(WINDOW.start, WINDOW.end + 60 * DAY))
    assert chance is not None
    assert chance.ends[0].at == at("2026-11-24 00:00")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 24 * 60 - 1),
    st.lists(st.tuples(st.integers(0, 47), st.integers(1, 8)), max_size=6),
)
def test_every_length_on_offer_is_one_that_the_judge_allows(minute: int, taken: list[tuple[int, int]]) -> None:
    start = at("2026-11-23 00:00")
    held = tuple(Interval(start + slot * 30 * MINUTE, start + (slot + length) * 30 * MINUTE) for slot, length in taken)
    facts = replace(FACTS, now=start + timedelta(minutes=minute), taken=tuple(sorted(held)))
    chance = first_chance([facts], WINDOW)
    assert chance is not None
    assert chance.start + 30 * MINUTE > facts.now
    assert chance.ends
    for end in chance.ends:
        judged, verdict = chance.judged_until(end.at)
        assert not verdict.is_refused
        assert not any(one.overlaps(judged.wanted) for one in held)
