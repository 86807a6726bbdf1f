"""What a booking holds and which days it touches."""

from __future__ import annotations

from datetime import date

from labbook.core.interval import local_days
from tests.core.cases import DAY, FACTS, NEW_YORK, TOKYO, facts, span


def test_what_is_held_is_the_booking_with_its_buffers() -> None:
    about = facts(terms={"before": "15 min", "after": "1 h"})
    assert about.held == span("2026-11-24 09:45", "2026-11-24 13:00")
    shelf = facts(
        terms={"before": "0 d", "after": "7 d"}, wanted=local_days(date(2027, 1, 1), date(2027, 1, 31), TOKYO)
    )
    assert shelf.held == local_days(date(2027, 1, 1), date(2027, 2, 7), TOKYO)
    assert facts(terms={"before": "0 min", "after": "0 d"}).held == FACTS.wanted


def test_first_and_last_day_are_those_of_the_site() -> None:
    about = facts(zone=NEW_YORK, wanted=span("2026-11-24 00:00", "2026-11-25 00:00"))
    assert (about.first_on, about.last_on) == (date(2026, 11, 23), date(2026, 11, 24))
    about = facts(wanted=local_days(date(2026, 11, 24), date(2026, 11, 26), TOKYO))
    assert (about.first_on, about.last_on) == (date(2026, 11, 24), date(2026, 11, 26))
    assert about.wanted.length == 3 * DAY
