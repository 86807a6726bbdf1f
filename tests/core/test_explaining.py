"""The judge explains: every rule that applied, and what would do instead, which is accepted by the same judge."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.calendar import Span
from labbook.core.explaining import PASSED, Elsewhere, Explanation, Outcome, explain
from labbook.core.facts import Effect, Facts, Waives
from labbook.core.hours import Cover, Opening
from labbook.core.interval import Interval
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.counting import Subject
from labbook.core.rules import RULES, judge
from tests.core.cases import FACTS, facts, span
from tests.core.test_free import around
from tests.core.test_free_limits import applied, limited_wishes, used, with_limits

WEEK = Allowance(most=12 * 60, span=Span.WEEK, subject=Subject.PARTNER)


def explained(about: Facts, elsewhere: Elsewhere | None = None) -> Explanation:
    return explain(about, around(about.wanted), None, elsewhere)


def codes(said: Explanation, outcome: Outcome) -> list[str]:
    return [one.code for one in said.of(outcome)]


def test_an_ordinary_booking_passes_the_rules_that_concern_it() -> None:
    said = explained(FACTS)
    assert codes(said, Outcome.KEPT) == ["agreement", "closed", "taken", "grid", "too-short", "too-long", "horizon"]
    assert len(said.lines) == 7
    assert not said.offers


def test_opening_hours_and_notice_are_said_where_there_are_some() -> None:
    hours = tuple(Opening(day, 0, 1440) for day in range(7))
    said = explained(facts(openings=hours, terms={"cover": Cover.ALL, "notice": "1 h"}))
    assert {"hours", "notice"} <= set(codes(said, Outcome.KEPT))


def test_every_rule_says_what_it_means_that_it_passes() -> None:
    assert set(PASSED) == set(RULES)


def test_what_stands_in_the_way_comes_first_and_is_not_among_what_passed() -> None:
    said = explained(facts(terms={"longest": "1 h"}, taken=(FACTS.wanted,)))
    assert [one.code for one in said.lines][:2] == ["taken", "too-long"]
    assert not {"taken", "too-long"} & set(codes(said, Outcome.KEPT))
    assert [one.waives for one in said.of(Outcome.REFUSE)] == [Waives.NOBODY, Waives.STAFF]


def test_limits_say_whose_they_are_and_their_numbers_kept_or_not() -> None:
    limits = applied(WEEK, Bookings(most=1, span=Span.DAY, effect=Effect.REVIEW))
    uses = [*used(("2026-11-23 10:00", "2026-11-23 13:00"), person=7), *used(("2026-11-24 14:00", "2026-11-24 16:00"))]
    said = explained(with_limits(FACTS, limits, uses))
    (review,), kept = said.of(Outcome.REVIEW), said.of(Outcome.KEPT)[-1]
    assert (review.source, review.code, review.limit_key) == (Words("Set", "規則"), "bookings", "set/1")
    assert kept.code == "allowance"
    assert kept.meter is not None
    assert (kept.meter.used, kept.meter.by_you, kept.meter.would_be, kept.meter.most) == (300, 120, 420, 720)
    assert said.meters == (review, kept)


def test_nobody_reads_that_partners_are_kept_apart() -> None:
    limits, wanted = applied(Apart(partners=frozenset({"me", "they"}))), FACTS.wanted
    free = explained(with_limits(FACTS, limits, [], partner_key="me"))
    assert "apart" not in [one.code for one in free.lines]
    held = explained(with_limits(FACTS, limits, [], partner_key="me", present={"set/0": (wanted,)}))
    (line,) = held.of(Outcome.REFUSE)
    assert (line.code, line.source, line.meter) == ("apart", Words(), None)


def test_another_unit_is_offered_only_when_it_would_do() -> None:
    taken = facts(taken=(FACTS.wanted,))
    assert explained(taken, Elsewhere({"2": taken, "3": FACTS, "4": FACTS})).offers.unit == "3"
    assert explained(taken, Elsewhere({"2": taken})).offers.unit == ""
    assert explained(FACTS, Elsewhere({"2": FACTS})).offers.unit == ""  # nothing stands in the way


def test_comparable_resources_are_offered_when_one_of_their_units_would_do() -> None:
    taken = facts(taken=(FACTS.wanted,))
    there = {"one": [taken, FACTS], "two": [taken], "three": [facts(is_visible=False)]}
    assert explained(taken, Elsewhere(resources=there)).offers.resources == ("one",)


def test_a_shorter_time_and_the_nearest_ones_are_offered() -> None:
    said = explained(facts(taken=(span("2026-11-24 11:00", "2026-11-24 13:00"),)))
    assert said.offers.shorter == span("2026-11-24 10:00", "2026-11-24 11:00")
    assert span("2026-11-24 13:00", "2026-11-24 15:00") in said.offers.free


@settings(max_examples=80, deadline=None)
@given(limited_wishes(), st.randoms())
def test_whatever_is_offered_is_accepted_and_said_the_same_way_each_time(
    wish: tuple[Facts, Interval], dice: object
) -> None:
    about, window = wish
    moved = replace(about, taken=())
    elsewhere = Elsewhere({"2": moved}, {"other": [about, moved]})
    said = explain(about, window, None, elsewhere)
    offered = [*said.offers.free, *([said.offers.shorter] if said.offers.shorter else [])]
    assert not any(judge(replace(about, wanted=one)).is_refused for one in offered)
    assert not said.offers.unit or not judge(moved).is_refused
    assert bool(said.offers.resources) == (said.verdict.is_refused and not judge(moved).is_refused)
    limits = list(about.limits)
    dice.shuffle(limits)  # type: ignore[attr-defined]
    again = explain(
        replace(about, limits=tuple(limits)), window, None, Elsewhere({"2": moved}, {"other": [about, moved]})
    )
    assert (again.lines, again.offers) == (said.lines, said.offers)


@settings(max_examples=80, deadline=None)
@given(limited_wishes())
def test_every_finding_is_a_line_and_no_rule_says_both(wish: tuple[Facts, Interval]) -> None:
    about, window = wish
    said = explain(about, window)
    found = {(one.code, one.limit_key) for one in judge(about).findings}
    broken = {(one.code, one.limit_key) for one in said.lines if one.outcome is not Outcome.KEPT}
    kept = {(one.code, one.limit_key) for one in said.of(Outcome.KEPT)}
    assert broken == found
    assert not broken & kept
