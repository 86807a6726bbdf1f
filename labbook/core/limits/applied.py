"""A limit of a rule set that applies to a booking, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from ..facts import Facts, Finding, Said
from ..language import Words
from .limit import Limit

Bounds = tuple[date | None, date | None]  # both days included; None: open


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
    bounds: tuple[Bounds, ...] = ()  # in force for bookings that begin within all of them

    @property
    def key(self) -> str:
        """Names the limit for good: of which set, and which of its."""
        return f"{self.set_key}/{self.limit_id}"

    def look(self, facts: Facts) -> Look | None:
        """What it says; None when it does not concern this booking, person or kind of work."""
        if self.bounds and not is_within(self.bounds, facts.first_on):
            return None
        return self.limit.look(facts, self) if self.limit.concerns(facts) else None

    def finding(self, look: Look) -> Finding:
        """The same as a finding; of a confidential limit it does not say whose it is."""
        source = Words() if self.limit.is_confidential else self.set_name
        return Finding(self.limit.code, self.limit.effect, look.tell(), source, self.key, self.limit.waives)


def is_within(bounds: Iterable[Bounds], day: date) -> bool:
    """Whether a day lies within all of them."""
    return all((first is None or first <= day) and (last is None or day <= last) for first, last in bounds)


def broken(facts: Facts) -> list[Finding]:
    """A finding for each limit that is not kept, in the order of their keys, however they were read."""
    looks = ((one, one.look(facts)) for one in sorted(facts.limits, key=lambda one: one.key))
    return [one.finding(look) for one, look in looks if look is not None and not look.is_kept]
