"""Waiting for a lock is bounded: it ends in 503 with nothing written, and everything goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from labbook.db import _LOCK_ORDER, Lock
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.browser import at_once

pytestmark = pytest.mark.race

BOUND = 0.5  # seconds; what the impatient test build waits for
SLACK = 2.0  # for a busy machine


@contextmanager
def held_elsewhere(arena: Arena, place: Place) -> Iterator[None]:
    """Somebody else keeps the lock that every writer of this place needs."""
    connection = arena.reader.connected()
    try:
        connection.execute("BEGIN IMMEDIATE" if arena.reader.is_sqlite else "BEGIN")
        if not arena.reader.is_sqlite:
            number = _LOCK_ORDER[Lock.UNIT]
            connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", [number, place.units[0]])
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_lock_that_is_held_too_long_ends_in_503(impatient_lab: Arena) -> None:
    place = impatient_lab.place()
    key = "the-same-form"
    with held_elsewhere(impatient_lab, place):
        answer = ask(impatient_lab.racers[0], place, slot(0), idempotency_key=key)
        assert answer.status == 503
        assert BOUND * 0.9 < answer.seconds < BOUND + SLACK
        assert impatient_lab.reader.states(place.units) == {}
    assert ask(impatient_lab.racers[0], place, slot(0), idempotency_key=key).said_yes


def test_all_who_wait_are_told_and_no_thread_hangs(impatient_lab: Arena) -> None:
    place = impatient_lab.place()
    with held_elsewhere(impatient_lab, place):
        answers = at_once([partial(ask, one, place, slot(0)) for one in impatient_lab.racers])
        assert {one.status for one in answers} == {503}
        assert max(one.seconds for one in answers) < 3 * BOUND + SLACK  # 32 wait in 24 threads: two turns
    after = at_once([partial(one.get, "/sites/tsukuba/day") for one in impatient_lab.racers])
    assert {one.status for one in after} == {200}


def test_pages_are_read_while_a_writer_holds_the_lock(impatient_lab: Arena) -> None:
    place = impatient_lab.place()
    with held_elsewhere(impatient_lab, place):
        answer = impatient_lab.racers[0].get("/sites/tsukuba/day")
    assert answer.status == 200
    assert answer.seconds < BOUND + SLACK
