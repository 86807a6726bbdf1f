"""Who must hear of a step."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from .lifecycle import MOVES, OPEN, Action, State


class Audience(StrEnum):
    """The people around a booking."""

    PERSON = "person"  # for whom it is
    DECIDERS = "deciders"  # who decide on it


HEARS: dict[Action, tuple[Audience, ...]] = {
    Action.ASK: (Audience.DECIDERS, Audience.PERSON),  # whom somebody else has booked for
    Action.APPROVE: (Audience.PERSON,),
    Action.DECLINE: (Audience.PERSON,),
    Action.WITHDRAW: (Audience.PERSON,),
    Action.CANCEL: (Audience.PERSON,),
    Action.MOVE: (Audience.PERSON, Audience.DECIDERS),
    Action.EXTEND: (Audience.PERSON, Audience.DECIDERS),
    Action.SHORTEN: (Audience.PERSON, Audience.DECIDERS),
    Action.HAND_OVER: (Audience.PERSON,),  # and whose it was: a letter goes to both at once
    Action.ASK_CHANGE: (Audience.DECIDERS, Audience.PERSON),
    Action.GRANT_CHANGE: (Audience.PERSON,),
    Action.DECLINE_CHANGE: (Audience.PERSON,),
    Action.WITHDRAW_CHANGE: (Audience.PERSON,),
    Action.END_CHANGE: (Audience.PERSON,),
    Action.CLEAR: (Audience.DECIDERS,),  # who decide after safety
    Action.PROPOSE: (Audience.PERSON,),
    Action.ACCEPT_PROPOSAL: (Audience.DECIDERS,),  # whoever proposed it
    Action.REFUSE_PROPOSAL: (Audience.DECIDERS,),
    Action.END_PROPOSAL: (Audience.PERSON, Audience.DECIDERS),
    Action.UNDO: (),  # what is undone is told to nobody: its letter had not gone out yet
    Action.UNDO_WISH: (),
    Action.EXPIRE: (Audience.PERSON,),
    Action.RELEASE: (Audience.PERSON,),
    Action.NO_SHOW: (Audience.PERSON,),
    Action.START: (),
    Action.FINISH: (),
}


ANSWERED_BY_THEM = frozenset({Action.ASK_CHANGE, Action.ACCEPT_PROPOSAL})
"""Steps of which deciders hear although the booking is decided: they decide on the change, or had proposed it."""


UNDONE_WITHIN = timedelta(minutes=1)
UNDOABLE = frozenset({Action.APPROVE, Action.DECLINE})
"""Decisions that whoever took them can undo for so long; nobody is written to about them before."""


CALENDARS = MOVES | {Action.ASK, Action.APPROVE, Action.CANCEL, Action.HAND_OVER, Action.RELEASE, Action.NO_SHOW}
"""Steps that change what stands in the calendar of whoever has invitations mailed to it, once it is decided."""


def is_for_calendars(action: Action, state: State) -> bool:
    """Whether a step that led to a state is to reach the calendar of whose booking it is, whoever took it."""
    return action in CALENDARS and state not in OPEN


def who_hears(
    action: Action, state: State, *, person_id: int, deciders: frozenset[int], actor_id: int | None
) -> frozenset[int]:
    """The people who must hear; never the one who did it, and deciders only while there is something to decide."""
    people: set[int] = set()
    for audience in HEARS[action]:
        if audience is Audience.PERSON:
            people.add(person_id)
        elif state in OPEN or action in ANSWERED_BY_THEM:
            people |= deciders
    return frozenset(people - {actor_id})
