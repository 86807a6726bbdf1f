"""How an allowance stands now, without a wanted booking."""

from __future__ import annotations

from datetime import datetime

import pytest

from labbook.core.calendar import Calendar, Span
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.at_once import AtOnce
from labbook.core.limits.bookings import Bookings, Days
from labbook.core.limits.counting import Subject
from labbook.core.limits.deadline import Deadline
from labbook.core.limits.limit import Limit
from labbook.core.limits.standing import Standing
from labbook.core.record import Record
from labbook.core.usage import Ledger, Use
from tests.core.cases import TOKYO, at
from tests.core.test_free_limits import NIGHT, PEAK, applied, used

WEDNESDAY = at("2026-11-25 12:00")
USES = [
    *used(("2026-11-23 10:00", "2026-11-23 12:00")),  # Monday, a holiday
    *used(("2026-11-24 18:00", "2026-11-24 20:00"), person=2),
    *used(("2026-11-25 11:00", "2026-11-25 14:00")),
    *used(("2026-11-25 11:30", "2026-11-25 12:30"), person=2, resource=2),
    *used(("2026-11-30 09:00", "2026-11-30 10:00"), person=2),
    *used(("2026-11-25 09:00", "2026-11-25 10:00"), resource=9),  # out of scope
]


def stands(limit: Limit, now: datetime = WEDNESDAY, uses: list[Use] = USES, person: int = 1) -> list[Standing]:
    record = Record(Calendar(TOKYO), 1, person, ledger=Ledger(sorted(uses)))
    (one,) = applied(limit)
    return limit.standing(record, one, now)


@pytest.mark.parametrize(
    ("limit", "used_", "by_you"),
    [
        (Allowance(most=600, span=Span.DAY), 180, 180),
        (Allowance(most=600, span=Span.DAY, subject=Subject.PARTNER), 240, 180),
        (Allowance(most=600, span=Span.WEEK, subject=Subject.PARTNER), 480, 300),
        (Allowance(most=600, span=Span.WEEK, subject=Subject.PARTNER, when=PEAK), 420, 300),
        (Allowance(most=600, span=Span.MONTH, subject=Subject.PARTNER), 540, 300),
        (Allowance(most=600, span=Span.DAYS, span_count=6, subject=Subject.PARTNER), 480, 300),
        (Allowance(most=600, span=Span.AHEAD, subject=Subject.PARTNER), 210, 120),  # what is to come
        (Allowance(most=600, span=Span.SOON, span_count=1, subject=Subject.PARTNER), 90, 60),
        (Bookings(most=4, span=Span.WEEK, subject=Subject.PARTNER), 4, 2),
        (Days(most=4, span=Span.WEEK, when=NIGHT, subject=Subject.PARTNER), 1, 0),
        (AtOnce(most=3, subject=Subject.PARTNER), 2, 1),
        (AtOnce(most=3), 1, 1),
    ],
)
def test_what_is_used_of_it(limit: Limit, used_: int, by_you: int) -> None:
    (one,) = stands(limit)
    assert (one.meter.used, one.meter.by_you, one.meter.would_be) == (used_, by_you, used_)


def test_the_last_minute_of_the_week_still_counts_in_it() -> None:
    limit = Allowance(most=600, span=Span.WEEK, subject=Subject.PARTNER)
    assert stands(limit, at("2026-11-29 23:59"))[0].meter.used == 480
    assert stands(limit, at("2026-11-30 00:00"))[0].meter.used == 60


def test_where_each_resource_counts_by_itself_those_with_use_are_said() -> None:
    each = stands(Allowance(most=600, span=Span.DAY, each_alone=True))
    assert [(one.resource_id, one.meter.used) for one in each] == [(1, 180)]
    shared = stands(Allowance(most=600, span=Span.DAY, each_alone=True, subject=Subject.PARTNER))
    assert [(one.resource_id, one.meter.used) for one in shared] == [(1, 180), (2, 60)]


def test_where_each_project_counts_by_itself_those_with_use_are_said() -> None:
    uses = [one._replace(project_id=5) if one.person_id == 1 else one for one in USES]
    each = stands(Allowance(most=600, span=Span.WEEK, subject=Subject.PROJECT), uses=uses)
    assert [(one.project_id, one.meter.used) for one in each] == [(5, 300)]


def test_an_allowance_that_nobody_has_touched_is_said_once() -> None:
    for limit in (
        Allowance(most=600, each_alone=True),
        Allowance(most=600, subject=Subject.PROJECT),
        Allowance(most=600, span=Span.AHEAD),
        Bookings(most=2, span=Span.SOON, span_count=4),
        AtOnce(most=1),
    ):
        (one,) = stands(limit, uses=[])
        assert (one.meter.used, one.resource_id, one.project_id) == (0, None, None)


def test_what_does_not_add_up_has_no_standing() -> None:
    assert stands(Deadline()) == []


def test_the_zone_decides_which_day_it_is() -> None:
    limit = Allowance(most=600, span=Span.DAY)
    assert stands(limit, at("2026-11-24 23:59"))[0].meter.used == 0
    assert stands(limit, at("2026-11-25 00:00"))[0].meter.used == 180
