"""What a change of a booking is, and which rules count for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labbook.core.changing import Change, counting, for_a_colleague, kind_of
from labbook.core.facts import Effect, Finding, Said, Verdict
from labbook.core.interval import Interval
from labbook.core.lifecycle import Action

TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


def time(start: float, end: float) -> Interval:
    """Hours of the day."""
    return Interval(TEN + timedelta(hours=start - 10), TEN + timedelta(hours=end - 10))


def verdict(*codes: str, effect: Effect = Effect.REFUSE) -> Verdict:
    """What rules of these codes say."""
    return Verdict(tuple(Finding(code, effect, Said(code)) for code in codes))


def left(said: Verdict) -> list[str]:
    """The codes."""
    return [one.code for one in said.findings]


BEFORE = time(10, 12)
EVERY = (
    "notice",
    "past",
    "horizon",
    "ahead",
    "closed",
    "taken",
    "agreement",
    "too-short",
    "grid",
    "too-long",
    "length",
)


@pytest.mark.parametrize(
    ("wanted", "same_unit", "kind"),
    [
        (time(10, 11), True, Action.SHORTEN),
        (time(11, 12), True, Action.SHORTEN),
        (time(10, 12), True, Action.SHORTEN),
        (time(10, 13), True, Action.EXTEND),
        (time(9, 13), True, Action.EXTEND),
        (time(11, 13), True, Action.MOVE),
        (time(14, 15), True, Action.MOVE),
        (time(10, 11), False, Action.MOVE),
        (time(10, 12), False, Action.MOVE),
    ],
)
def test_what_a_change_is(wanted: Interval, same_unit: bool, kind: Action) -> None:
    assert kind_of(BEFORE, wanted, same_unit=same_unit) is kind


def test_to_give_time_back_only_what_is_left_has_to_be_a_booking() -> None:
    change = Change(BEFORE, time(10, 11), same_unit=True)
    assert left(counting(verdict(*EVERY), change)) == ["too-short", "grid", "length"]
    assert left(counting(verdict("ask-staff", effect=Effect.REVIEW), change)) == []
    assert left(counting(verdict("clock-change", effect=Effect.NOTE), change)) == ["clock-change"]
    later = Change(BEFORE, time(11, 12), same_unit=True)
    assert left(counting(verdict(*EVERY), later)) == ["past", "too-short", "grid", "length"]


def test_staff_still_decide_on_what_waits_though_it_is_shorter() -> None:
    change = Change(BEFORE, time(10, 11), same_unit=True, is_decided=False)
    assert left(counting(verdict("ask-staff", effect=Effect.REVIEW), change)) == ["ask-staff"]


def test_a_start_that_stays_was_judged_when_it_was_asked_for() -> None:
    longer = Change(BEFORE, time(10, 14), same_unit=True)
    assert left(counting(verdict(*EVERY), longer)) == [*EVERY[4:]]
    assert left(counting(verdict("ask-staff", effect=Effect.REVIEW), longer)) == ["ask-staff"]


def test_what_moves_is_judged_by_every_rule() -> None:
    assert left(counting(verdict(*EVERY), Change(BEFORE, time(13, 15), same_unit=True))) == [*EVERY]


def test_of_a_colleague_count_the_rules_about_people_and_what_is_said_of_them_alone() -> None:
    as_it_is = verdict("closed", "training")
    theirs = Verdict(
        (*verdict("closed", "training", "bookings", "past").findings, *verdict("n", effect=Effect.NOTE).findings)
    )
    assert [one.code for one in for_a_colleague(theirs, as_it_is)] == ["training", "bookings"]
    asks = verdict("decision", effect=Effect.REVIEW)
    assert [one.code for one in for_a_colleague(asks, verdict())] == ["decision"]
    assert for_a_colleague(asks, asks) == ()
