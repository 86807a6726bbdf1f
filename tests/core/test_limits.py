"""Every kind of limit: both sides of each boundary, changes of the clocks, holidays; and what holds of all."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core import limits
from labbook.core.calendar import Span
from labbook.core.facts import Effect, Facts
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits import KINDS
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.applied import Applied
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.counting import Subject
from labbook.core.limits.in_a_row import InARow
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit, spelled
from labbook.core.rules import judge
from labbook.core.usage import Ledger, Use, minutes_of
from tests.core.cases import at
from tests.core.limit_cases import BESIDE, EVENING, HERE, NOW, PEAK, Case, cases, wish

CASES = list(cases())
_AFTER_ASKING = {"no-show"}  # it has its say once the booking has begun: tests/bookings
_TESTED_APART = {path.stem.removeprefix("test_").replace("_", "-") for path in Path(__file__).parent.glob("test_*.py")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.limit.code}: {case.why}")
def test_a_limit_stops_this_and_not_its_neighbour(case: Case) -> None:
    look = case.facts.limits[0].look(case.facts)
    assert (None if look is None else look.is_kept) is case.is_kept


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.limit.code}: {case.why}")
def test_the_judge_says_what_is_not_kept_with_its_effect_and_whose_rule_it_is(case: Case) -> None:
    found = [one for one in judge(case.facts).findings if one.limit_key]
    assert bool(found) is (case.is_kept is False)
    source = Words() if case.limit.is_confidential else Words("Set", "規則")
    for one in found:
        assert (one.code, one.effect, one.source) == (case.limit.code, case.limit.effect, source)
        assert one.said.sentence
        assert one.limit_key == "set/1"


@pytest.mark.parametrize("code", sorted(set(KINDS) - _AFTER_ASKING - _TESTED_APART))
def test_every_kind_without_a_file_of_its_own_has_cases_on_both_sides(code: str) -> None:
    said = {case.is_kept for case in CASES if case.limit.code == code}
    assert False in said
    assert said & {True, None}


@pytest.mark.parametrize("effect", Effect)
def test_what_follows_is_the_limits_own_choice(effect: Effect) -> None:
    facts = wish(Length(longest=30, effect=effect), Interval(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=1)))
    verdict = judge(facts)
    assert verdict.is_refused is (effect is Effect.REFUSE)
    assert verdict.needs_review is (effect is Effect.REVIEW)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_kind_is_stored_and_read_back_as_it_was(kind: type[Limit]) -> None:
    limit = kind()
    assert limits.read(spelled(limit)) == limit
    assert {one.name for one in fields(kind)} < set(spelled(limit))


def test_a_limit_stored_before_it_had_a_field_has_that_fields_default() -> None:
    plain = spelled(Allowance(most=60))
    del plain["free_hours"]
    assert limits.read(plain) == Allowance(most=60)


# --- what holds whatever the limits are -------------------------------------------------------------------------------

BASE = at("2026-11-23 00:00")
times = st.builds(
    lambda start, length: Interval(
        BASE + start * timedelta(minutes=30), BASE + (start + length) * timedelta(minutes=30)
    ),
    st.integers(0, 48 * 14),
    st.integers(1, 20),
)
uses = st.lists(
    st.builds(
        lambda time, person, resource, lead: Use(*minutes_of(time), resource, person, None, minutes_of(time)[0] - lead),
        times,
        st.integers(1, 3),
        st.sampled_from((HERE, BESIDE)),
        st.integers(1, 4000),
    ),
    max_size=12,
)
amounts = st.integers(0, 900)
counting = st.fixed_dictionaries(
    {
        "span": st.sampled_from((Span.DAY, Span.WEEK, Span.MONTH, Span.AHEAD)),
        "subject": st.sampled_from(Subject),
        "when": st.sampled_from((PEAK, EVENING, Allowance().when)),
        "free_hours": st.sampled_from((0, 24)),
        "each_alone": st.booleans(),
    }
)
any_limit = st.one_of(
    st.builds(lambda most, more: Allowance(most=most, **more), amounts, counting),
    st.builds(lambda most, more: Bookings(most=most, **more), st.integers(0, 5), counting),
    st.builds(lambda most, more: Days(most=most, **more), st.integers(0, 5), counting),
    st.builds(lambda most: InARow(most=most), st.integers(1, 900)),
    st.builds(lambda most, subject: AtOnce(most=most, subject=subject), st.integers(1, 4), st.sampled_from(Subject)),
    st.builds(lambda longest: Length(longest=longest, when=PEAK), st.integers(1, 600)),
)


def under(made: list[Limit], rows: list[Use], time: Interval) -> Facts:
    """A wish under these limits."""
    facts = wish(Allowance(), time, rows)
    applied = [
        Applied(one, f"set-{number}", Words("Set"), "1", frozenset({HERE, BESIDE})) for number, one in enumerate(made)
    ]
    return replace(facts, limits=tuple(applied))


@settings(max_examples=60, deadline=None)
@given(st.lists(any_limit, max_size=6), uses, times, st.randoms(use_true_random=False))
def test_judging_is_deterministic_and_does_not_depend_on_the_order_of_rules(
    made: list[Limit], rows: list[Use], time: Interval, dice: random.Random
) -> None:
    facts = under(made, rows, time)
    once = judge(facts)
    assert judge(facts) == once
    shuffled = list(facts.limits)
    dice.shuffle(shuffled)
    assert facts.record is not None
    fresh = replace(facts.record, ledger=Ledger(facts.record.ledger.uses))
    assert judge(replace(facts, limits=tuple(shuffled), record=fresh)) == once


@settings(max_examples=60, deadline=None)
@given(any_limit, uses, times)
def test_a_looser_limit_never_stops_what_a_stricter_one_lets_pass(
    limit: Limit, rows: list[Use], time: Interval
) -> None:
    bound = "longest" if isinstance(limit, Length) else "most"
    looser = replace(limit, **{bound: getattr(limit, bound) + 1})
    strict, loose = (under([one], rows, time).limits[0].look(under([one], rows, time)) for one in (limit, looser))
    if strict is not None and strict.is_kept:
        assert loose is not None
        assert loose.is_kept


@settings(max_examples=60, deadline=None)
@given(counting, uses, times)
def test_hours_are_what_one_counts_minute_by_minute(more: dict[str, object], rows: list[Use], time: Interval) -> None:
    """Against the plainest possible reckoning: every half hour of every booking, one by one."""
    limit = Allowance(most=300, **{**more, "span": Span.WEEK, "subject": Subject.PARTNER, "free_hours": 0})  # type: ignore[arg-type]
    facts = under([limit], rows, time)
    look = facts.limits[0].look(facts)
    assert facts.record is not None
    calendar, use = facts.record.calendar, facts.record.use(time, facts.now)
    if limit.each_alone:
        rows = [one for one in rows if one.resource_id == HERE]
    totals = []
    for stretch in calendar.stretches(Span.WEEK, 0, time):
        counted = calendar.counting(limit.when, stretch)
        minutes = [m for one in (*rows, use) for m in range(one.start, one.end, 30)]
        own = [m for m in range(use.start, use.end, 30) if any(a <= m < b for a, b in counted)]
        if own:
            totals.append(30 * sum(any(a <= m < b for a, b in counted) for m in minutes))
    assert (look is None) is (not totals)
    if look is not None:
        assert look.is_kept is (max(totals) <= 300)
