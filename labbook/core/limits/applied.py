"""A limit of a rule set that applies to a booking, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..facts import Facts, Finding, Said
from ..language import Words
from .limit import Limit


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of an allowance is used: by all who count together, by the person, and with the wanted booking.

    In minutes, or in bookings or days.
    """

    most: int
    used: int
    by_you: int
    would_be: int
    is_minutes: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a limit says of a booking that it concerns; the sentence is made only when somebody wants to read it."""

    is_kept: bool
    tell: Callable[[], Said]
    meter: Callable[[], Meter] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A limit, whose it is, and the resources that count together in it."""

    limit: Limit
    set_key: str
    set_name: Words
    limit_id: str
    resources: frozenset[int]

    @property
    def key(self) -> str:
        """Names the limit for good: of which set, and which of its."""
        return f"{self.set_key}/{self.limit_id}"

    def look(self, facts: Facts) -> Look | None:
        """What it says; None when it does not concern this booking, person or kind of work."""
        return self.limit.look(facts, self) if self.limit.concerns(facts) else None

    def finding(self, look: Look) -> Finding:
        """The same as a finding."""
        return Finding(self.limit.code, self.limit.effect, look.tell(), self.set_name, self.key, self.limit.waives)


def broken(facts: Facts) -> list[Finding]:
    """A finding for each limit that is not kept, in the order of their keys, however they were read."""
    looks = ((one, one.look(facts)) for one in sorted(facts.limits, key=lambda one: one.key))
    return [one.finding(look) for one, look in looks if look is not None and not look.is_kept]
