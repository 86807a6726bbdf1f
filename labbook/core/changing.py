"""What a change of a booking is, and which rules count for it: those about what changes.

To give time back asks for nobody's approval, and little can stand in its way.
"""

from __future__ import annotations

from typing import NamedTuple

from .facts import Effect, Finding, Verdict
from .interval import Interval
from .lifecycle import Action

OF_SHORTER = frozenset({"grid", "too-short", "length", "past"})
"""What can stand in the way of giving time back: the rest of it must still be a booking."""

OF_START = frozenset({"past", "notice", "horizon", "ahead"})
"""What is about the start alone: it was judged when the booking was asked for, and does not change."""


class Change(NamedTuple):
    """Another time or unit for a booking."""

    before: Interval
    wanted: Interval
    same_unit: bool
    is_decided: bool = True  # the old one is approved


def kind_of(before: Interval, wanted: Interval, *, same_unit: bool) -> Action:
    """To shorten, to extend or to move it."""
    if same_unit and before.covers(wanted):
        return Action.SHORTEN
    return Action.EXTEND if same_unit and wanted.covers(before) else Action.MOVE


def counting(verdict: Verdict, change: Change) -> Verdict:
    """What of the verdict about the wanted time counts."""
    is_shorter = kind_of(change.before, change.wanted, same_unit=change.same_unit) is Action.SHORTEN

    def counts(one: Finding) -> bool:
        if one.effect is Effect.NOTE:
            return True
        if one.code in OF_START and change.wanted.start == change.before.start:
            return False
        if not is_shorter:
            return True
        return one.code in OF_SHORTER if one.effect is Effect.REFUSE else not change.is_decided

    return Verdict(tuple(one for one in verdict.findings if counts(one)))


OF_PERSON = frozenset(
    {"hidden", "role", "agreement", "not-covered", "conditions", "training", "training-expired", "biosafety"}
)


def for_a_colleague(theirs: Verdict, as_it_is: Verdict) -> tuple[Finding, ...]:
    """What keeps a booking from being handed over: the rules about people, and what they say of nobody but them.

    Its time and unit stay, so whatever is said of those to the one who has it too is no matter now. That staff would
    have to decide on the one and not on the other is one of the reasons: they are asked for a booking of its own.
    """
    known = {(one.code, one.limit_key) for one in as_it_is.findings if one.effect is not Effect.NOTE}

    def counts(one: Finding) -> bool:
        if one.effect is Effect.NOTE or (one.code in OF_START and not one.limit_key):
            return False
        return one.code in OF_PERSON or (one.code, one.limit_key) not in known

    return tuple(one for one in theirs.findings if counts(one))
