"""What can become of a booking: one table says what follows what."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """Where a booking stands. Stored; never rename."""

    WAITING = "waiting"  # asked for; keeps its time until staff decide
    WISHED = "wished"  # asked for; keeps nothing, staff choose among rivals
    APPROVED = "approved"
    RUNNING = "running"
    FINISHED = "finished"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # nobody decided, or settled what suspended it, before it was to start
    RELEASED = "released"  # given back before its end; holds what was used of it


class Action(StrEnum):
    """A step that somebody, or the clock, takes with a booking."""

    ASK = "ask"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    MOVE = "move"
    EXTEND = "extend"  # it begins earlier or ends later on its unit; else as MOVE
    SHORTEN = "shorten"  # part of its time is given back before that comes
    HAND_OVER = "hand-over"  # to a colleague
    ASK_CHANGE = "ask-change"  # to where staff must decide anew: until then it stands as it is
    GRANT_CHANGE = "grant-change"
    DECLINE_CHANGE = "decline-change"
    WITHDRAW_CHANGE = "withdraw-change"
    END_CHANGE = "end-change"  # nobody decided in time, or something else became of the booking
    CLEAR = "clear"  # the first of two decisions: safety has no objection
    PROPOSE = "propose"  # staff would approve another time or unit, and keep it for a while
    ACCEPT_PROPOSAL = "accept-proposal"
    REFUSE_PROPOSAL = "refuse-proposal"
    END_PROPOSAL = "end-proposal"  # nobody answered in time, or it was decided otherwise
    UNDO = "undo"  # a decision of a moment ago; it waits again, keeping its time
    UNDO_WISH = "undo-wish"  # the same of what kept nothing
    START = "start"
    FINISH = "finish"
    EXPIRE = "expire"
    RELEASE = "release"
    NO_SHOW = "no-show"  # nobody came: the clock gives the rest back


HOLDS_TIME = frozenset({State.WAITING, State.APPROVED, State.RUNNING})  # of what is still to come, or runs
OPEN = frozenset({State.WAITING, State.WISHED})
OVER = frozenset(State) - OPEN - {State.APPROVED, State.RUNNING}  # but for undoing a decision, nothing can become of it
USED = frozenset({State.FINISHED, State.RELEASED})
# What was used goes on holding its past time and its clean-down: were its hold to vanish at its end, rivals would see
# where the bookings within a busy block end, and could book into the clean-down.
KEEPS_HOLD = HOLDS_TIME | USED

MOVES = frozenset(  # it stands elsewhere then
    {Action.MOVE, Action.EXTEND, Action.SHORTEN, Action.GRANT_CHANGE, Action.ACCEPT_PROPOSAL}
)
PROPOSALS = frozenset({Action.PROPOSE, Action.ACCEPT_PROPOSAL, Action.REFUSE_PROPOSAL, Action.END_PROPOSAL})
CHANGES = frozenset(  # what becomes of a change that staff decide on
    {
        Action.ASK_CHANGE,
        Action.GRANT_CHANGE,
        Action.DECLINE_CHANGE,
        Action.WITHDRAW_CHANGE,
        Action.END_CHANGE,
    }
)

NEXT: dict[tuple[State, Action], State] = {
    (State.WAITING, Action.APPROVE): State.APPROVED,
    (State.WISHED, Action.APPROVE): State.APPROVED,
    (State.WAITING, Action.DECLINE): State.DECLINED,
    (State.WISHED, Action.DECLINE): State.DECLINED,
    (State.WAITING, Action.WITHDRAW): State.WITHDRAWN,
    (State.WISHED, Action.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Action.CANCEL): State.CANCELLED,
    (State.WAITING, Action.MOVE): State.WAITING,
    (State.WISHED, Action.MOVE): State.WISHED,
    (State.APPROVED, Action.MOVE): State.APPROVED,
    (State.APPROVED, Action.START): State.RUNNING,
    (State.RUNNING, Action.FINISH): State.FINISHED,
    (State.WAITING, Action.EXPIRE): State.EXPIRED,
    (State.WISHED, Action.EXPIRE): State.EXPIRED,
    (State.APPROVED, Action.EXPIRE): State.EXPIRED,  # still suspended when it was to begin
    (State.RUNNING, Action.RELEASE): State.RELEASED,
    (State.RUNNING, Action.NO_SHOW): State.RELEASED,
}


_UNDECIDED_OR_AHEAD = (State.WAITING, State.WISHED, State.APPROVED)
_DECIDED = (State.APPROVED, State.RUNNING)
NEXT |= {
    **{(state, Action.HAND_OVER): state for state in _UNDECIDED_OR_AHEAD},
    **{(state, action): state for state in (*OPEN, *_DECIDED) for action in (Action.EXTEND, Action.SHORTEN)},
    **{(state, action): state for state in _DECIDED for action in CHANGES},
    **{(state, action): state for state in OPEN for action in (Action.CLEAR, *(PROPOSALS - {Action.ACCEPT_PROPOSAL}))},
    **{(state, Action.ACCEPT_PROPOSAL): State.APPROVED for state in OPEN},
    **{(state, Action.UNDO): State.WAITING for state in (State.APPROVED, State.DECLINED)},
    **{(state, Action.UNDO_WISH): State.WISHED for state in (State.APPROVED, State.DECLINED)},
}


class NotPossibleError(Exception):
    """The booking is not in a state in which this step can be taken."""

    def __init__(self, state: State, action: Action) -> None:
        super().__init__(f"{action} is not possible for a booking that is {state}")
        self.state, self.action = state, action


def after(state: State, action: Action) -> State:
    """The state that `action` leads to. Raises NotPossibleError when the table has no such step."""
    try:
        return NEXT[state, action]
    except KeyError:
        raise NotPossibleError(state, action) from None


def is_possible(state: State, action: Action) -> bool:
    """True when the table has such a step."""
    return (state, action) in NEXT


# A request is where its most demanding booking is: what waits for a decision comes first, what is over last.
_PRECEDENCE = (
    State.WAITING,
    State.WISHED,
    State.RUNNING,
    State.APPROVED,
    State.FINISHED,
    State.RELEASED,
    State.CANCELLED,
    State.DECLINED,
    State.WITHDRAWN,
    State.EXPIRED,
)


def request_state(states: Iterable[State]) -> State:
    """The state of a request, from those of its bookings (at least one)."""
    return min(states, key=_PRECEDENCE.index)
