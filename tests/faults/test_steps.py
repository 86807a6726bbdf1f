"""Steps that contradict each other, taken at the same moment; and one form sent several times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from labbook.core.terms import Asks
from tests.cast import fresh_key
from tests.faults import races
from tests.faults.arena import Arena, Place, ask, slot
from tests.faults.browser import Answer, at_once

pytestmark = pytest.mark.race

ENDS = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}


def test_of_approve_decline_and_withdraw_exactly_one_happens(lab_at_risk: Arena, rounds: int) -> None:
    place = lab_at_risk.place(asks=Asks.ALWAYS)
    asker, first, second = lab_at_risk.racers[0], *lab_at_risk.deciders[:2]
    for number in range(rounds):
        made = ask(asker, place, slot(number))
        taken = the_only_yes(
            approve=partial(first.post, f"{made.location}/approve", version="1"),
            decline=partial(second.post, f"{made.location}/decline", version="1", reason="Not on that day."),
            withdraw=partial(asker.post, f"{made.location}/withdraw", version="1"),
        )
        assert state_of(lab_at_risk, place, made) == ENDS[taken]
        races.nobody_twice(lab_at_risk, place)


def test_four_approvals_of_one_request_are_one(lab_at_risk: Arena, rounds: int) -> None:
    place = lab_at_risk.place(asks=Asks.ALWAYS)
    for number in range(rounds):
        made = ask(lab_at_risk.racers[0], place, slot(number))
        staff = enumerate(lab_at_risk.deciders[:4])
        the_only_yes(**{f"by {n}": partial(one.post, f"{made.location}/approve", version="1") for n, one in staff})
        assert history_of(lab_at_risk, made) == ["booking-approve", "booking-ask"]
        assert state_of(lab_at_risk, place, made) == "approved"


def test_of_changes_made_from_one_version_exactly_one_happens(lab_at_risk: Arena, rounds: int) -> None:
    place = lab_at_risk.place()
    asker, first, second = lab_at_risk.racers[0], *lab_at_risk.deciders[:2]
    for number in range(rounds):
        at = slot(number, hours_apart=8)
        made = ask(asker, place, at)
        key = races.booking_key(lab_at_risk, races.request_key(made))
        taken = the_only_yes(
            cancel=partial(asker.post, f"/bookings/{key}/cancel", version="1", reason=""),
            move=partial(races.move, first, place, key, at + timedelta(hours=2)),
            other=partial(races.move, second, place, key, at + timedelta(hours=4)),
        )
        assert state_of(lab_at_risk, place, made) == ("cancelled" if taken == "cancel" else "approved")
        assert len(history_of(lab_at_risk, made)) == 2
        races.nobody_twice(lab_at_risk, place)


def test_one_form_sent_four_times_at_once_is_one_booking(lab_at_risk: Arena, rounds: int) -> None:
    place = lab_at_risk.place(pieces=4)
    for number in range(rounds):
        key = fresh_key()
        with lab_at_risk.racers[0].tabs(4) as tabs:
            send = [partial(ask, tab, place, slot(number), any_unit=True, idempotency_key=key) for tab in tabs]
            answers = [*at_once(send), send[0]()]
            other = ask(tabs[0], place, slot(number), any_unit=True, idempotency_key=key, title="Something else")
        assert {one.status for one in answers} == {303}
        assert len({one.location for one in answers}) == 1
        assert other.status == 422
        assert len(lab_at_risk.reader.states(place.units)) == number + 1


def test_one_key_with_four_contents_at_once_is_one_booking(lab_at_risk: Arena, rounds: int) -> None:
    place = lab_at_risk.place(pieces=4)
    for number in range(rounds):
        send = partial(ask, any_unit=True, idempotency_key=fresh_key())
        with lab_at_risk.racers[0].tabs(4) as tabs:
            sends = [
                partial(send, tab, place, slot(number), title=f"Content {content}") for content, tab in enumerate(tabs)
            ]
            answers = at_once(sends)
        assert sorted(one.status for one in answers) == [303, 422, 422, 422]
        assert len(lab_at_risk.reader.states(place.units)) == number + 1


def the_only_yes(**sends: Callable[[], Answer]) -> str:
    """Take these steps at once: the name of the one that succeeds, while all others are told 409."""
    answers = dict(zip(sends, at_once(list(sends.values())), strict=True))
    statuses = {name: one.status for name, one in answers.items()}
    assert sorted(statuses.values()) == [303] + [409] * (len(sends) - 1), statuses
    return next(name for name, one in answers.items() if one.said_yes)


def state_of(arena: Arena, place: Place, made: Answer) -> str:
    """What has become of a request's booking."""
    return arena.reader.states(place.units)[races.request_key(made)]


def history_of(arena: Arena, made: Answer) -> list[str]:
    """What history says has happened to a request, sorted."""
    sql = "SELECT e.code FROM event AS e JOIN request AS r ON r.id = e.request_id WHERE r.key = ?"
    return sorted(code for (code,) in arena.reader.rows(f"{sql} AND e.booking_id IS NOT NULL", races.request_key(made)))
