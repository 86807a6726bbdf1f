"""Two steps: where a resource asks for it, safety has no objection first, and then somebody else approves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple


class Named(NamedTuple):
    """Who is named to decide for a resource, stand-ins included; nobody: its site's staff do."""

    lab: frozenset[int] = frozenset()  # who approve
    safety: frozenset[int] = frozenset()  # who answer for safety, in the first of two steps
    two_steps: bool = False


class Waiting(NamedTuple):
    """Something that waits for a decision: of which resource, and who had no objection to it as for safety."""

    resource_id: int
    cleared_by: int | None = None
    is_decided: bool = False  # what waits is a change of it: that takes one step


class Turn(NamedTuple):
    """Whose turn it is to decide: these people, or nobody in particular; and not those who have decided already."""

    people: frozenset[int]
    is_first: bool  # of two steps: it is about safety
    but: frozenset[int]


def turn_of(named: Mapping[int, Named], waiting: Iterable[Waiting], asked_by: Set[int]) -> Turn:
    """Whose turn it is with what waits of a request, as one.

    Safety comes first, for all that wants it. Where nobody is named for safety but whoever asked, those who approve
    answer for it too. Then somebody else approves.
    """
    several = list(waiting)
    uncleared = {one.resource_id for one in several if needs_clearing(named, one)}
    if uncleared:
        first = (named[one].safety - asked_by or named[one].lab for one in uncleared)
        return Turn(frozenset[int]().union(*first), is_first=True, but=frozenset())
    people = frozenset[int]().union(*(named[one.resource_id].lab for one in several if one.resource_id in named))
    return Turn(people, is_first=False, but=frozenset(one.cleared_by for one in several if one.cleared_by is not None))


def needs_clearing(named: Mapping[int, Named], one: Waiting) -> bool:
    """Whether safety is still to say that it has no objection."""
    is_open = one.cleared_by is None and not one.is_decided
    return is_open and one.resource_id in named and named[one.resource_id].two_steps
