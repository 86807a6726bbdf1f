"""A place is closed at the moment at which many ask for it, on screens as people do."""

from __future__ import annotations

from functools import partial

from tests.cast import fresh_key
from tests.faults.arena import Arena, Place, ask, slot, times
from tests.faults.browser import Answer, Client, at_once
from tests.faults.races import Figures

ASKING = 12
DATES = 3


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


def taken_over_at_once(arena: Arena, rounds: int) -> Figures:
    """A calendar file that several people take over at the same moment closes each of its dates once."""
    figures = Figures("one file, taken over by many")
    for number in range(rounds):
        place = arena.place()
        sends = [partial(_take_over, one, place) for one in arena.deciders]
        won = figures.count(at_once(sends))
        closings = {one.location for one in won}
        assert len(closings) == 1, f"{len(closings)} closings of one file, round {number}"
        dates = arena.deciders[0].get(won[0].location).text.count("/change")
        assert dates == DATES, f"{dates} dates instead of {DATES}"
    return figures


def _take_over(staff: Client, place: Place) -> Answer:
    dates = [f"202612{day:02}T000000|202612{day:02}T010000|{day:032}|0|Visit" for day in range(1, DATES + 1)]
    fields = {"place": f"resource:{place.slug}", "kind": "maintenance", "stage": "save"}
    batch = fresh_key().encode().hex()[:24]
    return staff.post("/sites/tsukuba/closures/import/close", **fields, dates=dates, batch=batch)


def _close(staff: Client, place: Place, number: int) -> Answer:
    fields = {"place": f"resource:{place.slug}", "kind": "closure", "reason_en": "A race", "every": "", "stage": "save"}
    batch = fresh_key().encode().hex()[:24]
    return staff.post("/sites/tsukuba/closures/new", **times(slot(number), 4), **fields, batch=batch)
