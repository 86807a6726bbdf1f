"""What can become of a booking: the whole table, read row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core.lifecycle import (
    HOLDS_TIME,
    KEEPS_HOLD,
    OPEN,
    OVER,
    USED,
    Action,
    NotPossibleError,
    State,
    after,
    is_possible,
    request_state,
)

# From each state (row) by each action (column); a dot where the step cannot be taken.
TABLE = """
           approve   decline   withdraw   cancel     move      start    finish    expire   release   no-show
waiting    approved  declined  withdrawn  .          waiting   .        .         expired  .         .
wished     approved  declined  withdrawn  .          wished    .        .         expired  .         .
approved   .         .         .          cancelled  approved  running  .         expired  .         .
running    .         .         .          .          .         .        finished  .        released  released
finished   .         .         .          .          .         .        .         .        .         .
declined   .         .         .          .          .         .        .         .        .         .
withdrawn  .         .         .          .          .         .        .         .        .         .
cancelled  .         .         .          .          .         .        .         .        .         .
expired    .         .         .          .          .         .        .         .        .         .
released   .         .         .          .          .         .        .         .        .         .
"""
# The same of steps that change a booking without ending it.
CHANGING = """
           extend    shorten   hand-over  ask-change  grant-change  decline-change  withdraw-change  end-change
waiting    waiting   waiting   waiting    .           .             .               .                .
wished     wished    wished    wished     .           .             .               .                .
approved   approved  approved  approved   approved    approved      approved        approved         approved
running    running   running   .          running     running       running         running          running
finished   .         .         .          .           .             .               .                .
declined   .         .         .          .           .             .               .                .
withdrawn  .         .         .          .           .             .               .                .
cancelled  .         .         .          .           .             .               .                .
expired    .         .         .          .           .             .               .                .
released   .         .         .          .           .             .               .                .
"""
# The same of what staff propose, of the first of two decisions, and of undoing one.
DECIDING = """
           clear     propose   accept-proposal   refuse-proposal   end-proposal   undo      undo-wish
waiting    waiting   waiting   approved          waiting           waiting        .         .
wished     wished    wished    approved          wished            wished         .         .
approved   .         .         .                 .                 .              waiting   wished
running    .         .         .                 .                 .              .         .
finished   .         .         .                 .                 .              .         .
declined   .         .         .                 .                 .              waiting   wished
withdrawn  .         .         .                 .                 .              .         .
cancelled  .         .         .                 .                 .              .         .
expired    .         .         .                 .                 .              .         .
released   .         .         .                 .                 .              .         .
"""


def steps() -> dict[tuple[State, Action], State | None]:
    """The tables above, by state and action; asking makes a booking and is a step from no state."""
    found: dict[tuple[State, Action], State | None] = {(state, Action.ASK): None for state in State}
    for table in (TABLE, CHANGING, DECIDING):
        heads, *rows = [line.split() for line in table.strip().splitlines()]
        for state, *cells in rows:
            for head, cell in zip(heads, cells, strict=True):
                found[State(state), Action(head)] = None if cell == "." else State(cell)
    return found


STEPS = steps()


def test_the_table_has_every_state_and_every_action() -> None:
    assert set(STEPS) == {(state, action) for state in State for action in Action}


@pytest.mark.parametrize(("state", "action"), STEPS, ids=str)
def test_every_step_leads_where_the_table_says_or_is_refused(state: State, action: Action) -> None:
    expected = STEPS[state, action]
    assert is_possible(state, action) is (expected is not None)
    if expected is not None:
        assert after(state, action) is expected
        return
    with pytest.raises(NotPossibleError) as refused:
        after(state, action)
    assert (refused.value.state, refused.value.action) == (state, action)
    assert str(refused.value) == f"{action} is not possible for a booking that is {state}"


def test_words_in_the_database_are_never_renamed() -> None:
    assert [str(state) for state in State] == [line.split()[0] for line in TABLE.strip().splitlines()[1:]]
    assert {*TABLE.split(), *CHANGING.split(), *DECIDING.split()} >= {
        str(action) for action in Action if action is not Action.ASK
    }
    assert Action("ask") is Action.ASK


def test_a_booking_keeps_its_unit_while_it_waits_is_approved_or_runs_and_the_time_that_was_used() -> None:
    assert {State.FINISHED, State.RELEASED} == USED
    assert {State.WAITING, State.APPROVED, State.RUNNING} == HOLDS_TIME
    assert HOLDS_TIME | USED == KEEPS_HOLD


def test_every_state_is_open_or_kept_or_over() -> None:
    assert {State.WAITING, State.WISHED} == OPEN
    undone = (Action.UNDO, Action.UNDO_WISH)
    lasting = [action for action in Action if action not in undone]
    assert {state for state in State if not any(is_possible(state, action) for action in lasting)} == OVER
    assert {state for state in OVER if any(is_possible(state, action) for action in undone)} == {State.DECLINED}
    assert set(State) == OVER | OPEN | HOLDS_TIME
    assert USED <= OVER


def test_what_is_over_stays_over_and_everything_can_come_to_an_end() -> None:
    ends = set(OVER)
    for _ in State:
        ends |= {state for (state, _), following in STEPS.items() if following in ends}
    assert ends == set(State)


def test_only_an_approval_or_an_undone_refusal_takes_up_time_that_was_not_held() -> None:
    gained = {key for key, to in STEPS.items() if to in KEEPS_HOLD and key[0] not in KEEPS_HOLD}
    accepted = {(State.WISHED, Action.ACCEPT_PROPOSAL)}  # which held what was proposed
    assert gained == {(State.WISHED, Action.APPROVE), (State.DECLINED, Action.UNDO)} | accepted


# The state of a request


@pytest.mark.parametrize("state", State)
def test_a_request_of_one_booking_is_where_the_booking_is(state: State) -> None:
    assert request_state([state]) is state
    assert request_state([state, state]) is state


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((State.APPROVED, State.WAITING), State.WAITING),
        ((State.RUNNING, State.WISHED), State.WISHED),
        ((State.APPROVED, State.RUNNING), State.RUNNING),
        ((State.CANCELLED, State.APPROVED, State.FINISHED), State.APPROVED),
        ((State.DECLINED, State.FINISHED), State.FINISHED),
        ((State.EXPIRED, State.WITHDRAWN), State.WITHDRAWN),
    ],
)
def test_a_request_is_where_its_most_demanding_booking_is(states: tuple[State, ...], expected: State) -> None:
    assert request_state(states) is expected


@given(st.lists(st.sampled_from(State), min_size=1).flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_the_order_of_its_bookings_does_not_matter(pair: tuple[list[State], list[State]]) -> None:
    one, other = pair
    found = request_state(one)
    assert found is request_state(other)
    assert found in one
    assert not (set(one) & OPEN) or found in OPEN
    assert not (set(one) - OVER) or found not in OVER


def test_a_request_without_bookings_has_no_state() -> None:
    with pytest.raises(ValueError, match="empty"):
        request_state([])
