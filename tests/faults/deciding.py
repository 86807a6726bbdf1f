"""Races at the desk: two of the staff decide, or whoever asked answers or withdraws at the same moment.

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
from tests.faults.races import Figures, booking_key, nobody_twice, request_key
from tests.faults.reader import instant


class Case(NamedTuple):
    """What a racer has asked for and staff are to decide on; for two hours later, if something is proposed."""

    racer: Client
    decider: Client
    other: Client  # who decides too
    place: Place
    where: str
    key: str  # of the booking
    version: str  # of the request
    start: datetime


Step = Callable[[Case], Answer]


def approves(case: Case) -> Answer:
    """One of the staff."""
    return case.decider.post(f"{case.where}/approve", version=case.version)


def approves_too(case: Case) -> Answer:
    """Another one."""
    return case.other.post(f"{case.where}/approve", version=case.version)


def declines(case: Case) -> Answer:
    """Another of the staff."""
    return case.other.post(f"{case.where}/decline", version=case.version, reason="It is full.")


def withdraws(case: Case) -> Answer:
    """Whoever asked."""
    return case.racer.post(f"{case.where}/withdraw", version=case.version)


def shortens(case: Case) -> Answer:
    """Another of the staff approves half an hour of it."""
    return _otherwise(case.other, case, "approve-changed", 0, 0.5)


def proposes(case: Case) -> Answer:
    """Another of the staff would rather have it four hours later."""
    return _otherwise(case.other, case, "propose", 4, 1)


def accepts(case: Case) -> Answer:
    """Whoever asked takes what is proposed."""
    return case.racer.post(f"/proposals/{case.key}/accept", version=case.version)


def refuses(case: Case) -> Answer:
    """They leave it."""
    return case.racer.post(f"/proposals/{case.key}/refuse", version=case.version)


def takes_back(case: Case) -> Answer:
    """Staff propose it no longer."""
    return case.decider.post(f"/proposals/{case.key}/take-back", version=case.version)


def _otherwise(who: Client, case: Case, what: str, hours: float, length: float) -> Answer:
    about = {"booking": case.key, "unit": case.place.unit_keys[0], "version": case.version}
    return who.post(f"{case.where}/{what}", **about, **times(case.start + timedelta(hours=hours), length))


# What each step leaves: the state, and what is held, each as hours later and how many of them.
LEAVES: dict[Step, tuple[str, list[tuple[float, float]]]] = {
    approves: ("approved", [(0, 1)]),
    approves_too: ("approved", [(0, 1)]),
    declines: ("declined", []),
    withdraws: ("withdrawn", []),
    shortens: ("approved", [(0, 0.5)]),
    proposes: ("waiting", [(0, 1), (4, 1)]),
    accepts: ("approved", [(2, 1)]),
    refuses: ("waiting", [(0, 1)]),
    takes_back: ("waiting", [(0, 1)]),
}
DUELS: dict[str, tuple[Step, Step]] = {
    "two approvals": (approves, approves_too),
    "an approval and a refusal": (approves, declines),
    "an approval and a withdrawal": (approves, withdraws),
    "a refusal and a withdrawal": (declines, withdraws),
    "an approval and one with changes": (approves, shortens),
    "an approval and a proposal": (approves, proposes),
    "a proposal and a withdrawal": (proposes, withdraws),
    "taking what is proposed and approving what was asked for": (accepts, approves),
    "taking what is proposed and another proposal": (accepts, proposes),
    "taking what is proposed and declining": (accepts, declines),
    "taking what is proposed and taking it back": (accepts, takes_back),
    "refusing what is proposed and approving what was asked for": (refuses, approves),
}
_OF_PROPOSALS = {accepts, refuses, takes_back}


def duel(arena: Arena, rounds: int, name: str) -> Figures:
    """Two steps with one request at once, each from the page as it was."""
    figures, steps = Figures(name), DUELS[name]
    place = arena.place(asks=Asks.ALWAYS)
    for number in range(rounds):
        case = _case(arena, place, slot(number, hours_apart=12), is_proposed=bool(_OF_PROPOSALS & set(steps)))
        answers = at_once([partial(step, case) for step in steps])
        won = figures.count(answers)
        assert len(won) == 1, f"{len(won)} of two steps were taken"
        taken = next(step for step, one in zip(steps, answers, strict=True) if one.said_yes)
        assert _left(arena, case) == LEAVES[taken], f"after {taken.__name__}"
        assert arena.reader.double_bookings(place.units) == []
    return figures


def proposals(arena: Arena, rounds: int, *, wishes: int = 4) -> Figures:
    """As many of the staff propose the same hour for as many requests at once, while somebody books it: one has it."""
    figures, place = Figures("proposals of one slot"), arena.place(asks=Asks.FORM, holds_on_request=False)
    for number in range(rounds):
        target = slot(number, hours_apart=24) + timedelta(hours=12)
        cases = []
        for position, racer in enumerate(arena.racers[:wishes]):
            start = slot(number, hours_apart=24) + timedelta(hours=2 * position)
            cases.append(_asked(arena, racer, arena.deciders[position], place, start))
        sends = [
            partial(_otherwise, one.decider, one, "propose", (target - one.start) / timedelta(hours=1), 1)
            for one in cases
        ]
        won = figures.count(at_once(sends))
        assert len(won) == 1, f"{len(won)} were proposed one slot"
        assert arena.reader.double_bookings(place.units) == []
        about = "FROM pending_change AS p JOIN booking AS b ON b.id = p.booking_id WHERE b.resource_id = ?"
        assert arena.reader.rows(f"SELECT count(*) {about}", place.resource_id) == [(number + 1,)]
        held = "SELECT count(*) FROM hold AS h JOIN booking AS b ON b.claim_id = h.claim_id WHERE b.resource_id = ?"
        assert arena.reader.rows(held, place.resource_id) == [(number + 1,)]
    return figures


def undone(arena: Arena, rounds: int) -> Figures:
    """Whoever has declined undoes it while another asks for the freed time: one of them has it."""
    figures, place = Figures("undone and asked for"), arena.place(asks=Asks.ALWAYS)
    for number in range(rounds):
        case = _case(arena, place, slot(number, hours_apart=12), is_proposed=False)
        assert case.decider.post(f"{case.where}/decline", version="1", reason="It is full.").said_yes
        rival = arena.racers[1]
        undoes = partial(case.decider.post, f"{case.where}/undo", version="2")
        answers = at_once([undoes, partial(ask, rival, place, case.start)])
        won = figures.count(answers)
        assert len(won) == 1, f"{len(won)} have the same hour"
        nobody_twice(arena, place)
        assert _left(arena, case)[0] == ("waiting" if answers[0].said_yes else "declined")
    return figures


def _case(arena: Arena, place: Place, start: datetime, *, is_proposed: bool) -> Case:
    racer, (decider, other) = arena.racers[0], arena.deciders[:2]
    case = _asked(arena, racer, decider, place, start)._replace(other=other)
    if not is_proposed:
        return case
    assert _otherwise(decider, case, "propose", 2, 1).said_yes
    return case._replace(version="2")


def _asked(arena: Arena, racer: Client, decider: Client, place: Place, start: datetime) -> Case:
    asked = ask(racer, place, start)
    assert asked.said_yes, asked
    key = booking_key(arena, request_key(asked))
    return Case(racer, decider, decider, place, asked.location, key, "1", start)


def _left(arena: Arena, case: Case) -> tuple[str, list[tuple[float, float]]]:
    """What stands and what is held, as in LEAVES."""
    [(state, claim)] = arena.reader.rows("SELECT state, claim_id FROM booking WHERE key = ?", case.key)
    held = arena.reader.rows("SELECT starts_at, ends_at FROM hold WHERE claim_id = ? ORDER BY starts_at", claim)
    buffer = timedelta(minutes=15)
    return state, [
        (_hours(instant(one[0]) + buffer - case.start), _hours(instant(one[1]) - instant(one[0]) - 2 * buffer))
        for one in held
    ]


def _hours(length: timedelta) -> float:
    return length / timedelta(hours=1)
