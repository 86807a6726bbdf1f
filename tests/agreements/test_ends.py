"""Before and after an agreement's end: who is told, once each, and what becomes of the bookings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from labbook.agreements.service import flag_ended, tell_ends
from labbook.worker import once
from tests.agreements.making import (
    agreement_of,
    change_agreement,
    events,
    flags,
    leave_aoba,
    letters,
    renew,
    request_state_of,
)
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.conftest import Clock

DAY = timedelta(days=1)
TOMORROW = ("2026-11-24T10:00", "2026-11-24T11:00")


def ending_in(lab: Cast, days: int) -> None:
    change_agreement(lab, ends_on=date(2026, 11, 23) + timedelta(days=days))


def told() -> list[tuple[str, int]]:
    return sorted((one.address.partition("@")[0], one.values["days"]) for one in letters("agreement-ends"))


def test_coordinators_and_managers_are_told_sixty_thirty_and_seven_days_before(app: Flask, lab: Cast) -> None:
    ending_in(lab, 61)
    for day in range(65):  # Cedar's is told of on the 67th
        for _ in range(2):
            tell_ends(now=NOW + day * DAY)
    assert told() == sorted((name, days) for name in ("cora", "mio") for days in (60, 30, 7))


@on_sqlite
def test_a_missed_day_is_made_up_for_once(app: Flask, lab: Cast) -> None:
    ending_in(lab, 5)
    for day in range(10):
        tell_ends(now=NOW + day * DAY)
    assert told() == [("cora", 5), ("mio", 5)]


@on_sqlite
def test_a_renewed_agreement_ends_quietly(app: Flask, lab: Cast) -> None:
    ending_in(lab, 5)
    renew(lab, starts_on=date(2026, 11, 29))
    assert tell_ends(now=NOW) == 0
    change_agreement(lab, "birch", ends_on=date(2026, 11, 28))
    renew(lab, "birch", starts_on=date(2026, 11, 30))  # a day late
    assert tell_ends(now=NOW) == 1  # to the manager: Birch has no coordinator


@on_sqlite
def test_days_are_those_of_the_site(app: Flask, lab: Cast) -> None:
    change_agreement(lab, site="cambridge", ends_on=date(2027, 1, 22))
    tell_ends(now=NOW)  # still the 22nd of November in Cambridge
    assert told() == []
    tell_ends(now=NOW + timedelta(hours=5))
    assert told() == [("cora", 60)]


def test_what_lies_beyond_a_shortened_agreement_is_suspended_once_it_has_ended(app: Flask, lab: Cast) -> None:
    path = Visitor(app, "hana").book("tsukuba-plain", *TOMORROW).headers["Location"]
    ending_in(lab, 0)
    once(NOW + timedelta(hours=14))
    assert flags() == []
    for _ in range(3):
        once(NOW + timedelta(hours=15))  # midnight in Tsukuba
    assert flags() == [("agreement-ended", None)]
    assert [one.address for one in letters("desk")] == ["sora@lab.example", "mio@lab.example"]
    assert letters("booking") == []  # hana may not see it any more
    assert len(events("booking-flagged")) == 1
    assert request_state_of(path) == "approved"


def test_ending_early_suspends_at_once_and_leaves_the_running_one_alone(app: Flask, lab: Cast, clock: Clock) -> None:
    hana = Visitor(app, "hana")
    running = hana.book("tsukuba-hood", "2026-11-23T09:00", "2026-11-23T11:00").headers["Location"]
    ahead = hana.book("tsukuba-plain", *TOMORROW).headers["Location"]
    waiting = hana.book("tsukuba-asked", *TOMORROW).headers["Location"]
    once(NOW)
    assert request_state_of(running) == "running"
    path = f"/agreements/{agreement_of(lab).key}"
    leave_aoba(lab)
    mio = Visitor(app, "mio")
    answer = mio.submit(mio.get(path), "/end", reason="Moved out")
    assert "2件の予約が保留" in mio.get(answer.headers["Location"]).text
    assert flags() == [("agreement-ended", None)] * 2
    once(NOW)
    once(NOW)
    suspended = [one for one in letters("desk") if len(one.values["events"]) == 2]
    assert [one.address for one in suspended] == ["sora@lab.example", "mio@lab.example"]  # each once, of both
    assert [request_state_of(one) for one in (running, ahead, waiting)] == ["running", "approved", "waiting"]
    clock.now = NOW + timedelta(hours=26)
    once(clock.now)
    assert [request_state_of(one) for one in (running, ahead, waiting)] == ["finished", "expired", "expired"]


def test_a_following_agreement_keeps_the_bookings_that_it_covers(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    hana.book("tsukuba-plain", *TOMORROW)
    hana.book("tsukuba-plain", "2026-12-02T10:00", "2026-12-02T11:00")
    ending_in(lab, -1)
    renew(lab, starts_on=date(2026, 12, 1))
    assert flag_ended(now=NOW) == 1
    assert flag_ended(now=NOW) == 0
    assert flags() == [("agreement-ended", None)]


@pytest.mark.parametrize("covers", [True, False])
def test_a_renewal_that_covers_it_mends_the_flag(app: Flask, lab: Cast, covers: bool) -> None:
    path = Visitor(app, "hana").book("tsukuba-plain", *TOMORROW).headers["Location"]
    ending_in(lab, -1)
    once(NOW)
    renew(lab, starts_on=date(2026, 11, 20) if covers else date(2026, 11, 25))
    once(NOW)
    assert flags() == [("agreement-ended", "mended" if covers else None)]
    assert [one.values["choice"] for one in letters("flag-settled")] == (["mended"] if covers else [])
    once(NOW + timedelta(hours=25, minutes=1))
    assert request_state_of(path) == ("running" if covers else "expired")


@on_sqlite
def test_what_had_mended_can_be_lost_again(app: Flask, lab: Cast) -> None:
    Visitor(app, "hana").book("tsukuba-plain", *TOMORROW)
    ending_in(lab, -1)
    once(NOW)
    ending_in(lab, 30)
    once(NOW)
    assert flags() == [("agreement-ended", "mended")]
    ending_in(lab, -1)
    once(NOW)
    assert flags() == [("agreement-ended", None)]
    assert len(events("booking-flagged")) == 2
