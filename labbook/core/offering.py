"""When freed time is offered to somebody who waits for it, and for how long it is kept for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from .facts import Facts, Shut
from .interval import Interval
from .language import Words

SOONEST = timedelta(minutes=30)  # what begins sooner is offered to nobody: they would hear of it too late


class Answer(StrEnum):
    """What became of an offer. Stored; never rename."""

    TAKEN = "taken"
    REFUSED = "refused"
    LAPSED = "lapsed"


class Outcome(StrEnum):
    """How waiting ended. Stored; never rename."""

    TAKEN = "taken"
    LEFT = "left"  # by the person themselves
    PASSED = "passed"  # the time that would have done is over, or all of it was offered
    RIGHTS = "rights"  # the account, the membership or the agreement ended


def kept_until(now: datetime, start: datetime, longest: timedelta) -> datetime | None:
    """Until when an offer made now stands: for the usual time, but at most half of what is left until it begins.

    None when it begins too soon to be offered to anybody.
    """
    left = start - now
    return None if left < SOONEST else now + min(longest, left / 2)


def is_past(stretch: Interval, length: timedelta, now: datetime) -> bool:
    """Whether no time within the stretch can begin late enough any more."""
    return stretch.end - length < now + SOONEST


def only_within(facts: Facts, stretch: Interval, known: Interval, passed: Iterable[Interval]) -> Facts:
    """The facts as though all were shut but the stretch that would do, without what the person has let pass."""
    outside = [Interval(known.start, stretch.start), Interval(stretch.end, known.end)]
    return replace(facts, shut=(*facts.shut, *(Shut(one, Words()) for one in (*outside, *passed))))
