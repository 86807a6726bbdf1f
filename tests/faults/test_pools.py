"""Alike units, and what is held together, asked for by many at the same moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults import pools
from tests.faults.arena import Arena
from tests.faults.races import Figures

pytestmark = pytest.mark.race

Keep = Callable[[Figures], None]


def test_of_16_who_take_any_of_8_units_exactly_8_have_one_each(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    figures = pools.any_of(lab_at_risk, rounds)
    keep(figures)
    assert figures.winners == {pools.UNITS: rounds}


def test_a_suite_and_its_benches_are_never_both_taken(lab_at_risk: Arena, rounds: int, keep: Keep) -> None:
    keep(pools.suite_and_benches(lab_at_risk, rounds))
