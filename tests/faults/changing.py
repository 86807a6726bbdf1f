"""Races about one booking: moved twice, moved and cancelled, its change approved while something else becomes of it.

Of two steps from the same page exactly one is taken, and what is held afterwards is what that step leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from labbook.core.terms import Asks
from tests.faults.arena import Arena, Place, ask, slot, times
from tests.faults.browser import Answer, Client, at_once
from tests.faults.races import Figures, booking_key, request_key
from tests.faults.reader import instant


class Case(NamedTuple):
    """One booking of a racer, approved by staff, as a step finds it."""

    racer: Client
    decider: Client
    other: Client  # who decides too
    place: Place
    key: str
    version: str
    start: datetime


Step = Callable[[Case], Answer]


def _move(case: Case, who: Client, hours: int) -> Answer:
    at = times(case.start + timedelta(hours=hours))
    return who.post(f"/bookings/{case.key}/move", unit=case.place.unit_keys[0], version=case.version, **at)


def asks(case: Case) -> Answer:
    """Its person wants it two hours later, on which staff decide."""
    return _move(case, case.racer, 2)


def moves(case: Case) -> Answer:
    """Staff move it by four hours, which is a decision."""
    return _move(case, case.decider, 4)


def cancels(case: Case) -> Answer:
    """Its person gives it up."""
    return case.racer.post(f"/bookings/{case.key}/cancel", version=case.version, reason="", seen="")


def revokes(case: Case) -> Answer:
    """Staff cancel it."""
    return case.decider.post(f"/bookings/{case.key}/cancel", version=case.version, reason="Repair", seen="")


def approves(case: Case) -> Answer:
    """Staff approve its change."""
    return case.decider.post(f"/bookings/{case.key}/change/approve", version=case.version)


def declines(case: Case) -> Answer:
    """Others of the staff decline it."""
    return case.other.post(f"/bookings/{case.key}/change/decline", version=case.version, reason="No")


# What each step leaves: the state, how many hours later the booking stands, and what is held, in hours later.
LEAVES: dict[Step, tuple[str, int, list[int]]] = {
    asks: ("approved", 0, [0, 2]),
    moves: ("approved", 4, [4]),
    cancels: ("cancelled", 0, []),
    revokes: ("cancelled", 0, []),
    approves: ("approved", 2, [2]),
    declines: ("approved", 0, [0]),
}
DUELS: dict[str, tuple[Step, Step]] = {
    "two moves": (asks, moves),
    "a move and a cancellation": (moves, cancels),
    "a change and a cancellation": (asks, revokes),
    "a change approved and cancelled": (approves, cancels),
    "a change approved and declined": (approves, declines),
}


def duel(arena: Arena, rounds: int, name: str) -> Figures:
    """Two steps with one booking at once, each from the page as it was."""
    figures, steps = Figures(name), DUELS[name]
    place = arena.place(asks=Asks.ALWAYS)
    for number in range(rounds):
        case = _case(arena, place, slot(number, hours_apart=12), is_asked=approves in steps)
        answers = at_once([partial(step, case) for step in steps])
        won = figures.count(answers)
        assert len(won) == 1, f"{len(won)} of two steps were taken"
        taken = next(step for step, one in zip(steps, answers, strict=True) if one.said_yes)
        assert _left(arena, case) == LEAVES[taken], f"after {taken.__name__}"
        assert arena.reader.double_bookings(place.units) == []
    return figures


def _case(arena: Arena, place: Place, start: datetime, *, is_asked: bool) -> Case:
    racer, (decider, other) = arena.racers[0], arena.deciders[:2]
    asked = ask(racer, place, start)
    assert asked.said_yes, asked
    assert decider.post(f"{asked.location}/approve", version="1").said_yes
    case = Case(racer, decider, other, place, booking_key(arena, request_key(asked)), "2", start)
    if not is_asked:
        return case
    assert asks(case).said_yes
    return case._replace(version="3")


def _left(arena: Arena, case: Case) -> tuple[str, int, list[int]]:
    """What stands and what is held, as in LEAVES; a change that waits is held besides."""
    state, claim, starts = arena.reader.rows("SELECT state, claim_id, wall_start FROM booking WHERE key = ?", case.key)[
        0
    ]
    held = arena.reader.rows("SELECT starts_at FROM hold WHERE claim_id = ? ORDER BY starts_at", claim)
    waits = arena.reader.rows(
        "SELECT p.starts_at FROM pending_change AS p JOIN booking AS b ON b.id = p.booking_id WHERE b.key = ?", case.key
    )
    assert len(waits) == (len(held) == 2), "what waits and what is held do not agree"
    stands = datetime.fromisoformat(starts).replace(tzinfo=case.start.tzinfo)
    return state, _hours(stands, case), [_hours(instant(one[0]) + timedelta(minutes=15), case) for one in held]


def _hours(at: datetime, case: Case) -> int:
    return int((at - case.start) / timedelta(hours=1))
