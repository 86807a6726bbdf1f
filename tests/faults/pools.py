"""Races for alike units, and for what is held together: a suite and the benches in it."""

from __future__ import annotations

from functools import partial
from random import Random

from labbook.core.links import LinkKind
from labbook.db import db, transactional
from labbook.models import ResourceLink
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.browser import Answer, at_once
from tests.faults.races import Figures, nobody_twice, refused_because_taken

CLIENTS, UNITS = 16, 8


def any_of(arena: Arena, rounds: int) -> Figures:
    """Twice as many people as there are units ask for any of them at once: each unit is taken once, none is left."""
    figures, place = Figures(f"{CLIENTS} take any of {UNITS} units"), arena.place(pieces=UNITS)
    for number in range(rounds):
        answers = at_once([partial(ask, one, place, slot(number), any_unit=True) for one in arena.racers[:CLIENTS]])
        won = figures.count(answers)
        nobody_twice(arena, place)
        refused_because_taken(answers)
        assert len(won) == UNITS, f"{len(won)} of {CLIENTS} were told yes for {UNITS} units"
        assert _units_taken(arena, place, number + 1) == sorted(place.units)
    return figures


def _units_taken(arena: Arena, place: Place, rounds: int) -> list[int]:
    """The units that hold as many bookings as there were rounds."""
    sql = "SELECT unit_id, count(*) FROM booking WHERE resource_id = ? AND state = 'approved' GROUP BY unit_id"
    return sorted(unit for unit, count in arena.reader.rows(sql, place.resource_id) if count == rounds)


def suite_and_benches(arena: Arena, rounds: int, *, benches: int = 4, seed: int = 7) -> Figures:
    """Some ask for a suite while others ask for the benches in it, in any order: never both, and never neither."""
    figures, dice = Figures("a suite against its benches"), Random(seed)
    suite, inside = arena.place(), arena.place(pieces=benches)
    with arena.app.app_context():
        _contains(suite, inside)
        db.session.remove()
    for number in range(rounds):
        at = slot(number)
        sends = [partial(ask, one, suite, at) for one in arena.racers[:benches]]
        sends += [partial(ask, one, inside, at, any_unit=True) for one in arena.racers[benches : 2 * benches]]
        order = dice.sample(range(2 * benches), 2 * benches)
        sent = dict(zip(order, at_once([sends[one] for one in order]), strict=True))
        answers = [sent[one] for one in range(2 * benches)]
        figures.count(answers)
        _never_both(arena, suite, inside, answers[:benches], answers[benches:])
    return figures


@transactional
def _contains(suite: Place, inside: Place) -> None:
    link = ResourceLink(resource_id=suite.resource_id, other_id=inside.resource_id, kind=LinkKind.CONTAINS)
    db.session.add(link)


def _never_both(arena: Arena, suite: Place, inside: Place, for_suite: list[Answer], for_benches: list[Answer]) -> None:
    """Either one has the suite and with it every bench, or the benches have a taker each."""
    assert arena.reader.double_bookings([*suite.units, *inside.units]) == [], "double booking"
    wins = sum(one.said_yes for one in for_suite), sum(one.said_yes for one in for_benches)
    assert wins in ((1, 0), (0, len(inside.units))), f"suite {wins[0]}, benches {wins[1]}"
    reasons = set().union(*(one.refusals for one in (*for_suite, *for_benches) if not one.said_yes))
    assert reasons <= {"taken", "linked"}, reasons
    held = [len(_holds(arena, unit)) for unit in inside.units]
    assert len(set(held)) == 1, f"some benches are held and others are not: {held}"


def _holds(arena: Arena, unit: int) -> list[object]:
    return arena.reader.rows("SELECT id FROM hold WHERE unit_id = ?", unit)
