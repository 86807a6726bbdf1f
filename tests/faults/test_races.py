"""Many people want the same thing at the same moment, over HTTP, from a server of several processes."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.faults import changing, closings, deciding, nevertheless, races
from tests.faults.arena import Arena
from tests.faults.races import LONG, Figures

pytestmark = pytest.mark.race

Keep = Callable[[Figures], None]


def test_of_32_who_ask_for_one_slot_exactly_one_gets_it(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    figures = races.one_slot(lab_at_risk, rounds)
    keep(figures)
    assert figures.winners == {1: rounds}
    assert figures.slowest_refusal < at_once(rounds)


def test_three_alike_units_have_exactly_three_takers(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.one_slot(lab_at_risk, rounds, pieces=3))


def test_of_overlapping_spans_no_two_are_granted(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.random_spans(lab_at_risk, rounds))


def test_times_that_merely_touch_never_refuse_each_other(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.touching(lab_at_risk, rounds))


@pytest.mark.parametrize("movers", [2, 8])
def test_one_of_the_bookings_moved_onto_one_slot_gets_it(
    lab_at_risk: Arena, rounds: int, keep: Keep, movers: int
) -> None:
    keep(races.moves(lab_at_risk, rounds, movers=movers))


def test_a_swap_loses_neither_booking(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.swaps(lab_at_risk, rounds))


@pytest.mark.parametrize("wishes", [2, 8])
def test_one_of_the_overlapping_wishes_is_approved(lab_at_risk: Arena, rounds: int, keep: Keep, wishes: int) -> None:
    keep(races.approvals(lab_at_risk, rounds, wishes=wishes))


def test_a_partner_never_has_more_than_its_allowance(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.allowances(lab_at_risk, rounds))


def test_partners_that_are_kept_apart_never_meet(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(races.rivals_apart(lab_at_risk, rounds))


def test_one_of_two_exceptions_for_the_same_time_is_approved(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(nevertheless.exceptions(lab_at_risk, rounds))


def test_the_same_exception_is_approved_once(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(nevertheless.twice(lab_at_risk, rounds))


@pytest.mark.parametrize("name", changing.DUELS)
def test_of_two_steps_with_one_booking_one_is_taken(lab_at_risk: Arena, rounds: int, keep: Keep, name: str) -> None:
    keep(changing.duel(lab_at_risk, rounds, name))


@pytest.mark.parametrize("name", deciding.DUELS)
def test_of_two_steps_at_the_desk_one_is_taken(lab_at_risk: Arena, rounds: int, keep: Keep, name: str) -> None:
    keep(deciding.duel(lab_at_risk, rounds, name))


def test_one_of_those_for_whom_one_slot_is_proposed_gets_it(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(deciding.proposals(lab_at_risk, rounds))


def test_what_is_undone_while_its_time_is_asked_for_is_had_by_one(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(deciding.undone(lab_at_risk, rounds))


def test_what_is_asked_for_while_its_place_is_closed_is_never_unnoticed(
    lab_at_risk: Arena, rounds: int, keep: Keep
) -> None:
    keep(closings.closed_while_asked_for(lab_at_risk, rounds))


def test_a_calendar_file_that_many_take_over_closes_each_date_once(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(closings.taken_over_at_once(lab_at_risk, rounds))


def at_once(rounds: int) -> float:
    """How many seconds a refusal may take: one on a machine of its own, more beside the rest of `make test`."""
    return float(os.environ.get("RACE_SECONDS") or (1 if rounds >= LONG else 4))
