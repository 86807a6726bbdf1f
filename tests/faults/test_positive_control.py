"""The races find what they look for: without lock and database guard they fail, with either alone they pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults import races
from tests.faults.arena import Arena
from tests.faults.races import Figures

pytestmark = pytest.mark.race

Race = Callable[[Arena, int], Figures]
RACES: list[Race] = [races.one_slot, races.random_spans, races.moves, races.approvals]
each_race = pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)


@each_race
def test_the_guard_alone_holds(lab_without_locks: Arena, race: Race) -> None:
    race(lab_without_locks, 1)


@each_race
def test_the_locks_alone_hold(lab_at_risk: Arena, race: Race) -> None:
    with lab_at_risk.reader.without_guard():
        race(lab_at_risk, 2)


@each_race
def test_without_either_people_are_booked_twice(lab_without_locks: Arena, race: Race) -> None:
    with lab_without_locks.reader.without_guard(), pytest.raises(AssertionError, match="double booking"):
        race(lab_without_locks, 3)


def test_without_locks_a_partner_has_more_than_its_allowance(lab_without_locks: Arena) -> None:
    with pytest.raises(AssertionError, match="allowance was exceeded"):
        races.allowances(lab_without_locks, 3)


def test_without_locks_partners_that_are_kept_apart_meet(lab_without_locks: Arena) -> None:
    with pytest.raises(AssertionError, match="kept apart met"):
        races.rivals_apart(lab_without_locks, 3)


def test_the_guard_refuses_an_overlap_made_by_hand(lab_at_risk: Arena) -> None:
    place = lab_at_risk.place()
    reader, unit = lab_at_risk.reader, place.units[0]
    claims = [reader.rows("INSERT INTO claim (kind) VALUES ('booking') RETURNING id")[0][0] for _ in range(2)]
    hold = "INSERT INTO hold (unit_id, claim_id, starts_at, ends_at) VALUES (?, ?, ?, ?)"
    reader.rows(hold, unit, claims[0], "2030-01-01 10:00:00.000000", "2030-01-01 12:00:00.000000")
    reader.rows(hold, unit, claims[1], "2030-01-01 12:00:00.000000", "2030-01-01 13:00:00.000000")
    with pytest.raises(reader.refusal, match="no_overlap"):
        reader.rows(hold, unit, claims[1], "2030-01-01 11:00:00.000000", "2030-01-01 11:30:00.000000")
    with pytest.raises(reader.refusal, match="no_overlap"):
        reader.rows("UPDATE hold SET starts_at = ? WHERE claim_id = ?", "2030-01-01 11:59:00.000000", claims[1])
    reader.rows("DELETE FROM hold WHERE unit_id = ?", unit)
