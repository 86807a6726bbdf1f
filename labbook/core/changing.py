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
