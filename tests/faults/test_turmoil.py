"""Everybody does something else at once: asks, moves, cancels, withdraws, approves and declines, on the same places."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest

from labbook.core.terms import Asks
from tests.faults import races
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.browser import Answer, Client, at_once

pytestmark = pytest.mark.race

_STANDING = """
SELECT p.email, r.key, b.key, b.state, r.version, b.version, b.resource_id FROM booking AS b
JOIN request AS r ON r.id = b.request_id JOIN person AS p ON p.id = b.person_id
WHERE b.state IN ('waiting', 'wished', 'approved') AND b.unit_id IN
"""
_EVENTS = (  # that a change which waits ends with another step is no step of its own
    "SELECT count(*) FROM event AS e JOIN booking AS b ON b.id = e.booking_id"
    " WHERE e.code <> 'booking-end-change' AND b.unit_id IN"
)
STATISTICS_SETTLE = 1.5  # seconds until PostgreSQL's processes have told their counters


def test_in_a_turmoil_every_yes_is_one_event_and_nobody_deadlocks(lab_at_risk: Arena, rounds: int) -> None:
    arena, dice, said = lab_at_risk, Random(7), Counter[int]()
    places = [
        arena.place(),
        arena.place(pieces=2),
        arena.place(asks=Asks.ALWAYS),
        arena.place(asks=Asks.FORM, holds_on_request=False),
    ]
    units = [unit for place in places for unit in place.units]
    for _ in range(rounds * 2):
        answers = at_once(_jobs(arena, places, units, dice))
        said.update(one.status for one in answers)
        assert set(said) <= {303, 409}, said
        for place in places:
            races.nobody_twice(arena, place)
        among = ", ".join(map(str, units))
        assert arena.reader.rows(f"{_EVENTS} ({among})") == [(said[303],)]
    assert said[303] > rounds * 2, said
    assert _deadlocks(arena) == 0


def _jobs(arena: Arena, places: list[Place], units: list[int], dice: Random) -> list[Callable[[], Answer]]:
    standing = arena.reader.rows(f"{_STANDING} ({', '.join(map(str, units))})")
    own: dict[str, list[tuple[str, ...]]] = {}
    for email, *booking in standing:
        own.setdefault(email.partition("@")[0], []).append(tuple(booking))
    jobs = []
    for number, racer in enumerate(arena.racers):
        mine = own.get(f"racer-{number}", [])
        if mine and dice.random() < 0.6:
            jobs.append(_change(racer, dice.choice(mine), places, dice))
        else:
            place = dice.choice(places)
            any_unit = len(place.units) > 1
            jobs.append(partial(ask, racer, place, _some_time(dice), dice.randint(1, 4) / 2, any_unit=any_unit))
    to_decide = [row for row in standing if row[3] in ("waiting", "wished")]
    for decider in arena.deciders if to_decide else []:
        _, key, _, _, version, *_ = dice.choice(to_decide)
        step = dice.choice(["approve", "approve", "decline"])
        jobs.append(partial(decider.post, f"/requests/{key}/{step}", version=str(version), reason="Not then."))
    return jobs


def _change(racer: Client, mine: tuple[str, ...], places: list[Place], dice: Random) -> Callable[[], Answer]:
    request_key, booking_key, state, request_version, version, resource_id = mine
    if dice.random() < 0.5:
        place = next(one for one in places if one.resource_id == int(resource_id))
        return partial(races.move, racer, place, booking_key, _some_time(dice), int(version))
    if state == "approved":
        return partial(racer.post, f"/bookings/{booking_key}/cancel", version=str(version), reason="")
    return partial(racer.post, f"/requests/{request_key}/withdraw", version=str(request_version))


def _some_time(dice: Random) -> datetime:
    return slot(0) + timedelta(minutes=30 * dice.randrange(60))


def _deadlocks(arena: Arena) -> int:
    if arena.reader.is_sqlite:
        return 0
    time.sleep(STATISTICS_SETTLE)
    [(count,)] = arena.reader.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(count)
