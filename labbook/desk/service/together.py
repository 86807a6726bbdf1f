"""Deciding on many at once: each by itself, so that what stands in the way of one keeps nothing from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from ...bookings.service import (
    NotClearedError,
    RefusedError,
    StaleError,
    UnsignedError,
    WaiverNeededError,
    approve,
    approve_change,
    decline,
    decline_change,
)
from ...core.lifecycle import Action, NotPossibleError
from ...core.permissions import Actor, ForbiddenError, NotFoundError


class Pick(NamedTuple):
    """One of what was chosen: a request, or the booking whose change waits; as it stood on the page."""

    is_change: bool
    key: str
    version: int


class Fault(StrEnum):
    """Why one of them was left as it is."""

    DECIDED = "decided"  # meanwhile
    CHANGED = "changed"  # meanwhile
    REFUSED = "refused"  # by a rule that this person may not waive, or its time is taken
    EXCEPTION = "exception"
    SIGNED = "signed"
    UNCLEARED = "uncleared"  # safety comes first
    NOT_THEIRS = "not-theirs"
    GONE = "gone"


FAULTS: dict[type[Exception], Fault] = {
    NotPossibleError: Fault.DECIDED,
    StaleError: Fault.CHANGED,
    RefusedError: Fault.REFUSED,
    WaiverNeededError: Fault.EXCEPTION,
    UnsignedError: Fault.SIGNED,
    NotClearedError: Fault.UNCLEARED,
    ForbiddenError: Fault.NOT_THEIRS,
    NotFoundError: Fault.GONE,
}


class Outcome(NamedTuple):
    """What became of one."""

    pick: Pick
    fault: Fault | None


def decide_together(
    actor: Actor, picks: Iterable[Pick], action: Action, *, reason: str, now: datetime
) -> list[Outcome]:
    """Approve or decline all of these, each in a transaction of its own, in the order in which they were chosen."""
    return [Outcome(pick, _fault(partial(_decide, actor, pick, action, reason, now))) for pick in dict.fromkeys(picks)]


def _decide(actor: Actor, pick: Pick, action: Action, reason: str, now: datetime) -> None:
    if action is Action.APPROVE:
        (approve_change if pick.is_change else approve)(actor, pick.key, version=pick.version, now=now)
    elif pick.is_change:
        decline_change(actor, pick.key, reason=reason, version=pick.version, now=now)
    else:
        decline(actor, pick.key, reason=reason, version=pick.version, now=now)


def _fault(decide: Callable[[], None]) -> Fault | None:
    try:
        decide()
    except tuple(FAULTS) as error:
        return next(fault for kind, fault in FAULTS.items() if isinstance(error, kind))
    return None
