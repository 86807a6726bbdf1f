"""A pause between one person's bookings, so that others have a turn."""

from __future__ import annotations

from typing import Any

import pytest

from labbook.core.interval import Interval
from labbook.core.limits.limit import Place
from labbook.core.limits.rest import Rest
from labbook.core.rules import judge
from labbook.core.usage import Use
from tests.core.cases import NEW_YORK, at, span
from tests.core.limit_cases import BESIDE, COLLEAGUE, ELSEWHERE, nov, used, wish

HALF_A_DAY = Rest(least=12 * 60)
BEFORE_TIME = nov("25 09:00", "25 12:00")
BEFORE = used(BEFORE_TIME)


@pytest.mark.parametrize(
    ("time", "other", "is_kept"),
    [
        (nov("26 00:00", "26 02:00"), BEFORE, True),
        (nov("25 23:59", "26 02:00"), BEFORE, False),
        (nov("24 19:00", "24 21:00"), BEFORE, True),
        (nov("24 19:00", "24 21:01"), BEFORE, False),
        (nov("25 12:00", "25 13:00"), BEFORE, False),
        (nov("25 12:00", "25 13:00"), used(BEFORE_TIME, COLLEAGUE), True),
        (nov("25 12:00", "25 13:00"), used(BEFORE_TIME, resource=BESIDE), False),
        (nov("25 12:00", "25 13:00"), used(BEFORE_TIME, resource=ELSEWHERE), True),
    ],
)
def test_between_two_bookings_of_a_person_lies_half_a_day(time: Interval, other: Use, is_kept: bool) -> None:
    assert judge(wish(HALF_A_DAY, time, [other])).has("rest") is not is_kept


def test_each_resource_may_count_by_itself() -> None:
    alone = Rest(least=12 * 60, each_alone=True)
    time = nov("25 12:00", "25 13:00")
    assert not judge(wish(alone, time, [used(BEFORE_TIME, resource=BESIDE)])).has("rest")
    assert judge(wish(alone, time, [BEFORE])).has("rest")


def test_the_pause_is_time_that_really_passes() -> None:
    evening = used(span("2026-10-31 14:00", "2026-10-31 18:00", NEW_YORK))
    there: dict[str, Any] = {"zone": NEW_YORK, "country": "US", "now": at("2026-10-27 08:00", NEW_YORK)}
    for start, is_kept in (("2026-11-01 05:00", True), ("2026-11-01 04:59", False)):  # the clocks go back at two
        time = span(start, "2026-11-01 07:00", NEW_YORK)
        assert judge(wish(HALF_A_DAY, time, [evening], **there)).has("rest") is not is_kept


def test_no_pause_at_all_is_no_rule() -> None:
    assert [one.field for one in Rest().problems(Place([], []))] == ["least"]
    assert not list(HALF_A_DAY.problems(Place([], [])))
