"""Who must hear of a step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.hearing import ANSWERED_BY_THEM, HEARS, who_hears
from labbook.core.lifecycle import OPEN, Action, State

PERSON, STAFF, OTHER = 1, frozenset({7, 8}), 99

# By the step and the state that it leads to, taken by somebody else: does the person hear, do those who decide?
TABLE = {
    (Action.ASK, State.WAITING): (True, True),
    (Action.ASK, State.WISHED): (True, True),
    (Action.ASK, State.APPROVED): (True, False),
    (Action.APPROVE, State.APPROVED): (True, False),
    (Action.DECLINE, State.DECLINED): (True, False),
    (Action.WITHDRAW, State.WITHDRAWN): (True, False),
    (Action.CANCEL, State.CANCELLED): (True, False),
    (Action.MOVE, State.WAITING): (True, True),
    (Action.MOVE, State.WISHED): (True, True),
    (Action.MOVE, State.APPROVED): (True, False),
    (Action.EXTEND, State.WAITING): (True, True),
    (Action.EXTEND, State.RUNNING): (True, False),
    (Action.SHORTEN, State.WISHED): (True, True),
    (Action.SHORTEN, State.APPROVED): (True, False),
    (Action.HAND_OVER, State.APPROVED): (True, False),
    (Action.HAND_OVER, State.WAITING): (True, False),
    (Action.ASK_CHANGE, State.APPROVED): (True, True),
    (Action.ASK_CHANGE, State.RUNNING): (True, True),
    (Action.GRANT_CHANGE, State.APPROVED): (True, False),
    (Action.DECLINE_CHANGE, State.APPROVED): (True, False),
    (Action.WITHDRAW_CHANGE, State.APPROVED): (True, False),
    (Action.END_CHANGE, State.RUNNING): (True, False),
    (Action.CLEAR, State.WAITING): (False, True),
    (Action.PROPOSE, State.WAITING): (True, False),
    (Action.PROPOSE, State.WISHED): (True, False),
    (Action.ACCEPT_PROPOSAL, State.APPROVED): (False, True),
    (Action.REFUSE_PROPOSAL, State.WAITING): (False, True),
    (Action.END_PROPOSAL, State.WISHED): (True, True),
    (Action.UNDO, State.WAITING): (False, False),
    (Action.UNDO_WISH, State.WISHED): (False, False),
    (Action.START, State.RUNNING): (False, False),
    (Action.FINISH, State.FINISHED): (False, False),
    (Action.EXPIRE, State.EXPIRED): (True, False),
    (Action.RELEASE, State.RELEASED): (True, False),
    (Action.NO_SHOW, State.RELEASED): (True, False),
}


@pytest.mark.parametrize(("action", "state"), TABLE)
def test_those_hear_whom_a_step_concerns(action: Action, state: State) -> None:
    person, deciders = TABLE[action, state]
    heard = who_hears(action, state, person_id=PERSON, deciders=STAFF, actor_id=OTHER)
    assert heard == ({PERSON} if person else set()) | (STAFF if deciders else set())


def test_every_step_says_who_hears() -> None:
    assert set(HEARS) == set(Action) == {action for action, _ in TABLE}


def test_nobody_is_told_what_they_did_themselves() -> None:
    assert who_hears(Action.CANCEL, State.CANCELLED, person_id=PERSON, deciders=STAFF, actor_id=PERSON) == set()
    assert who_hears(Action.ASK, State.WAITING, person_id=7, deciders=STAFF, actor_id=7) == {8}
    assert who_hears(Action.MOVE, State.WAITING, person_id=PERSON, deciders=STAFF, actor_id=PERSON) == STAFF


def test_everybody_hears_of_what_the_clock_did() -> None:
    assert who_hears(Action.EXPIRE, State.EXPIRED, person_id=PERSON, deciders=STAFF, actor_id=None) == {PERSON}


@given(
    st.sampled_from(Action),
    st.sampled_from(State),
    st.integers(1, 9),
    st.frozensets(st.integers(1, 9)),
    st.none() | st.integers(1, 9),
)
def test_nobody_else_ever_hears(
    action: Action, state: State, person: int, deciders: frozenset[int], actor: int | None
) -> None:
    heard = who_hears(action, state, person_id=person, deciders=deciders, actor_id=actor)
    assert heard <= deciders | {person}
    assert actor not in heard
    assert state in OPEN or action in ANSWERED_BY_THEM or heard <= {person}
