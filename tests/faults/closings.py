"""A place is closed at the moment at which many ask for it, on screens as people do."""

from __future__ import annotations

from functools import partial

from tests.cast import fresh_key
from tests.faults.arena import Arena, Place, ask, slot, times
from tests.faults.browser import Answer, Client, at_once
from tests.faults.races import Figures

ASKING = 12


def closed_while_asked_for(arena: Arena, rounds: int) -> Figures:
    """Whoever is told yes stands on the closure's list, and whoever is told no is told that it is closed."""
    figures = Figures("closed while it is asked for")
    staff = arena.deciders[0]
    for number in range(rounds):
        place = arena.place(pieces=ASKING)
        sends = [partial(ask, one, place, slot(number), any_unit=True) for one in arena.racers[:ASKING]]
        closing, *answers = at_once([partial(_close, staff, place, number), *sends])
        assert closing.status == 303, closing.text[:400]
        won = figures.count(answers)
        assert all(one.refusals == {"closed"} for one in answers if not one.said_yes)
        listed = staff.get(closing.location).text.count('name="booking"')
        assert listed == len(won), f"{len(won)} have it, and {listed} are on the list"
    return figures


def _close(staff: Client, place: Place, number: int) -> Answer:
    fields = {"place": f"resource:{place.slug}", "kind": "closure", "reason_en": "A race", "every": "", "stage": "save"}
    batch = fresh_key().encode().hex()[:24]
    return staff.post("/sites/tsukuba/closures/new", **times(slot(number), 4), **fields, batch=batch)
