"""Limits of one set that no booking could keep together are found as they are saved."""

from __future__ import annotations

import pytest

from labbook.core.contradicting import between
from labbook.core.facts import Effect
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.length import Length
from labbook.core.limits.limit import Limit, Who
from labbook.core.weekly import Stretch, When

NIGHT = When((Stretch(frozenset(range(7)), 20 * 60, 8 * 60),))
SHORT, LONG = Length(longest=120), Length(shortest=240)


@pytest.mark.parametrize(
    ("limit", "other", "field"),
    [
        (LONG, SHORT, "shortest"),
        (SHORT, LONG, "longest"),
        (Length(shortest=240, when=NIGHT), SHORT, "shortest"),  # whatever touches the night lasts too long
        (Length(shortest=240, when=NIGHT), Length(longest=120, when=NIGHT), "shortest"),
        (Allowance(most=180), LONG, "most"),
        (LONG, Allowance(most=180), "shortest"),
        (LONG, Length(longest=120, who=Who.TRAINEES), "shortest"),  # they are among everybody
        (Length(shortest=240, modes=frozenset({"a", "b"})), Length(longest=120, modes=frozenset({"b"})), "shortest"),
    ],
)
def test_what_nobody_could_keep_is_found_at_its_field(limit: Limit, other: Limit, field: str) -> None:
    assert [one.field for one in between(limit, [other])] == [field]


@pytest.mark.parametrize(
    ("limit", "other"),
    [
        (Length(shortest=120), SHORT),
        (LONG, Length(longest=120, when=NIGHT)),  # most of it may lie by day
        (LONG, Length(longest=120, effect=Effect.REVIEW)),  # staff decide
        (Length(shortest=240, who=Who.INDEPENDENT), Length(longest=120, who=Who.TRAINEES)),
        (Length(shortest=240, modes=frozenset({"a"})), Length(longest=120, modes=frozenset({"b"}))),
        (Allowance(most=240), LONG),
        (Allowance(most=180, when=NIGHT), LONG),
        (Allowance(most=180, same_day_free=True), LONG),
    ],
)
def test_what_can_be_kept_together_is_not(limit: Limit, other: Limit) -> None:
    assert list(between(limit, [other])) == []
