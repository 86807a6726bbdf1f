"""Races of staff who say "nevertheless": of two exceptions for one time, and of one exception twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial

from labbook.core.limits.length import Length
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.browser import Answer, Client, at_once
from tests.faults.races import Figures, nobody_twice, request_key


def exceptions(arena: Arena, rounds: int, *, wishes: int = 2) -> Figures:
    """Several exceptions are asked for the same time; as many of the staff waive the rule for one each, at once."""
    figures, place = Figures(f"{wishes} exceptions for one time"), _strict_place(arena)
    for number in range(rounds):
        asked = [_exception(one, place, slot(number, hours_apart=6)) for one in arena.racers[:wishes]]
        answers = _waived_at_once(arena, asked)
        won = figures.count(answers)
        nobody_twice(arena, place)
        assert len(won) == 1, f"{len(won)} exceptions were approved for one time"
        states = Counter(arena.reader.states(place.units)[request_key(one)] for one in asked)
        assert states == {"approved": 1, "wished": wishes - 1}
        assert all("Someone else holds this time" in one.text for one in answers if not one.said_yes), (
            "the loser was not told why"
        )
        waived = {key: _waivers(arena, key) for key in map(request_key, asked)}
        assert sorted(waived.values()) == [*([0] * (wishes - 1)), 1], f"waivers outlived a lost race: {waived}"
    return figures


def twice(arena: Arena, rounds: int, *, staff: int = 2) -> Figures:
    """Several of the staff waive the rule for the same exception at once."""
    figures, place = Figures(f"{staff} approvals of one exception"), _strict_place(arena)
    for number in range(rounds):
        asked = _exception(arena.racers[0], place, slot(number, hours_apart=6))
        answers = _waived_at_once(arena, [asked] * staff)
        won = figures.count(answers)
        assert len(won) == 1, f"{len(won)} approved one exception"
        assert arena.reader.states(place.units)[request_key(asked)] == "approved"
        assert _waivers(arena, request_key(asked)) == 1, "a rule was waived twice"
        assert _waived_in_history(arena, request_key(asked)) == 1, "history has a waiver of the one who lost"
    return figures


def _strict_place(arena: Arena) -> Place:
    place = arena.place()
    arena.limit(place, Length(longest=60))
    return place


def _exception(client: Client, place: Place, at: datetime) -> Answer:
    asked = ask(client, place, at, hours=2, as_request="1", purpose="The cells cannot wait.")
    assert asked.said_yes, asked
    return asked


def _waived_at_once(arena: Arena, asked: list[Answer]) -> list[Answer]:
    sends = [
        partial(one.post, f"{wish.location}/approve", version="1", waiver=f"Reason {number}.")
        for number, (one, wish) in enumerate(zip(arena.deciders, asked, strict=False))
    ]
    return at_once(sends)


def _waivers(arena: Arena, key: str) -> int:
    sql = (
        "SELECT count(*) FROM waiver AS w JOIN booking AS b ON b.id = w.booking_id"
        " JOIN request AS r ON r.id = b.request_id WHERE r.key = ?"
    )
    return int(arena.reader.rows(sql, key)[0][0])


def _waived_in_history(arena: Arena, key: str) -> int:
    sql = (
        "SELECT count(*) FROM event AS e JOIN request AS r ON r.id = e.request_id"
        " WHERE r.key = ? AND e.code = 'rule-waived'"
    )
    return int(arena.reader.rows(sql, key)[0][0])
